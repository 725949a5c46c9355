"""Whether the gateway would be gone, or all of it replaced at once instead of pod by pod.

Passes: the gateway's Deployment is in the new manifest too, with at least one replica.
Fails: the new values disable the gateway's subchart; it is scaled to zero; its Deployment becomes a StatefulSet.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts, GatewayObject
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, not_applicable, passed

ID = "gateway-removed"
TITLE = "Would the gateway be removed, stopped or replaced at once?"
DEFAULT = Policy.FAIL
HINT = "keep its kind, name and replicas in the values, or --policy gateway-removed=warn where the outage is meant"


def run(facts: Facts, changes: Changes) -> Verdict:
    if not facts.gateways_before:
        return not_applicable(ID, "the release's manifest has no Tyk gateway")
    found = [
        loss
        for gateway in facts.gateways_before
        if (loss := _loss(gateway, facts.gateways_after)) is not None
    ]
    if found:
        return failed(ID, found[0], *found[1:])
    return passed(ID, f"{facts.gateways_before[0]} stays and is replaced pod by pod")


def _loss(before: GatewayObject, after: tuple[GatewayObject, ...]) -> str | None:
    place = (before.namespace, before.name)
    now = next((one for one in after if (one.namespace, one.name) == place), None)
    if now is None:
        others = f"; {', '.join(map(str, after))} would be new" if after else ""
        return f"{before} is not in the new manifest: Helm would delete it with all its pods{others}"
    if now.kind != before.kind:
        return f"{before} becomes a {now.kind}: all its pods are replaced at once"
    if now.replicas == Known(0):
        return f"{before} would have 0 replicas: no pod would serve"
    return None
