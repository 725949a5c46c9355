"""Renamed keys in a user's values: the edits that carry a value to its new name. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from helm_tyk_upgrade.model.change import ABSENT, Path
from helm_tyk_upgrade.values.paths import dotted, equal, lookup


@dataclass(frozen=True)
class Migration:
    """One edit of the user's values. `move`: the value goes from `path` to `to`; `delete`: `path` goes away
    (`to`, where there is one, has its value already); `manual`: a person has to decide, `reason` says why."""

    action: Literal["move", "delete", "manual"]
    path: Path
    to: Path
    value: Any
    reason: str


def migrations(user: Mapping[str, Any], renames: Mapping[Path, Path | None]) -> tuple[Migration, ...]:
    """What a chart's renames (old path -> new path, None: removed) mean for these values, in their order.

    Keys the user does not set give nothing. A value at both the old and the new name is never overwritten.
    """
    found = []
    for old, new in renames.items():
        value = lookup(user, old)
        if value is not ABSENT and old != new:
            found.append(_migration(user, old, new, value))
    return tuple(found)


def _migration(user: Mapping[str, Any], old: Path, new: Path | None, value: Any) -> Migration:
    name = dotted(old)
    if new is None:
        return Migration("delete", old, (), value, f"the chart dropped {name}; no template reads it")
    there = lookup(user, new)
    if there is ABSENT:
        blocked = _scalar_on_the_way(user, new)
        if blocked is not None:
            reason = f"{dotted(blocked)} is not a map, so {dotted(new)} cannot be set beside it"
            return Migration("manual", old, new, value, reason)
        return Migration("move", old, new, value, f"{name} is now {dotted(new)}")
    if equal(there, value):
        return Migration("delete", old, new, value, f"{dotted(new)} has this value already")
    reason = f"{name} and its new name {dotted(new)} have different values: keep the one you mean"
    return Migration("manual", old, new, value, reason)


def _scalar_on_the_way(user: Mapping[str, Any], path: Path) -> Path | None:
    for depth in range(1, len(path)):
        way = lookup(user, path[:depth])
        if way is ABSENT:
            return None
        if not isinstance(way, dict):
            return path[:depth]
    return None
