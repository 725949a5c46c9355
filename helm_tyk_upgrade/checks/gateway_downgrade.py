"""Whether the gateway image would go back although nobody asked for it.

Passes: v5.3.8 -> v5.9.1.
Fails: chart 1.6.0 -> 2.0.0 moves the gateway from v5.5.0 to v5.3.5.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown
from helm_tyk_upgrade.model.version import compare

ID = "gateway-downgrade"
TITLE = "Does the gateway version go back?"
DEFAULT = Policy.FAIL
HINT = "give --gateway-version, or --policy gateway-downgrade=warn when it is meant"


def run(facts: Facts, changes: Changes) -> Verdict:
    if isinstance(facts.gateway_before, Unknown):
        return unknown(ID, facts.gateway_before.reason)
    if isinstance(facts.gateway, Unknown):
        return unknown(ID, facts.gateway.reason)
    planned = facts.gateway.value.version
    if isinstance(planned, Unknown):
        return unknown(ID, planned.reason)
    old, new = facts.gateway_before.value, planned.value
    if compare(new, old) < 0 and facts.gateway_asked:
        return passed(ID, f"the gateway goes back from {old} to {new}, as --gateway-version asks")
    if compare(new, old) < 0:
        return failed(ID, f"the gateway would go back from {old} to {new}")
    return passed(
        ID, f"the gateway stays at {new}" if new == old else f"the gateway goes from {old} to {new}"
    )
