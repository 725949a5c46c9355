"""Values as YAML text in the style of the file: scalars, flow collections and block entries."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.helmyaml.errors import Refused
from helm_tyk_upgrade.helmyaml.scalars import resolve

_ODD = "[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
_ODD_CHARACTER = re.compile(_ODD)
_ODD_IN_BLOCK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_WORD = re.compile(
    r"[^\W\d]|[/($]"
)  # what a plain string may start with: nothing that means something in YAML
# Digits first: only versions and quantities, which no YAML reader takes for a number, date or base-60 time.
_QUANTITY = re.compile(r"\d+\.\d+\.\d+[A-Za-z0-9.+-]*\Z|\d+(\.\d+)?(ms|s|m|h|d|Ki|Mi|Gi|Ti|k|M|G|T|%)\Z")
_WORDS_ELSEWHERE = frozenset("y n yes no on off true false null nan inf".split())


@dataclass(frozen=True)
class Style:
    """How the file writes: line ending, spaces per level, and how far a list's dash stands right of its
    key."""

    eol: str = "\n"
    indent: int = 2
    dash: int = 2


def scalar(value: Any, quote: str | None = None, flow: bool = False) -> str:
    """One line of text that Helm and YAML 1.2 readers both read as this scalar; `quote` is kept where
    possible.

    Raises Refused for what JSON cannot carry (nan, lone surrogates) and for other types.
    """
    if isinstance(value, str):
        return _string(value, quote, flow)
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    if isinstance(value, float) and math.isfinite(value):
        whole = value.is_integer() and abs(value) < 1e16 and str(value) != "-0.0"
        return str(int(value)) if whole else repr(value)
    raise Refused(
        f"a {type(value).__name__} cannot be written into a values file", "Use a string, number or bool."
    )


def _string(value: str, quote: str | None, flow: bool) -> str:
    if re.search("[\ud800-\udfff]", value):
        raise Refused("text with half a surrogate pair cannot be written", "Correct the text.")
    odd = _ODD_CHARACTER.search(value)
    if quote == "'" and not odd:
        return "'" + value.replace("'", "''") + "'"
    if quote != '"' and is_plain(value, flow):
        return value
    dumped = json.dumps(value, ensure_ascii=False)
    return re.sub("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]", lambda m: f"\\u{ord(m[0]):04x}", dumped)


def is_plain(value: str, flow: bool) -> bool:
    """Whether a string may stand without quotes: a string for Helm, YAML 1.1 and YAML 1.2 readers alike."""
    if _ODD_CHARACTER.search(value) or not (_WORD.match(value) or _QUANTITY.match(value)):
        return False
    if value.lower() in _WORDS_ELSEWHERE or not isinstance(resolve(value), str):
        return False
    if re.search(r": | #|[:\s]\Z", value):
        return False
    return not (flow and re.search(r"[,\[\]{}:?#]", value))


def flowed(value: Any) -> str:
    """A value on one line, for inside `{}` and `[]`."""
    if isinstance(value, dict):
        inner = ", ".join(f"{key(name, True)}: {flowed(below)}" for name, below in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flowed, value)) + "]"
    return scalar(value, flow=True)


def key(name: Any, flow: bool = False, quote: str | None = None) -> str:
    if not isinstance(name, str):
        raise Refused("map keys must be text", "Helm turns every key into text; write it as text.")
    return scalar(name, quote, flow)


def literal(value: str, indent: int, eol: str) -> str | None:
    """A `|` block for text of several lines, or None where only quotes keep it exactly."""
    body = value.rstrip("\n")
    if "\n" not in value or not body or body[0] in " \t\n" or _ODD_IN_BLOCK.search(value):
        return None
    if re.search(r"(?m)^[ \t]+$|^\t", body) or body[-1] in " \t":
        return None
    newlines = len(value) - len(body)
    lines = "".join(eol + (" " * indent + line if line else "") for line in body.split("\n"))
    return "|" + ("-" if newlines == 0 else "" if newlines == 1 else "+") + lines + eol * max(0, newlines - 1)


def is_block(value: Any) -> bool:
    """Whether a value is written on lines of its own: a map or list that is not empty."""
    return isinstance(value, (dict, list)) and bool(value)


def inline(value: Any, indent: int, style: Style, one_line: bool, quote: str | None = None) -> str:
    """Text that follows `key: ` or `- `: a scalar, a `|` block (unless `one_line`), `{}` or `[]`."""
    if isinstance(value, (dict, list)):
        return flowed(value)
    if isinstance(value, str) and not one_line:
        block = literal(value, indent, style.eol)
        if block is not None:
            return block
    return scalar(value, quote, one_line and quote is None and isinstance(value, str) and "\n" in value)


def block_lines(value: Any, indent: int, style: Style, one_line: bool = False) -> list[str]:
    """The lines of a non-empty map or list whose keys or dashes stand at column `indent`; no line
    endings after."""
    lines: list[str] = []
    if isinstance(value, dict):
        for name, below in value.items():
            lines += entry(f"{key(name)}:", below, indent, style, one_line)
    else:
        for below in value:
            lines += item_lines(below, indent, style, one_line)
    return lines


def entry(lead: str, value: Any, indent: int, style: Style, one_line: bool = False) -> list[str]:
    """The lines of `key:` with its value, the key at column `indent`."""
    first = " " * indent + lead
    if not is_block(value):
        return [f"{first} {inline(value, indent + style.indent, style, one_line)}"]
    shift = style.indent if isinstance(value, dict) else style.dash
    return [first, *block_lines(value, indent + shift, style, one_line)]


def item_lines(value: Any, indent: int, style: Style, one_line: bool = False) -> list[str]:
    """The lines of one list item, its dash at column `indent`."""
    dash = " " * indent + "- "
    if not is_block(value):
        return [dash + inline(value, indent + 2, style, one_line)]
    lines = block_lines(value, indent + 2, style, one_line)
    return [dash + lines[0].lstrip(" "), *lines[1:]]
