"""Asking the API server for each right that a run needs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.facts import Permission
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.targets import rights

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster


def asked(
    cluster: Cluster, namespace: str, objects: tuple[rights.ObjectRight, ...] | None, driver: str
) -> tuple[Permission, ...]:
    """Each right once. objects: None where no manifest is at hand; then what every chart changes is asked."""
    needed = [*rights.READING, *rights.storing(driver), *rights.LOCKING]
    needed += rights.CHANGING if objects is None else ()
    named = {(right.verb, right.resource) for right in needed}
    needed += [right for right in rights.RECORDING if (right.verb, right.resource) not in named]

    def general(right: rights.Right) -> Permission:
        allowed = cluster.can_i(right.verb, right.group, right.resource, namespace)
        return Permission(right.verb, right.group, right.resource, allowed, right.without_it)

    with ThreadPoolExecutor(max_workers=4) as pool:
        found = [
            *pool.map(general, dict.fromkeys(needed)),
            *pool.map(lambda right: _of_object(cluster, right, namespace), objects or ()),
        ]
    # A kind of the manifest may be one that is needed anyway.
    return _needed({str(item): item for item in found})


def _needed(found: dict[str, Permission]) -> tuple[Permission, ...]:
    """Without the spare way to the pods where the usual one is open: that it is closed troubles nobody."""
    usual = [item for item in found.values() if item.resource == "pods/portforward"]
    spare = {rights.SPARE.resource} if all(item.allowed == Known(True) for item in usual) else set()
    return tuple(item for item in found.values() if item.resource not in spare)


def _of_object(cluster: Cluster, right: rights.ObjectRight, namespace: str) -> Permission:
    elsewhere = right.namespace if right.namespace != namespace else ""
    group = right.api_version.rpartition("/")[0]
    try:
        found = cluster.resource(right.api_version, right.kind)
    except TykUpgradeError as error:  # a kind that the upgrade itself brings, or discovery does not answer
        return Permission(right.verb, group, right.kind, Unknown(error.message), namespace=elsewhere)
    allowed = cluster.can_i(
        right.verb, found.group, found.plural, right.namespace if found.namespaced else ""
    )
    return Permission(right.verb, found.group, found.plural, allowed, namespace=elsewhere)
