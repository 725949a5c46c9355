"""A gateway's log: which version started, and which errors are new. Pure.

Formats: text `time="…" level=info msg="…" prefix=main` with a short time until 5.13.0 and RFC 3339 from
5.8.15 and 5.13.1 on; the key is `message` from 5.14.0; JSON where TYK_GW_LOGFORMAT=json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helm_tyk_upgrade.gateway.logknowledge import BENIGN

_VERSION = re.compile(
    r'(?:"(?:msg|message)":\s*"|(?:msg|message)=")Tyk API Gateway v?(?P<start>\d+\.\d+\.\d+[^"\s\\]*)'
    r"|Tyk Gateway started \(v?(?P<started>[^)\s]+)\)"
)
_FIELD = re.compile(r'(\w[\w.-]*)=("(?:[^"\\]|\\.)*"|\S*)')
_PANIC = re.compile(r"^(panic|fatal error): ")
_LEVELS = ("warning", "error", "fatal", "panic")
_SHORT = {"warn": "warning"}
# Order matters: whole times and addresses before the numbers inside them.
_CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "TIME"),
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "ID"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b"), "ADDRESS"),
    (re.compile(r"\[[0-9a-fA-F:]*::?[0-9a-fA-F:]*\](?::\d+)?"), "ADDRESS"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "ID"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b"), "ID"),
    (re.compile(r"\d+(?:\.\d+)*(?:ns|µs|us|ms|s|m|h)?\b"), "N"),
)


@dataclass(frozen=True)
class Entry:
    """One line of interest. level: `warning`, `error`, `fatal` or `panic`; error: the line's error field."""

    level: str
    message: str
    error: str
    line: str


def versions_named(text: str) -> tuple[str, ...]:
    """The versions that start-up lines name, without a leading v, in order, each once."""
    found = (match["start"] or match["started"] for match in _VERSION.finditer(text))
    return tuple(dict.fromkeys(version.removeprefix("v") for version in found))


def entries(text: str) -> list[Entry]:
    """The warnings and errors of a log, panics included. Other lines (stack traces, access logs) are left
    out."""
    return [entry for entry in map(parse_line, text.splitlines()) if entry is not None]


def parse_line(line: str) -> Entry | None:
    if _PANIC.match(line):
        return Entry("panic", line, "", line)
    fields = _json_fields(line) if line.lstrip().startswith("{") else _text_fields(line)
    level = fields.get("level", "").lower()
    level = _SHORT.get(level, level)
    if level not in _LEVELS:
        return None
    return Entry(level, fields.get("msg") or fields.get("message", ""), fields.get("error", ""), line)


def signature(entry: Entry) -> str:
    """What stays the same when the same trouble is logged again: level, message and error without the
    numbers, ids, times and addresses in them."""
    return f"{entry.level}: {_steady(entry.message)}" + (f" ({_steady(entry.error)})" if entry.error else "")


def signatures(text: str) -> dict[str, str]:
    """Signature -> first line that has it. Lines every healthy gateway writes at its start are left out."""
    found: dict[str, str] = {}
    for entry in entries(text):
        if not is_benign(entry):
            found.setdefault(signature(entry), entry.line)
    return found


def new_signatures(before: Iterable[str], after: str) -> dict[str, str]:
    """Signatures of the log `after` that none of the signatures `before` equals, with an example line
    each."""
    known = set(before)
    return {key: line for key, line in signatures(after).items() if key not in known}


def is_benign(entry: Entry) -> bool:
    return any(pattern.search(f"{entry.message} {entry.error}") for pattern in BENIGN)


def _steady(text: str) -> str:
    for pattern, word in _CHANGING:
        text = pattern.sub(word, text)
    return " ".join(text.split())[:300]


def _json_fields(line: str) -> Mapping[str, str]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(fields, dict):
        return {}
    return {key: value for key, value in fields.items() if isinstance(value, str)}


def _text_fields(line: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for match in _FIELD.finditer(line):
        found.setdefault(match[1], _unquoted(match[2]))
    return found


def _unquoted(text: str) -> str:
    """Go's %q, closely enough for comparing: the escapes that occur are those of JSON."""
    if not text.startswith('"'):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text[1:-1]
    return value if isinstance(value, str) else text
