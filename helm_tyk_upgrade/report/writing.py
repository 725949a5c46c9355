"""Masked values written for people: on one line, or spread out as YAML. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT

_PLAIN = re.compile(r"[^\s\[\]{}\"'&*!|>%@`#:]([^\n]*[^\s:])?")
_LOOKS_TYPED = re.compile(
    r"[-+]?\.?[0-9][-+0-9a-fA-FxXoO_:.]*|true|false|null|yes|no|on|off|~", re.IGNORECASE
)
_FLOW_SIGNS = re.compile(r"[,\[\]{}]|: |#|:$")


def written(value: Any) -> str:
    """A masked value on one line, as YAML would write it: text without quotes where no one can mistake it."""
    if value is ABSENT:
        return "(none)"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and not _LOOKS_TYPED.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _flow(value: Any) -> str:
    text = written(value)
    bare = isinstance(value, str) and not text.startswith('"')
    return json.dumps(value, ensure_ascii=False) if bare and _FLOW_SIGNS.search(text) else text


def block(value: Any, width: int) -> list[str]:
    """A masked value as lines: one where it fits, else maps and lists spread out as YAML."""
    one = written(value)
    if isinstance(value, str):
        return ["|", *("  " + line for line in value.rstrip("\n").split("\n"))] if "\n" in value else [one]
    if not isinstance(value, (dict, list)) or len(one) <= min(width, 60) or not value:
        return [one]
    if isinstance(value, list):
        spread = [block(item, width - 2) for item in value]
        return [line for inner in spread for line in ("- " + inner[0], *("  " + more for more in inner[1:]))]
    return [line for key, item in value.items() for line in _entry(str(key), item, width)]


def _entry(key: str, item: Any, width: int) -> list[str]:
    inner = block(item, width - 2)
    spread = isinstance(item, (dict, list)) and inner[0][:1] not in "{["
    if len(inner) == 1 and not spread and len(key) + 2 + len(inner[0]) <= width:
        return [f"{key}: {inner[0]}"]
    if inner[0] == "|":
        return [f"{key}: |", *inner[1:]]
    if not isinstance(item, (dict, list)):
        return [f"{key}: {inner[0]}", *inner[1:]]
    return [f"{key}:", *("  " + line for line in inner)]
