"""The data a file is expected to hold after an edit, and the strict comparison that decides."""

from __future__ import annotations

import math
from typing import Any

from helm_tyk_upgrade.helmyaml.construct import Value
from helm_tyk_upgrade.helmyaml.errors import Refused
from helm_tyk_upgrade.helmyaml.paths import Path
from helm_tyk_upgrade.helmyaml.tree import MAX_DEPTH

_HOLDERS = (dict, list)


def at(data: Any, path: Path) -> Any:
    """The value at a concrete path that exists."""
    for part in path:
        data = data[part]
    return data


def as_helm(value: Any, depth: int = 0) -> Value:
    """A value to be written, as Helm will read it back (numbers as float64). Raises Refused for what
    YAML lacks."""
    if depth > MAX_DEPTH:
        raise Refused(f"a value nested deeper than {MAX_DEPTH} levels", "Write it by hand.")
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int) and abs(value) < 2**63:
        return float(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, list):
        return [as_helm(one, depth + 1) for one in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: as_helm(one, depth + 1) for key, one in value.items()}
    raise Refused(
        f"a {type(value).__name__} like this cannot stand in a values file",
        "Use text, numbers of 64 bit, true/false, null, lists, and maps with text keys.",
    )


def copied(value: Any) -> Any:
    """The data again, with maps and lists of its own."""
    if isinstance(value, dict):
        return {key: copied(one) if type(one) in _HOLDERS else one for key, one in value.items()}
    return [copied(one) if type(one) in _HOLDERS else one for one in value]


def same(left: Any, right: Any) -> bool:
    """Equal in type too: for Python `True == 1`, for Helm they differ, as `-0.0` and `0.0` do. The order of
    map keys has no meaning."""
    stack = [(left, right)]
    while stack:
        one, other = stack.pop()
        if one is other:
            continue
        if type(one) is not type(other):
            return False
        if isinstance(one, dict):
            if one.keys() != other.keys():
                return False
            stack += [(value, other[key]) for key, value in one.items()]
        elif isinstance(one, list):
            if len(one) != len(other):
                return False
            stack += zip(one, other, strict=True)
        elif one != other or (not one and type(one) is float and str(one) != str(other)):
            return False
    return True
