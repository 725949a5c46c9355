"""Two objects to the fields that differ, and back: `apply_fields(old, fields(old, new))` is new."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from helm_tyk_upgrade.manifests import mergekeys
from helm_tyk_upgrade.model.change import ABSENT, FieldChange, Path

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_CHART_LABELS = (
    "metadata.labels.chart",
    "metadata.labels[helm.sh/chart]",
    "metadata.labels[app.kubernetes.io/version]",
)
# The API server stores these alike, empty or left out; an empty securityContext or emptyDir is something.
_EMPTY_IS_ABSENT = frozenset(
    (
        "resources",
        "annotations",
        "labels",
        "nodeSelector",
        "env",
        "envFrom",
        "tolerations",
        "imagePullSecrets",
    )
)


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 equals 1.0, but true is not 1 (Python says both)."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def fields(old: Any, new: Any) -> tuple[FieldChange, ...]:
    """The changed leaves between two values, maps by key and lists by item, in the order of the new value.

    A value that is added, removed or changes its type is one change with the whole value.
    """
    return tuple(_walk(old, new, (), "", ""))


def is_cosmetic(change: FieldChange) -> bool:
    """Whether a change alters nothing that runs: the chart's own label on an object, null for absent.

    Only labels of the object itself: one of a pod template replaces the pods, one of a claim template is
    rejected.
    """
    if change.path in _CHART_LABELS:
        return True
    return all(_is_nothing(value, change.name) for value in (change.old, change.new))


def _is_nothing(value: Any, name: str) -> bool:
    if value is None or value is ABSENT:
        return True
    return name in _EMPTY_IS_ABSENT and value in ({}, [])


def _walk(old: Any, new: Any, steps: Path, path: str, name: str) -> Iterator[FieldChange]:
    if old is new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _walk_map(old, new, steps, path, name)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _walk_list(old, new, steps, path, name)
    elif not same(old, new):
        yield _change(path, steps, old, new, name)


def _change(path: str, steps: Path, old: Any, new: Any, name: str) -> FieldChange:
    plain = FieldChange(path, steps, old, new, name=name)
    return FieldChange(path, steps, old, new, name=name, cosmetic=is_cosmetic(plain))


def _walk_map(
    old: dict[str, Any], new: dict[str, Any], steps: Path, path: str, name: str
) -> Iterator[FieldChange]:
    """Keys of the new map first, then those that are gone."""
    holder = new.get("name", old.get("name"))
    for key in (*new, *(key for key in old if key not in new)):
        known_by = str(holder) if key == "value" and isinstance(holder, str) else key
        yield from _walk(
            old.get(key, ABSENT), new.get(key, ABSENT), (*steps, key), path_to(path, key), known_by
        )


def path_to(path: str, key: str) -> str:
    """A key below a path, in brackets where its dots or slashes would read as more keys."""
    if not _PLAIN_KEY.fullmatch(key):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def _walk_list(old: list[Any], new: list[Any], steps: Path, path: str, name: str) -> Iterator[FieldChange]:
    labels = mergekeys.labels(str(steps[-1]) if steps else "", old, new)
    if labels is None:
        pairs = mergekeys.pair_by_place(old, new, same)
        labels = ([str(index) for index in range(len(old))], [str(index) for index in range(len(new))])
    else:
        pairs = mergekeys.pair_by_label(*labels)
    yield from _order(pairs, labels[0], steps, path, name)
    partner = {after: before for before, after in pairs}
    for index, item in enumerate(new):
        before = old[partner[index]] if index in partner else ABSENT
        yield from _walk(before, item, (*steps, index), f"{path}[{labels[1][index]}]", name)
    kept = {before for before, _ in pairs}
    for index, item in enumerate(old):
        if index not in kept:
            yield _change(f"{path}[{labels[0][index]}]", (*steps, index), item, ABSENT, name)


def _order(
    pairs: list[mergekeys.Pair], labels: list[str], steps: Path, path: str, name: str
) -> Iterator[FieldChange]:
    moved = tuple(before for before, _ in pairs)
    if list(moved) != sorted(moved):
        stay = mergekeys.longest_rise(moved)
        was, now = (
            [f"{labels[at]} after {labels[order[place - 1]] if place else 'nothing'}" for place, at in listed]
            for order in (sorted(moved), moved)
            for listed in [[(place, at) for place, at in enumerate(order) if at not in stay]]
        )
        yield FieldChange(f"{path} (order)", steps, was, now, name=name, moved=moved)


def apply_fields(old: Any, changes: Iterable[FieldChange]) -> Any:
    """The value that `old` becomes: the inverse of `fields`. `old` itself is left as it was."""
    return _apply(old, [(change.steps, change) for change in changes])


Pending = list[tuple[Path, FieldChange]]


def _apply(old: Any, pending: Pending) -> Any:
    for steps, change in pending:
        if not steps and not change.moved:
            return change.new
    if not pending:
        return old
    return _apply_list(old, pending) if isinstance(old, list) else _apply_map(old, pending)


def _apply_map(old: dict[str, Any], pending: Pending) -> dict[str, Any]:
    new = dict(old)
    for key, below in _grouped(pending).items():
        value = _apply(old.get(str(key), ABSENT), below)
        if value is ABSENT:
            new.pop(str(key), None)
        else:
            new[str(key)] = value
    return new


def _apply_list(old: list[Any], pending: Pending) -> list[Any]:
    """Removed items go first (by old index), then the kept ones take their order, added ones come in by new
    index; what is left to change inside items then has the right index."""
    removed = {steps[0] for steps, change in pending if len(steps) == 1 and change.new is ABSENT}
    order = next(
        (change.moved for steps, change in pending if not steps),
        tuple(index for index in range(len(old)) if index not in removed),
    )
    new = [old[index] for index in order]
    inside: Pending = []
    for steps, change in sorted(_below(pending), key=lambda item: int(item[0][0])):
        if len(steps) == 1 and change.old is ABSENT:
            new.insert(int(steps[0]), change.new)
        elif not (len(steps) == 1 and change.new is ABSENT):
            inside.append((steps, change))
    for index, below in _grouped(inside).items():
        new[int(index)] = _apply(new[int(index)], below)
    return new


def _below(pending: Pending) -> Pending:
    return [(steps, change) for steps, change in pending if steps]


def _grouped(pending: Pending) -> dict[str | int, Pending]:
    groups: dict[str | int, Pending] = {}
    for steps, change in _below(pending):
        groups.setdefault(steps[0], []).append((steps[1:], change))
    return groups
