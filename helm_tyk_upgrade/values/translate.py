"""A legacy values file -> a new, commented one for the chart's successor. Pure: the table is handed in."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from helm_tyk_upgrade.helmyaml.emit import compose
from helm_tyk_upgrade.model.change import ABSENT, Path
from helm_tyk_upgrade.model.translation import Row, Translation, Unmapped
from helm_tyk_upgrade.values.paths import dotted, insert, leaves, lookup
from helm_tyk_upgrade.values.places import Places

_NO_COUNTERPART = "tyk-oss has no such key"


def translate(
    file: Places, rows: Sequence[Row], differences: Sequence[str], plan: Sequence[str], head: str
) -> Translation:
    """Each key by the longest row that fits it; what fits none is reported, never guessed. head: the new file's first
    comment. Raises Refused where the new file would not read back as intended."""
    values: dict[str, Any] = {}
    comments: dict[Path, tuple[str, str]] = {(): ("", head)}
    moved: list[tuple[Path, Path]] = []
    for row in rows:
        value = _own_value(file.values, row, rows)
        if value is ABSENT and row.default is not None:
            value = row.default
        if row.new is None or value is ABSENT:
            continue
        _place(values, row, value)
        moved.append((row.old, row.new))
        comments[row.new] = (file.comment(row.old), _said(file, row))
    existing = {
        path: both for path, both in comments.items() if not path or lookup(values, path) is not ABSENT
    }
    texts = {path: "\n".join(filter(None, both)) for path, both in existing.items()}
    return Translation(
        source=file.name,
        data=compose(values, texts),
        values=values,
        comments=existing,
        moved=tuple(moved),
        unmapped=_unmapped(file, rows),
        differences=tuple(differences),
        plan=tuple(plan),
    )


def _own_value(user: dict[str, Any], row: Row, rows: Sequence[Row]) -> Any:
    """What the user gives at a row's key, without the parts that longer rows take."""
    value = lookup(user, row.old)
    longer = [other.old for other in rows if other.old != row.old and other.old[: len(row.old)] == row.old]
    if not longer or not isinstance(value, dict):
        return value
    left = copy.deepcopy(value)
    for path in longer:
        above = lookup(left, path[len(row.old) : -1])
        if isinstance(above, dict):
            above.pop(str(path[-1]), None)
    return left or ABSENT


def _place(values: dict[str, Any], row: Row, value: Any) -> None:
    assert row.new is not None
    for path, item in leaves(value) if isinstance(value, dict) else [((), value)]:
        insert(values, (*row.new, *path), [item] if row.as_list else item)
    if value not in ("", None):
        for path, beside in row.beside:
            insert(values, path, value if beside == "$value" else beside)


def _said(file: Places, row: Row) -> str:
    """Where the key comes from, and what its reader must know."""
    was = f"was {dotted(row.old)}" if file.defines(row.old) else f"what {dotted(row.old)} was by default"
    return "\n".join(filter(None, (was, row.note)))


def _unmapped(file: Places, rows: Sequence[Row]) -> tuple[Unmapped, ...]:
    found = []
    for path, _ in leaves(file.values):
        fitting = [row for row in rows if path[: len(row.old)] == row.old]
        row = max(fitting, key=lambda row: len(row.old), default=None)
        if path and (row is None or row.new is None):
            reason = row.note if row and row.note else _NO_COUNTERPART
            found.append(Unmapped(path, file.line(path), reason))
    return tuple(found)
