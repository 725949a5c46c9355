"""Which objects use an API version that Kubernetes removed or deprecated. Asks data/kubernetes-apis.json, made from the
life cycles that Kubernetes publishes with its types. What lies outside of the records is named, never assumed good."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from helm_tyk_upgrade.manifests.split import ManifestObject
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.kubernetes import OldApi

Version = tuple[int, int]
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
# Kubernetes removes no stable version within a major (https://kubernetes.io/docs/reference/using-api/deprecation-policy/).
_PREVIEW = re.compile(r"v\d+(alpha|beta)\d+$")
# A rollback runs only these hooks of the revision it goes to, an upgrade only those of the new one.
_STORED_HOOKS = frozenset(("pre-rollback", "post-rollback"))
_NEW_HOOKS = frozenset(("pre-upgrade", "post-upgrade"))


@dataclass(frozen=True)
class _Life:
    deprecated: Version
    removed: Version | None
    instead: str


@dataclass(frozen=True)
class _Records:
    """until: the version of Kubernetes up to which removals are facts, not plans; groups: Kubernetes' own."""

    until: Version
    groups: frozenset[str]
    lives: dict[tuple[str, str], _Life]


def old_apis(
    stored: Iterable[ManifestObject], new: Iterable[ManifestObject], kubernetes: Maybe[str]
) -> Maybe[tuple[OldApi, ...]]:
    """The objects of removed, deprecated and unrecorded API versions, those of the stored manifest first. Hooks may be
    among the objects: those that neither the upgrade nor a rollback runs are left out. kubernetes: `1.34.1`."""
    if isinstance(kubernetes, Unknown):
        return kubernetes
    cluster = parse_version(kubernetes.value)
    if cluster is None:
        return Unknown(f"the cluster's version {kubernetes.value!r} is not understood")
    found = [*_old(stored, True, cluster), *_old(new, False, cluster)]
    return Known(tuple(found))


def parse_version(text: str) -> Version | None:
    """(1, 34) of `v1.34.1+k3s1`."""
    found = _VERSION.match(text)
    return (int(found[1]), int(found[2])) if found else None


def _old(objects: Iterable[ManifestObject], stored: bool, cluster: Version) -> Iterator[OldApi]:
    hooks = _STORED_HOOKS if stored else _NEW_HOOKS
    for item in objects:
        if item.hook and not hooks.intersection(item.hook):
            continue
        found = _judge(item, stored, cluster)
        if found is not None:
            yield found


def _judge(item: ManifestObject, stored: bool, cluster: Version) -> OldApi | None:
    records = _records()
    life = records.lives.get((item.id.api_version, item.id.kind))
    if life is not None and life.removed is not None and life.removed <= min(cluster, records.until):
        return OldApi(item.id, stored, "removed", _text(life.removed), life.instead)
    if _unrecorded(item, life, cluster, records):
        return OldApi(item.id, stored, "unrecorded", _text(records.until), life.instead if life else "")
    if life is not None and life.deprecated <= cluster:
        return OldApi(item.id, stored, "deprecated", _text(life.deprecated), life.instead)
    return None


def _unrecorded(item: ManifestObject, life: _Life | None, cluster: Version, records: _Records) -> bool:
    """A preview version of Kubernetes' own whose end could have come after the records."""
    group, _, version = item.id.api_version.rpartition("/")
    if group not in records.groups or not _PREVIEW.match(version):
        return False
    return life is None or (life.removed is not None and life.removed <= cluster)


def _text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


@lru_cache(maxsize=1)
def _records() -> _Records:
    file = resources.files("helm_tyk_upgrade.manifests").joinpath("data").joinpath("kubernetes-apis.json")
    data = json.loads(file.read_text(encoding="utf-8"))
    lives = {
        (row["api"], kind): _Life(_version(row["deprecated"]), parse_version(row["removed"]), row["instead"])
        for row in data["apis"]
        for kind in row["kinds"]
    }
    return _Records(_version(data["until"]), frozenset(data["groups"]), lives)


def _version(text: str) -> Version:
    found = parse_version(text)
    assert found is not None, text
    return found
