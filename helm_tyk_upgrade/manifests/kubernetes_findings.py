"""All that Kubernetes itself means for an upgrade, in one record. Pure; what could not be asked stays unknown."""

from __future__ import annotations

from collections.abc import Iterable

from helm_tyk_upgrade.manifests.autoscaling import rescaled
from helm_tyk_upgrade.manifests.crds import ChartCrd, outdated
from helm_tyk_upgrade.manifests.interruptions import interruptions
from helm_tyk_upgrade.manifests.kubernetes_apis import old_apis
from helm_tyk_upgrade.manifests.split import Manifest, split
from helm_tyk_upgrade.model.facts import GatewayObject
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.kubernetes import KubernetesFindings, OutdatedCrd, Rescaled
from helm_tyk_upgrade.model.server import LiveNeighbours


def kubernetes_findings(
    stored: Manifest,
    new: Manifest,
    namespace: str,
    gateways: Iterable[GatewayObject],
    neighbours: LiveNeighbours,
    carried: Maybe[tuple[ChartCrd, ...]],
    record_bytes: Maybe[int],
    *,
    server_side: bool,
) -> KubernetesFindings:
    """What the records, the live neighbours and the two manifests (hooks among the objects) mean. namespace: the
    release's; gateways: of the new manifest; carried: `crds.chart_crds`; record_bytes: `release_record.record_bytes`;
    server_side: how Helm would apply the objects. Raises UnreadableYaml."""
    old, rendered = split(stored), split(new)
    scalers = neighbours.autoscalers.value if isinstance(neighbours.autoscalers, Known) else None
    budgets = neighbours.budgets.value if isinstance(neighbours.budgets, Known) else None
    names = {(gateway.kind, gateway.name) for gateway in gateways}
    return KubernetesFindings(
        apis=old_apis(old, rendered, neighbours.kubernetes),
        interruptions=Known(interruptions(old, rendered, names, scalers, budgets, namespace)),
        rescaled=_rescaled(old, rendered, namespace, neighbours, server_side),
        crds=_crds(carried, neighbours),
        record_bytes=record_bytes,
    )


def _rescaled(
    stored: Manifest, new: Manifest, namespace: str, neighbours: LiveNeighbours, server_side: bool
) -> Maybe[tuple[Rescaled, ...]]:
    scalers = neighbours.autoscalers
    if isinstance(scalers, Unknown):
        return scalers
    return Known(rescaled(split(stored), split(new), scalers.value, namespace, server_side=server_side))


def _crds(carried: Maybe[tuple[ChartCrd, ...]], neighbours: LiveNeighbours) -> Maybe[tuple[OutdatedCrd, ...]]:
    if isinstance(carried, Unknown):
        return carried
    if not carried.value:
        return Known(())
    if isinstance(neighbours.crds, Unknown):
        return neighbours.crds
    return Known(outdated(carried.value, neighbours.crds.value))
