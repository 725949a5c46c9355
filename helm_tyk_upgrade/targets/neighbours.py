"""The live objects beside a release that decide how its upgrade goes. Each question has its own answer: what one of
them could not be told leaves the others as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.manifests.autoscaling import target
from helm_tyk_upgrade.manifests.selectors import matches, pod_labels
from helm_tyk_upgrade.manifests.split import ManifestObject, mapping
from helm_tyk_upgrade.manifests.workloads import ROLLING
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.server import LiveNeighbours

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster
    from helm_tyk_upgrade.context import Context

T = TypeVar("T")
Dicts = tuple[Mapping[str, Any], ...]
# HELM_DRIVER, as helm.sh/helm pkg/action reads it; drivers that are not here keep releases outside of the cluster.
_STORES = {"": "Secret", "secret": "Secret", "secrets": "Secret"} | dict.fromkeys(
    ("configmap", "configmaps"), "ConfigMap"
)


def neighbours(
    context: Context, release: Release, objects: Iterable[ManifestObject], crds: Iterable[str]
) -> LiveNeighbours:
    """All of them, asked side by side; never raises. objects: of the stored and of the new manifest; crds: the names
    of those that the chart carries (`manifests.crds.chart_crds`)."""
    try:
        cluster = context.cluster
    except TykUpgradeError as error:
        return _nothing(Unknown(error.message))
    loads = [item for item in objects if item.id.kind in ROLLING and not item.hook]
    driver = context.env.get("HELM_DRIVER", "").lower()
    with ThreadPoolExecutor(max_workers=6) as pool:
        autoscalers = pool.submit(_asked, partial(_autoscalers, cluster, loads, release.namespace))
        budgets = pool.submit(_asked, partial(_budgets, cluster, loads, release.namespace))
        platforms = pool.submit(_asked, partial(_platforms, cluster))
        version = pool.submit(_asked, partial(_version, cluster))
        carried = pool.submit(_asked, partial(_crds, cluster, tuple(crds)))
        size = pool.submit(_record_size, cluster, release, driver)
    return LiveNeighbours(
        autoscalers=autoscalers.result(),
        budgets=budgets.result(),
        platforms=platforms.result(),
        kubernetes=version.result(),
        crds=carried.result(),
        release_bytes=size.result(),
    )


def _nothing(why: Unknown) -> LiveNeighbours:
    return LiveNeighbours(why, why, why, why, why, why)


def _asked(question: Callable[[], T]) -> Maybe[T]:
    try:
        return Known(question())
    except TykUpgradeError as error:
        return Unknown(error.message)


def _places(loads: list[ManifestObject], namespace: str) -> list[str]:
    return sorted({item.id.namespace or namespace for item in loads})


def _autoscalers(cluster: Cluster, loads: list[ManifestObject], namespace: str) -> Dicts:
    """Those that scale one of the workloads."""
    ours = {(item.id.kind, item.id.namespace or namespace, item.id.name) for item in loads}
    found = (
        scaler
        for place in _places(loads, namespace)
        for scaler in cluster.list("autoscaling/v2", "HorizontalPodAutoscaler", place)
    )
    return tuple(scaler for scaler in found if target(scaler) in ours)


def _budgets(cluster: Cluster, loads: list[ManifestObject], namespace: str) -> Dicts:
    """Those that mean the pods of one of the workloads."""
    return tuple(
        budget
        for place in _places(loads, namespace)
        for budget in cluster.list("policy/v1", "PodDisruptionBudget", place)
        if any(
            matches(mapping(mapping(budget.get("spec")).get("selector")), pod_labels(item))
            for item in loads
            if (item.id.namespace or namespace) == place
        )
    )


def _platforms(cluster: Cluster) -> tuple[str, ...]:
    nodes = cluster.list("v1", "Node")
    told = (mapping(mapping(node.get("status")).get("nodeInfo")) for node in nodes)
    found = {(info.get("operatingSystem"), info.get("architecture")) for info in told}
    return tuple(
        sorted(f"{system}/{architecture}" for system, architecture in found if system and architecture)
    )


def _version(cluster: Cluster) -> str:
    return cluster.server_version().removeprefix("v")


def _crds(cluster: Cluster, names: tuple[str, ...]) -> Mapping[str, Mapping[str, Any]]:
    def live(name: str) -> Mapping[str, Any] | None:
        try:
            return cluster.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)
        except NotFound:
            return None

    if not names:
        return {}
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = zip(names, pool.map(live, names), strict=True)
    return {name: crd for name, crd in found if crd is not None}


def _record_size(cluster: Cluster, release: Release, driver: str) -> Maybe[int]:
    """Bytes of data in the Secret or ConfigMap of the newest revision, as the API server counts them."""
    kind = _STORES.get(driver)
    if kind is None:
        return Unknown(f"HELM_DRIVER={driver} keeps releases outside of the cluster")
    name = f"sh.helm.release.v1.{release.name}.v{release.revision}"
    found = _asked(lambda: cluster.get("v1", kind, name, release.namespace))
    if isinstance(found, Unknown):
        return found
    data = str(mapping(found.value.get("data")).get("release", ""))
    # A Secret's value is in base64 once more on its way to us; that round does not count.
    return Known(len(data) // 4 * 3 - data[-2:].count("=") if kind == "Secret" else len(data))
