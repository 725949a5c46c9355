"""Which fields of a live object differ from what the release's manifest sets. Pure.

Only what the manifest sets is compared: what the server defaults, a controller or a webhook adds is nobody's drift.
Lists are matched by merge key, so an injected container is not seen; lists without one are compared as a whole.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.manifests import mergekeys
from helm_tyk_upgrade.manifests.fields import fields
from helm_tyk_upgrade.manifests.managed_fields import Place, place_of
from helm_tyk_upgrade.manifests.split import mapping
from helm_tyk_upgrade.manifests.workloads import quantity
from helm_tyk_upgrade.model.change import ABSENT, FieldChange

_NOT_THE_MANIFESTS = ("status", "apiVersion", "kind")
_OTHERS = frozenset(("caBundle", "app.kubernetes.io/managed-by"))
"""Fields that a controller, or Helm itself, writes over whatever the manifest has."""
_QUANTITIES = frozenset(("limits", "requests", "sizeLimit", "capacity", "hard", "averageValue"))


@dataclass(frozen=True)
class Drifted:
    """change: `old` as stored, `new` as it is live (ABSENT where gone); place: the field in the live object, empty
    where it is gone."""

    change: FieldChange
    place: Place


def drifted(
    stored: Mapping[str, Any], live: Mapping[str, Any], applied: Mapping[str, Any]
) -> tuple[Drifted, ...]:
    """The fields, in the manifest's order.

    applied: the live object as the server would store it after an apply of the stored one, {} where it was not told:
    with it, quantities and defaults are compared in the server's own words, otherwise in ours.
    """
    shape = _plain(_encoded(stored))
    there = project(live, shape)
    return tuple(
        Drifted(change, () if change.new is ABSENT else place_of(change.steps, there))
        for change in fields(project(applied or shape, shape), there)
        if not _alike(change) and not _ignored(change)
    )


def _encoded(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """A Secret's stringData is kept as data."""
    plain = mapping(stored.get("stringData")) if stored.get("kind") == "Secret" else {}
    if not plain:
        return stored
    encoded = {key: base64.b64encode(str(text).encode()).decode() for key, text in plain.items()}
    rest = {key: value for key, value in stored.items() if key != "stringData"}
    return rest | {"data": mapping(stored.get("data")) | encoded}


def project(value: Any, shape: Any, name: str = "") -> Any:
    """The part of a value for which the shape has a field, list items in the shape's order."""
    if isinstance(shape, Mapping) and isinstance(value, Mapping):
        if not shape:
            return {} if not value else {**value}
        kept = {key: project(value[key], below, key) for key, below in shape.items() if key in value}
        return {key: item for key, item in kept.items() if name or key not in _NOT_THE_MANIFESTS}
    if isinstance(shape, list) and isinstance(value, list):
        return _project_list(value, shape, name)
    return value


def _project_list(value: list[Any], shape: list[Any], name: str) -> list[Any]:
    labels = mergekeys.labels(name, value, shape)
    if labels is None:
        if len(value) != len(shape):
            return value
        return [
            project(item, below) if isinstance(below, Mapping) else item
            for item, below in zip(value, shape, strict=True)
        ]
    there = dict(zip(labels[0], value, strict=True))
    pairs = zip(labels[1], shape, strict=True)
    return [project(there[label], below, name) for label, below in pairs if label in there]


def _plain(value: Any) -> Any:
    """Without nulls, which the server never stores."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _ignored(change: FieldChange) -> bool:
    return bool(change.moved) or change.cosmetic or change.name in _OTHERS


def _alike(change: FieldChange) -> bool:
    """Different texts for one thing: 8080 and "8080", `1000m` and `1`, and what the server does not keep because it is
    the zero of its type."""
    stored, live = change.old, change.new
    if stored is ABSENT or live is ABSENT:
        there = live if stored is ABSENT else stored
        return there in ("", 0, False) or there in ([], {})
    if isinstance(stored, Mapping | list | bool) or isinstance(live, Mapping | list | bool):
        return False
    if str(stored) == str(live):
        return True
    left, right = quantity(stored), quantity(live)
    return bool(_QUANTITIES.intersection(map(str, change.steps))) and left is not None and left == right
