"""The user's values against the release, and the chart's new defaults against both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, EditedFile, NewDefault, Path, ValueChange
from helm_tyk_upgrade.values.paths import equal, leaves, lookup


def changes(
    release_values: Mapping[str, Any] | None,
    given_values: Mapping[str, Any] | None,
    taken_out: Iterable[Path] = (),
) -> tuple[tuple[ValueChange, ...], tuple[Path, ...]]:
    """What the given user values change against those the release uses, and the keys only the release has.

    The second part would be lost by an upgrade with `--reset-values`. Both are user values (no chart
    defaults); null is a value of its own, it deletes a default. A list is one value, with its named items.
    taken_out: keys that accepted edits remove or rename in this very run: those are not lost.
    """
    release, given = dict(release_values or {}), dict(given_values or {})
    gone = tuple(taken_out)
    lost = tuple(
        path
        for path, _ in leaves(release)
        if _is_lost(given, path) and not any(path[: len(key)] == key for key in gone)
    )
    return tuple(_yours(release, given, ())), lost


def taken_out(edited: Iterable[EditedFile]) -> tuple[Path, ...]:
    """The keys that edits of values files remove or rename."""
    return tuple(edit.path for file in edited for edit in file.edits if edit.new is ABSENT)


def _yours(old: Any, new: Any, path: Path) -> Iterator[ValueChange]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in new.items():
            yield from _yours(old.get(key, ABSENT), value, (*path, key))
    elif isinstance(new, dict) and new:
        # new keys below nothing (or below a scalar they replace): one change for each, so that none hides
        if old is not ABSENT:
            yield ValueChange(path, old, {})
        for key, value in new.items():
            yield from _yours(ABSENT, value, (*path, key))
    elif not equal(old, new):
        yield ValueChange(path, old, new, _items(old, new, path))


def _is_lost(given: dict[str, Any], path: Path) -> bool:
    """Whether nothing given speaks for a path: a value or null anywhere on the way to it does."""
    tree: Any = given
    for step in path:
        if not isinstance(tree, dict):
            return False
        if step not in tree:
            return True
        tree = tree[step]
    return False


def _items(old: Any, new: Any, path: Path) -> tuple[ValueChange, ...]:
    """The changed items of two lists whose items all have unique names, the removed ones last."""
    before, after = _by_name(old), _by_name(new)
    if before is None or after is None:
        return ()
    changed = [
        ValueChange((*path, name), before.get(name, ABSENT), item)
        for name, item in after.items()
        if not equal(before.get(name, ABSENT), item)
    ]
    gone = [ValueChange((*path, name), item, ABSENT) for name, item in before.items() if name not in after]
    return (*changed, *gone)


def _by_name(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, list) or not value:
        return {} if value == [] or value is ABSENT else None
    names = [item.get("name") if isinstance(item, dict) else None for item in value]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return None
    return dict(zip(map(str, names), value, strict=True))


def new_defaults(
    old: Mapping[str, Any], new: Mapping[str, Any], effective: Mapping[str, Any]
) -> tuple[NewDefault, ...]:
    """The defaults that take effect without the user: changed, added with a value, or removed.

    `old` and `new` are the defaults as Helm coalesces them for the umbrella (subcharts under their prefix);
    `effective` the new chart's values with the user's merged in. A default that the user overrides is
    not here: `effective` differs from it.
    """
    found = []
    for path, value in leaves(dict(new)):
        before = lookup(old, path)
        if equal(before, value) or not equal(lookup(effective, path), value):
            continue
        if before is ABSENT and _is_empty(value):
            continue
        found.append(NewDefault(path, before, value))
    for path, value in leaves(dict(old)):
        gone = lookup(new, path) is ABSENT and lookup(effective, path) is ABSENT
        if gone and not _is_empty(value) and not _under_replaced(new, path):
            found.append(NewDefault(path, value, ABSENT))
    return tuple(found)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _under_replaced(new: Mapping[str, Any], path: Path) -> bool:
    """Whether a map on the way became another type: then that value is the change, not the keys it had."""
    ways = (lookup(new, path[:depth]) for depth in range(1, len(path)))
    return any(way is not ABSENT and not isinstance(way, dict) for way in ways)
