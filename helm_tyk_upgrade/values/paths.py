"""Values trees by path: leaves, look-ups, equality as Helm sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, Path


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """(path, value) of all that is not a map with keys; a list is one leaf (Helm replaces it whole)."""
    if isinstance(tree, dict) and (tree or not path):
        for key, value in tree.items():
            yield from leaves(value, (*path, key))
    else:
        yield path, tree


def lookup(tree: Any, path: Path) -> Any:
    """The value at a path, ABSENT where there is none."""
    for step in path:
        in_list = isinstance(tree, list) and isinstance(step, int) and 0 <= step < len(tree)
        if not in_list and not (isinstance(tree, dict) and step in tree):
            return ABSENT
        tree = tree[step]
    return tree


def equal(left: Any, right: Any) -> bool:
    """Equal as Helm reads values: every number is a float64, so 1 equals 1.0; true is not 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return float(left) == float(right)
    return bool(left == right)


def type_name(value: Any) -> str:
    """The JSON type, with both kinds of number as one."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "list" if isinstance(value, list) else "map" if isinstance(value, dict) else "absent"


def dotted(path: Path) -> str:
    """A path as people and `--set` write it: keys joined by dots (a dot in a key escaped), `[index]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + step.replace(".", "\\.")
    return text


def insert(tree: dict[str, Any], path: Path, value: Any) -> None:
    """Set a value in a tree of maps, making the maps on the way. A value in the way is replaced."""
    for step in path[:-1]:
        below = tree.get(str(step))
        if not isinstance(below, dict):
            below = tree[str(step)] = {}
        tree = below
    tree[str(path[-1])] = value
