"""Whether the planned gateway version is still supported.

Passes: 5.13.1 is the current LTS.
Fails: 5.9.1 (what tyk-oss 4.0.0 to 5.3.0 pin) is end of life since 2025-10-13.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "gateway-support"
TITLE = "Is the planned gateway version supported?"
DEFAULT = Policy.WARN
HINT = "choose a supported version with --gateway-version"


def run(facts: Facts, changes: Changes) -> Verdict:
    if isinstance(facts.gateway_support, Unknown):
        return unknown(ID, facts.gateway_support.reason)
    if facts.gateway_support.value.startswith("end of life"):
        return failed(ID, facts.gateway_support.value, hint=_offer(facts))
    return passed(ID, facts.gateway_support.value)


def _offer(facts: Facts) -> str:
    offer = facts.gateway_offer
    return f"--gateway-version {offer} (the newest LTS patch)" if offer else ""
