"""The five kinds of edits, each decided on the data first: what it reaches, its splices, the data to
expect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.helmyaml.batch import Reach
from helm_tyk_upgrade.helmyaml.cut import delete, relocated
from helm_tyk_upgrade.helmyaml.errors import Refused
from helm_tyk_upgrade.helmyaml.layout import (
    Page,
    find,
    find_inside,
    refuse_explicit,
    refuse_lost_anchor,
)
from helm_tyk_upgrade.helmyaml.model import as_helm, at, same
from helm_tyk_upgrade.helmyaml.paths import Path, concrete, format_path
from helm_tyk_upgrade.helmyaml.splice import Splice, add_entry, add_item, add_lines, rename_key, set_value
from helm_tyk_upgrade.helmyaml.text import key as key_text


@dataclass(frozen=True)
class Change:
    """An edit whose paths exist in the data. `splices` may raise Refused or Shared; `expected` edits
    the data."""

    reach: Reach
    splices: Callable[[Page], list[Splice]]
    expected: Callable[[Any], None]


_NOTHING = Change(Reach(()), lambda page: [], lambda data: None)


def set_to(data: Any, path: Path, value: Any) -> Change:
    """Raises Refused when the path does not exist or the value cannot be written."""
    target = _below_top(concrete(path, data), "given another value")
    if same(at(data, target), as_helm(value)):
        return _NOTHING

    def splices(page: Page) -> list[Splice]:
        steps = find(page, target)
        refuse_explicit(page, steps[-1], target)
        refuse_lost_anchor(page, steps[-1].node, target)
        return set_value(page, steps, value)

    def expected(below: Any) -> None:
        at(below, target[:-1])[target[-1]] = as_helm(value)

    return Change(Reach((target,)), splices, expected)


def insert_at(data: Any, path: Path, name: str | int | None, value: Any, after: str | int | None) -> Change:
    """Raises Refused when something of that name is there, or the place is neither a mapping nor a list."""
    container, missing = _deepest(path, data)
    if missing:
        if after is not None:
            raise Refused(
                f"{format_path(path)} does not exist", "Without it, nothing can stand after a key in it."
            )
        value = [value] if not isinstance(name, str) else {name: value}
        for part in reversed(missing[1:]):
            value = {part: value}
        name = missing[0]
    as_helm(value)
    there = at(data, container)
    if isinstance(there, list) or (there is None and not isinstance(name, str)):
        return _insert_item(there or [], container, name, value, after)
    if not isinstance(name, str):
        raise Refused(f"{format_path(container)} is not a list", "Give a key, not an index.")
    return _insert_entry(there or {}, container, name, value, after)


def _insert_item(there: list[Any], container: Path, name: Any, value: Any, after: str | int | None) -> Change:
    index = name if name is not None else len(there)
    if after is not None:
        (index,) = concrete((after,), there)
        index = int(index) + 1
    if isinstance(index, str) or not 0 <= index <= len(there):
        raise Refused(f"{format_path(container)} is a list of {len(there)} items", "Give an index from 0.")

    def splices(page: Page) -> list[Splice]:
        return add_item(page, find_inside(page, container), index, value)

    def expected(below: Any) -> None:
        if not there:
            at(below, container[:-1])[container[-1]] = [as_helm(value)]
        else:
            at(below, container).insert(index, as_helm(value))

    return Change(Reach((container,)), splices, expected)


def _insert_entry(there: Any, container: Path, name: str, value: Any, after: str | int | None) -> Change:
    where = format_path((*container, name))
    if not isinstance(there, dict):
        raise Refused(
            f"{format_path(container)} is not a mapping", f"Set it to a mapping before adding {where}."
        )
    if name in there:
        raise Refused(f"{where} is there already", "Set it instead.")
    if after is not None and after not in there:
        raise Refused(
            f"{format_path((*container, after))} does not exist", "Name an existing key to stand after."
        )

    def splices(page: Page) -> list[Splice]:
        neighbour = find(page, (*container, after), through_last=False)[-1].at if after is not None else None
        return add_entry(page, find_inside(page, container), name, value, neighbour)

    def expected(below: Any) -> None:
        _put(below, container, name, as_helm(value))

    zones: tuple[Path, ...] = ((*container, name),) if there else (container,)
    if after is not None:
        zones = (*zones, (*container, after))
    return Change(Reach(zones, grows=container), splices, expected)


def delete_at(data: Any, path: Path) -> Change:
    """Raises Refused when the path does not exist."""
    target = _below_top(concrete(path, data), "deleted")
    container = target[:-1]
    inside = at(data, container)

    def splices(page: Page) -> list[Splice]:
        steps = find(page, target, through_last=False)
        refuse_explicit(page, steps[-1], target)
        refuse_lost_anchor(page, steps[-1].node, target)
        if steps[-1].key is not None:
            refuse_lost_anchor(page, steps[-1].key, target)
        return delete(page, steps)

    def expected(below: Any) -> None:
        del at(below, container)[target[-1]]

    if isinstance(inside, list):
        return Change(Reach((container,)), splices, expected)
    return Change(Reach((target,), shrinks=container, last=len(inside) == 1), splices, expected)


def rename_to(data: Any, path: Path, new: str) -> Change:
    """Raises Refused when the path does not exist, is a list item, or the new name is taken."""
    target = _below_top(concrete(path, data), "renamed")
    container = target[:-1]
    if isinstance(target[-1], int):
        raise Refused(f"{format_path(path)} is a list item", "It has no name; set or move its content.")
    if new == target[-1]:
        return _NOTHING
    if new in at(data, container):
        raise Refused(f"{format_path((*container, new))} is there already", "Remove one of the two first.")
    key_text(new)

    def splices(page: Page) -> list[Splice]:
        step = find(page, target, through_last=False)[-1]
        assert step.key is not None
        refuse_lost_anchor(page, step.key, target)
        return rename_key(page, step, new)

    def expected(below: Any) -> None:
        inside = at(below, container)
        inside[new] = inside.pop(target[-1])

    return Change(Reach((target, (*container, new))), splices, expected)


def move_to(data: Any, path: Path, new_path: Path) -> Change:
    """Raises Refused when the path does not exist, the new one does, or lies inside the moved entry."""
    target = _below_top(concrete(path, data), "moved")
    if not new_path:
        raise Refused("the top level cannot be the new place", "Give the new path with its key.")
    home, missing = _deepest(new_path[:-1], data)
    name = new_path[-1]
    if isinstance(target[-1], int) or not isinstance(name, str):
        raise Refused(
            f"{format_path(path)}: list items are not moved", "Delete it, and insert it at the new place."
        )
    if not missing and home == target[:-1]:
        return rename_to(data, path, name)
    if (*home, *missing)[: len(target)] == target:
        raise Refused(f"{format_path(path)} cannot be moved into itself", "Choose another place.")
    there = at(data, home)
    if not isinstance(there, dict) and there is not None:
        raise Refused(f"{format_path(home)} is not a mapping", "Choose another place.")
    if name in (there or {}) and not missing:
        raise Refused(f"{format_path(new_path)} is there already", "Remove one of the two first.")
    return _moved(target, home, (*missing, name), there)


def _moved(target: Path, home: Path, names: tuple[str, ...], there: Any) -> Change:
    def splices(page: Page) -> list[Splice]:
        steps = find(page, target, through_last=False)
        step = steps[-1]
        refuse_explicit(page, step, target)
        assert step.key is not None
        indent = page.style.indent

        def lines_at(column: int) -> list[str]:
            parents = [
                " " * (column + indent * depth) + key_text(name) + ":"
                for depth, name in enumerate(names[:-1])
            ]
            return parents + relocated(page, step, len(steps) == 1, names[-1], column + indent * len(parents))

        cuts = delete(page, steps)
        if home[: len(target) - 1] == target[:-1]:
            cuts = cuts[:1]  # the new place lies inside the old parent, which does not become empty
        return [*cuts, *add_lines(page, find_inside(page, home), lines_at)]

    def expected(below: Any) -> None:
        value: Any = at(below, target[:-1]).pop(target[-1])
        for name in reversed(names[1:]):
            value = {name: value}
        _put(below, home, names[0], value)

    zones = (target, (*home, names[0])) if there else (target, home)
    return Change(Reach(zones, grows=home, shrinks=target[:-1], last=True), splices, expected)


def _below_top(path: Path, what: str) -> Path:
    if not path:
        raise Refused(f"the top level cannot be {what}", "Give the path of a key.")
    return path


def _put(data: Any, container: Path, name: str, value: Any) -> None:
    """Add an entry to a mapping of the data, which may be null."""
    inside = at(data, container)
    if inside is None:
        at(data, container[:-1])[container[-1]] = {name: value}
    else:
        inside[name] = value


def _deepest(path: Path, data: Any) -> tuple[Path, tuple[str, ...]]:
    """How far a path exists, as a concrete path, and the keys that are missing. Raises Refused when
    none can be."""
    done: list[str | int] = []
    for number, part in enumerate(path):
        if data is None or (isinstance(data, dict) and part not in data):
            missing = tuple(one for one in path[number:] if isinstance(one, str))
            if len(missing) != len(path) - number:
                raise Refused(
                    f"{format_path(path)} does not exist", "A list item cannot be made with its list."
                )
            return tuple(done), missing
        if not isinstance(data, (dict, list)):
            raise Refused(f"{format_path(tuple(done))} is not a mapping", "Set it to a mapping first.")
        step = concrete((part,), data)
        done += step
        data = at(data, step)
    return tuple(done), ()
