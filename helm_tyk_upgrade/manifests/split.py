"""Manifest text to objects: whose they are, which template made them, which of them are hooks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from helm_tyk_upgrade import helmyaml
from helm_tyk_upgrade.model.change import ObjectId

HOOK = "helm.sh/hook"


@dataclass(frozen=True)
class ManifestObject:
    """One object as rendered. hook: the events it runs at, empty for an object of the release."""

    id: ObjectId
    data: dict[str, Any]
    template: str = ""
    hook: tuple[str, ...] = ()


Manifest: TypeAlias = str | tuple[ManifestObject, ...]
"""What every function here takes: the text Helm printed, or the same already split."""


def split(manifest: Manifest) -> tuple[ManifestObject, ...]:
    """The objects of a manifest in its own order, `List` kinds unfolded. Raises UnreadableYaml.

    An id's namespace is what the manifest writes, so empty where the release's namespace is meant.
    """
    return _read(manifest) if isinstance(manifest, str) else manifest


@lru_cache(maxsize=16)
def _read(manifest: str) -> tuple[ManifestObject, ...]:
    """A plan asks a dozen questions of the same few texts. Nobody changes an object."""
    found = helmyaml.manifests(manifest)
    return tuple(_object(data, document.source) for document in found for data in _unfold(document.object))


def _unfold(data: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """A `List` (v1 List, PodList, ...) stands for its items: kubectl and Helm apply those."""
    items = data.get("items")
    if not str(data.get("kind", "")).endswith("List") or not isinstance(items, list):
        yield data
        return
    for item in items:
        if isinstance(item, dict):
            yield from _unfold(item)


def _object(data: dict[str, Any], template: str) -> ManifestObject:
    metadata = mapping(data.get("metadata"))
    identity = ObjectId(
        api_version=_text(data.get("apiVersion")),
        kind=_text(data.get("kind")),
        namespace=_text(metadata.get("namespace")),
        name=_text(metadata.get("name") or metadata.get("generateName")),
    )
    events = _text(mapping(metadata.get("annotations")).get(HOOK))
    return ManifestObject(identity, data, template, tuple(filter(None, map(str.strip, events.split(",")))))


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a map, an empty one otherwise: charts render null and text where maps are meant."""
    return value if isinstance(value, dict) else {}


def maps(value: Any) -> list[dict[str, Any]]:
    """The maps of a list; an empty list for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return "" if value is None else str(value)
