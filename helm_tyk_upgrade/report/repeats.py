"""The same field change in several objects, to be said once. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, Action, FieldChange, ManifestChanges, ObjectChange

_CONTAINER = re.compile(r"\b(containers|initContainers)\[[^\]]*\]")
_Key = tuple[str, str, str, str, bool]


@dataclass(frozen=True)
class Repeat:
    """One change that several objects share. path: with `[*]` for the container's name; places: each object with its
    own field; the first of them stands for all when the values are shown."""

    path: str
    places: tuple[tuple[ObjectChange, FieldChange], ...]


@dataclass(frozen=True)
class Told:
    """What is shown once, and what is left to show at each object (in the order of the changes)."""

    repeats: tuple[Repeat, ...]
    left: tuple[tuple[ObjectChange, tuple[FieldChange, ...]], ...]


def tell_once(changes: ManifestChanges, *, cosmetic: bool = False) -> Told:
    """Changes of the same path, values and cause in two or more objects become one. Never those of a Secret: its
    values are masked by other rules. cosmetic: those changes too, else they are left out of both."""
    found: dict[_Key, list[tuple[ObjectChange, FieldChange]]] = {}
    for change in changes.objects:
        for field in change.fields:
            if field.cosmetic and not cosmetic:
                continue
            if change.action is Action.CHANGED and change.id.kind != "Secret":
                found.setdefault(_key(field), []).append((change, field))
    repeated = {key: places for key, places in found.items() if len({place[0].id for place in places}) > 1}
    said = {id(field) for places in repeated.values() for _, field in places}
    return Told(
        tuple(Repeat(key[0], tuple(places)) for key, places in repeated.items()),
        tuple((change, _left(change, said, cosmetic)) for change in changes.objects),
    )


def _key(field: FieldChange) -> _Key:
    path = _CONTAINER.sub(r"\1[*]", field.path)
    return path, _written(field.old), _written(field.new), field.cause, field.random


def _written(value: Any) -> str:
    return "absent" if value is ABSENT else json.dumps(value, sort_keys=True, default=str)


def _left(change: ObjectChange, said: set[int], cosmetic: bool) -> tuple[FieldChange, ...]:
    return tuple(
        field for field in change.fields if id(field) not in said and (cosmetic or not field.cosmetic)
    )
