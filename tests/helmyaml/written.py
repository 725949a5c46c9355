"""Writes data as YAML in mixed, human ways: quotes, flow, comments, blank lines, indentation, line
endings."""

from __future__ import annotations

import json
import random
from typing import Any

from helm_tyk_upgrade.helmyaml.text import is_plain, literal


def written(data: dict[str, Any], rng: random.Random) -> str:
    """A values file that holds `data`, in ways chosen by `rng`."""
    eol = rng.choice(["\n", "\n", "\n", "\r\n"])
    head = rng.choice(["", "# head\n\n", "---\n", "# head\n---\n"])
    text = head + "".join(
        line + "\n" for line in _mapping(data, 0, rng, rng.choice([2, 2, 4]), rng.choice([0, 2]))
    )
    if rng.random() < 0.15:
        text = text.rstrip("\n")
    return rng.choice(["", "", "", "\ufeff"]) + text.replace("\n", eol)


def _comments(indent: int, rng: random.Random) -> list[str]:
    return rng.choice([[], [], [], [" " * indent + "# a comment: x"], ["", " " * indent + "# -- said"], [""]])


def _mapping(data: Any, indent: int, rng: random.Random, step: int, dash: int) -> list[str]:
    lines: list[str] = []
    for key, value in data.items():
        lines += _comments(indent, rng)
        lead = " " * indent + _scalar(key, rng) + ":"
        if isinstance(value, (dict, list)) and value and rng.random() < 0.7:
            shift = step if isinstance(value, dict) else dash
            below = _mapping if isinstance(value, dict) else _items
            lines += [lead + rng.choice(["", "  # why"]), *below(value, indent + shift, rng, step, dash)]
        else:
            lines.append(lead + _value(value, indent + step, rng))
    return lines


def _items(data: Any, indent: int, rng: random.Random, step: int, dash: int) -> list[str]:
    lines: list[str] = []
    for value in data:
        lines += _comments(indent, rng)
        if isinstance(value, dict) and value and rng.random() < 0.7:
            below = _mapping(value, indent + 2, rng, step, dash)
            first = next(
                number for number, line in enumerate(below) if line.strip() and line.strip()[0] != "#"
            )
            lines += [" " * indent + "- " + below[first].lstrip(), *below[first + 1 :]]
        elif isinstance(value, list) and value and rng.random() < 0.5:
            below = _items(value, indent + 2, rng, step, dash)
            first = next(number for number, line in enumerate(below) if line.strip()[:1] == "-")
            lines += [" " * indent + "- " + below[first].lstrip(), *below[first + 1 :]]
        else:
            lines.append(" " * indent + "-" + _value(value, indent + 2, rng))
    return lines


def _value(value: Any, indent: int, rng: random.Random) -> str:
    """What follows a colon or dash, its space included."""
    if isinstance(value, str):
        block = literal(value, indent, "\n")
        if block is not None and rng.random() < 0.7:
            return " " + block
    if value is None and rng.random() < 0.5:
        return ""
    return rng.choice([" ", " ", "  "]) + _flow(value, rng) + rng.choice(["", "", " # same line", "   "])


def _flow(value: Any, rng: random.Random) -> str:
    pad = rng.choice(["", " "])
    if isinstance(value, dict):
        return (
            "{" + pad + ", ".join(f"{_scalar(k, rng)}: {_flow(v, rng)}" for k, v in value.items()) + pad + "}"
        )
    if isinstance(value, list):
        return "[" + pad + ", ".join(_flow(one, rng) for one in value) + pad + "]"
    return _scalar(value, rng)


def _scalar(value: Any, rng: random.Random) -> str:
    if value is None:
        return rng.choice(["null", "~"])
    if isinstance(value, bool):
        return rng.choice(["true", "yes", "On"] if value else ["false", "no", "Off"])
    if not isinstance(value, str):
        return json.dumps(value)
    if is_plain(value, True) and rng.random() < 0.6:
        return value
    if "\n" not in value and rng.random() < 0.5:
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)
