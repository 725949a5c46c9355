"""Whether the planned versions have faults that Tyk or its users published.

Passes: 5.13.1.
Fails: 5.8.3: /hello answers 503 and kills pods on a Redis blip.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "known-bad-target"
TITLE = "Has a planned version known faults?"
DEFAULT = Policy.WARN
HINT = "choose another version with --gateway-version or --version"


def run(facts: Facts, changes: Changes) -> Verdict:
    if facts.known_bad:
        return failed(ID, facts.known_bad[0], *facts.known_bad[1:], hint=_offer(facts))
    if isinstance(facts.gateway, Unknown):
        return unknown(ID, facts.gateway.reason)
    if isinstance(facts.gateway.value.version, Unknown):
        return unknown(ID, facts.gateway.value.version.reason)
    return passed(ID, "no fault of these versions is on record")


def _offer(facts: Facts) -> str:
    """The better gateway that the plan found, where a fault is the gateway's; charts: the general hint."""
    ours = any(fault.startswith("gateway ") for fault in facts.known_bad)
    return (
        f"--gateway-version {facts.gateway_offer} (the newest LTS patch)"
        if ours and facts.gateway_offer
        else ""
    )
