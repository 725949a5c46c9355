"""Paths into values: tuples of keys, list indexes and list selectors, and their textual form."""

from __future__ import annotations

import re
from typing import Any, Union

from helm_tyk_upgrade.helmyaml.construct import Value
from helm_tyk_upgrade.helmyaml.errors import Refused, safe

Path = tuple[Union[str, int], ...]

_PLAIN_KEY = re.compile(r"[^\s.\[\]\"'\\=]+\Z")
_TOKEN = re.compile(
    r"""(?P<dot>\.)|\[(?P<index>[0-9]+)\]|\[(?P<field>[^\]="']+)=(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\]]*))\]
    |\[?"(?P<double>[^"]*)"\]?|\[?'(?P<single>[^']*)'\]?|(?P<key>(?:\\.|[^.\[\]"'\\])+)""",
    re.VERBOSE | re.DOTALL,
)


def item(**field: str) -> str:
    """A selector for the list item whose field has this value: `item(name="TYK_GW_X")` -> "name=TYK_GW_X"."""
    if len(field) != 1:
        raise Refused("a list item is selected by exactly one field", 'For example item(name="TYK_GW_X").')
    ((name, value),) = field.items()
    return f"{name}={value}"


def parse_path(text: str) -> Path:
    """`extraEnvs[name=TYK_GW_X].value`, `a.b[0]`, `a."b.c"`, `a.b\\.c` as a path. Raises Refused when
    malformed."""
    path: list[str | int] = []
    position, after_dot = 0, True
    while position < len(text):
        match = _TOKEN.match(text, position)
        if (
            not match
            or (match["dot"] and after_dot)
            or (not match["dot"] and not after_dot and not _bracket(match))
        ):
            raise Refused(f"not a path: {safe(text)!r}", "Write it like extraEnvs[name=X].value or a.b[0].")
        if match["dot"] is None:
            path.append(_element(match))
        after_dot = match["dot"] is not None
        position = match.end()
    if after_dot and text:
        raise Refused(f"not a path: {safe(text)!r}", "It must not end with a dot.")
    return tuple(path)


def _bracket(match: re.Match[str]) -> bool:
    return match[0].startswith("[")


def _element(match: re.Match[str]) -> str | int:
    if match["index"] is not None:
        return int(match["index"])
    if match["field"] is not None:
        return f"{match['field']}={match['quoted'] if match['quoted'] is not None else match['bare']}"
    if match["key"] is not None:
        return re.sub(r"\\(.)", r"\1", match["key"], flags=re.DOTALL)
    return match["double"] if match["double"] is not None else str(match["single"])


def format_path(path: Path) -> str:
    """The textual form, safe to print; keys with dots are quoted. A selector prints as `[name=X]`."""
    out = ""
    for part in path:
        if isinstance(part, int) or "=" in part:
            out += f"[{part}]"
        else:
            key = part if _PLAIN_KEY.match(part) else f'"{part}"'
            out += f".{key}" if out else key
    return safe(out) or "(top level)"


def concrete(path: Path, data: Any) -> Path:
    """The path with its selectors turned into indexes. Raises Refused when it does not exist in `data`."""
    done: list[str | int] = []
    for part in path:
        if isinstance(data, list):
            part = _index(part, data, tuple(done))
        elif not isinstance(data, dict) or part not in data:
            raise Refused(f"{format_path((*done, part))} does not exist", "Check the path against the file.")
        done.append(part)
        data = data[part]
    return tuple(done)


def _index(part: str | int, items: list[Value], above: Path) -> int:
    where = format_path((*above, part))
    if isinstance(part, int):
        if not 0 <= part < len(items):
            raise Refused(f"{where} does not exist: the list has {len(items)} items", "Check the index.")
        return part
    field, equals, wanted = part.partition("=")
    if not equals:
        raise Refused(f"{where}: a list needs an index or a selector", "For example [0] or [name=X].")
    hits = [at for at, one in enumerate(items) if isinstance(one, dict) and _matches(one, field, wanted)]
    if len(hits) != 1:
        found = "no item matches" if not hits else f"{len(hits)} items match"
        raise Refused(f"{where}: {found}", "Check the selector, or use an index.")
    return hits[0]


def _matches(one: dict[str, Any], field: str, wanted: str) -> bool:
    value = one.get(field)
    if isinstance(value, bool):
        return wanted == ("true" if value else "false")
    if isinstance(value, float):
        return wanted == (str(int(value)) if value.is_integer() else repr(value))
    return bool(value == wanted)
