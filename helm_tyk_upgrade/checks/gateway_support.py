"""Whether the planned gateway and chart versions are still supported.

Passes: 5.13.1 is the current LTS, in the newest chart.
Fails: 5.9.1 (what tyk-oss 4.0.0 to 5.3.0 pin) is end of life since 2025-10-13.
Fails: tyk-oss 3.0.0: of its charts Tyk supports only the newest release.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.knowledge import CHART_NOT_SUPPORTED
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "gateway-support"
TITLE = "Are the planned versions supported?"
DEFAULT = Policy.WARN
HINT = "choose a supported version with --gateway-version"
_CHART = "leave --version out for the newest chart"


def run(facts: Facts, changes: Changes) -> Verdict:
    gateway, charts = facts.gateway_support, _charts(facts)
    if isinstance(gateway, Known) and gateway.value.startswith("end of life"):
        return failed(ID, gateway.value, *charts, hint=_offer(facts))
    if charts:
        told = gateway.value if isinstance(gateway, Known) else f"unknown: {gateway.reason}"
        return failed(ID, charts[0], f"the gateway: {told}", hint=_CHART)
    if isinstance(gateway, Unknown):
        return unknown(ID, gateway.reason)
    return passed(ID, gateway.value)


def _charts(facts: Facts) -> tuple[str, ...]:
    """What the records say of the planned chart's support; empty where nothing speaks against it."""
    if isinstance(facts.transitions, Unknown):
        return ()
    return tuple(one.what for one in facts.transitions.value if one.id == CHART_NOT_SUPPORTED)


def _offer(facts: Facts) -> str:
    offer = facts.gateway_offer
    return f"--gateway-version {offer} (the newest LTS patch)" if offer else ""
