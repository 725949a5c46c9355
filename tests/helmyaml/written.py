"""Writes data as YAML in mixed, human ways: quotes, flow, comments, blank lines, indentation, line
endings."""

from __future__ import annotations

import json
import random
from typing import Any

from helm_tyk_upgrade.helmyaml.text import is_plain, literal


def written(data: dict[str, Any], rng: random.Random) -> str:
    """A values file that holds `data`, in ways chosen by `rng`."""
    return written_all([data], rng)


def written_all(documents: list[dict[str, Any]], rng: random.Random) -> str:
    """The same with a document for each of `documents`."""
    eol = rng.choice(["\n", "\n", "\n", "\r\n"])
    head = rng.choice(["", "# head\n\n", "---\n", "# head\n---\n"])
    step, dash = rng.choice([2, 2, 4]), rng.choice([0, 2])
    between = rng.choice(["---\n", "--- # next\n", "# foot\n---\n# head\n", "---\n---\n", "...\n---\n"])
    text = head + between.join(
        "".join(line + "\n" for line in _mapping(data, 0, rng, step, dash)) for data in documents
    )
    if rng.random() < 0.1:
        text += "...\n"
    elif rng.random() < 0.15:
        text = text.rstrip("\n")
    return rng.choice(["", "", "", "\ufeff"]) + text.replace("\n", eol)


def _comments(indent: int, rng: random.Random) -> list[str]:
    return rng.choice([[], [], [], [" " * indent + "# a comment: x"], ["", " " * indent + "# -- said"], [""]])


def _mapping(data: Any, indent: int, rng: random.Random, step: int, dash: int) -> list[str]:
    lines: list[str] = []
    for key, value in data.items():
        lines += _comments(indent, rng)
        lead = " " * indent + _scalar(key, rng) + ":"
        if rng.random() < 0.04:
            lines.append(" " * indent + "? " + _scalar(key, rng))
            lead = " " * indent + ":"
        if isinstance(value, (dict, list)) and value and rng.random() < 0.7:
            shift = step if isinstance(value, dict) else dash
            below = _mapping if isinstance(value, dict) else _items
            mark = rng.choice(
                ["", "", "", "", f" &u{rng.randrange(10**9)}", " !!map" if below is _mapping else " !!seq"]
            )
            lines += [
                lead + mark + rng.choice(["", "  # why"]),
                *below(value, indent + shift, rng, step, dash),
            ]
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
    mark = f" &v{rng.randrange(10**9)}" if rng.random() < 0.05 else ""
    return (
        mark + rng.choice([" ", " ", "  "]) + _flow(value, rng) + rng.choice(["", "", " # same line", "   "])
    )


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
