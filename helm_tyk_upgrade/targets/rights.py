"""The rights a run needs, by what it does. Source: Helm's and our own calls, watched on the API server. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helm_tyk_upgrade.manifests.split import ManifestObject, mapping


@dataclass(frozen=True, order=True)
class Right:
    """One verb on a resource of the release's namespace. without_it: what the run does without, where it can."""

    verb: str
    group: str
    resource: str
    without_it: str = ""


@dataclass(frozen=True, order=True)
class ObjectRight:
    """One verb on the kind of an object; its plural, and whether it has a namespace, only the server knows."""

    api_version: str
    kind: str
    namespace: str
    verb: str


_NO_LOCK = "nothing keeps another run of this program away meanwhile"
_NO_RECORD = "this run is recorded on this machine only"
_NO_TUNNEL = "health is asked through pods/proxy; APIs and policies are neither saved nor compared"
_NO_PROXY = "without pods/portforward too, no pod can be proven"
SPARE = Right("get", "", "pods/proxy", _NO_PROXY)
"""Needed only where port-forward is not allowed: `get` of the health and readiness paths."""
READING = (
    Right("list", "apps", "deployments"),
    Right("list", "apps", "replicasets"),
    Right("list", "", "pods"),
    Right("get", "", "pods/log"),
    Right("get", "", "pods/portforward", _NO_TUNNEL),
    Right("create", "", "pods/portforward", _NO_TUNNEL),
    SPARE,
    Right("get", "", "secrets"),
    Right("list", "", "events"),
)
LOCKING = tuple(
    Right(verb, "coordination.k8s.io", "leases", _NO_LOCK) for verb in ("get", "create", "update")
)
RECORDING = tuple(
    Right(verb, "", "secrets", _NO_RECORD) for verb in ("get", "list", "create", "update", "delete")
)
"""The record of the run, for another machine; the same rights that Helm's own storage usually needs."""
CHANGING = (Right("patch", "apps", "deployments"), Right("patch", "", "services"))
"""What every Tyk chart changes: asked where no manifest is at hand yet."""
_STORES = {"": "secrets", "secret": "secrets", "secrets": "secrets"} | dict.fromkeys(
    ("configmap", "configmaps"), "configmaps"
)


def storing(driver: str) -> tuple[Right, ...]:
    """Where Helm keeps its releases (HELM_DRIVER), and deletes old ones; nothing for drivers outside the cluster."""
    resource = _STORES.get(driver.lower())
    verbs = ("get", "list", "create", "update", "delete") if resource else ()
    return tuple(Right(verb, "", resource or "") for verb in verbs)


def of_manifests(
    old: Iterable[ManifestObject],
    new: Iterable[ManifestObject],
    namespace: str,
    *,
    server_side: bool,
    hooks: Iterable[ManifestObject] = (),
) -> tuple[ObjectRight, ...]:
    """What Helm does to the objects of a release on the way from one manifest to another and, in a rollback, back.

    It reads each object, patches those that differ (by server-side apply: all), creates, deletes. hooks: those of the
    new manifest.
    """
    before = {_key(item, namespace): item for item in old if not item.hook}
    after = {_key(item, namespace): item for item in new if not item.hook}
    found: set[ObjectRight] = set()
    for key, item in after.items():
        verbs = ["get"]
        if key not in before:
            verbs += ["create", "delete"]
        elif server_side or before[key].data != item.data:
            verbs.append("patch")
        found.update(_rights(item, namespace, verbs))
    for key, item in before.items():
        if key not in after and not _kept(item):
            found.update(_rights(item, namespace, ["get", "delete", "create"]))
    for item in hooks:
        if {"pre-upgrade", "post-upgrade"} & set(item.hook):
            found.update(_rights(item, namespace, ["create", "delete", "get"]))
    return tuple(sorted(found))


def _key(item: ManifestObject, namespace: str) -> tuple[str, str, str, str]:
    group = item.id.api_version.rpartition("/")[0]
    return group, item.id.kind, item.id.namespace or namespace, item.id.name


def _rights(item: ManifestObject, namespace: str, verbs: list[str]) -> list[ObjectRight]:
    where = item.id.namespace or namespace
    return [ObjectRight(item.id.api_version, item.id.kind, where, verb) for verb in verbs]


def _kept(item: ManifestObject) -> bool:
    annotations = mapping(mapping(item.data.get("metadata")).get("annotations"))
    return annotations.get("helm.sh/resource-policy") == "keep"
