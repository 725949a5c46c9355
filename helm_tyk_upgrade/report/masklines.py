"""Text with `key: value` or `key=value` lines (scripts, config files, comments) with the secrets in it masked.

Line by line, because the text may be no valid YAML at all: a secret is hidden by its key's name wherever the
pair stands, with the lines that belong to it (block scalars, continuation lines), commented out or not. YAML goes
through `maskyaml` first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from helm_tyk_upgrade.model.secrets import Masker, is_secret_name

_PAIR = re.compile(
    r"""(?P<head>(?P<quote>\\?["']?)(?P<key>[A-Za-z_][A-Za-z0-9_.\-]*)(?P=quote)[ \t]*[:=][ \t]*)"""
    r"""(?P<value>\\?"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,{}\[\]][^,}\]]*|)"""
)
_KEY_ONLY = re.compile(r"""[ \t#]*(?:-[ \t]+)*["']?[A-Za-z_][\w.\-]*["']?[ \t]*:(?:[ \t]|$)""")
_BLOCK = re.compile(r"[|>][+\-0-9]*[ \t]*(?:#.*)?$")
_NAME = re.compile(r"""[ \t#]*(?P<dash>-[ \t]+)?["']?name["']?[ \t]*:[ \t]*["']?(?P<name>[\w.\-]+)""")
_VALUE = re.compile(r"""[ \t#]*(?:-[ \t]+)?["']?value["']?[ \t]*:""")
_FLOW_NAME = re.compile(r"""[{,][ \t]*\\?["']?name\\?["']?[ \t]*:[ \t]*\\?["']?(?P<name>[\w.\-]+)""")
_DONE = re.compile(r"secret:[0-9a-f]{8}")
_HARMLESS = ("", "true", "false", "null", "~", "''", '""', "{}", "[]")


@dataclass
class _Hiding:
    """Lines deeper than `column` belong to a secret; `maps`: unless they are keys of their own."""

    column: int
    maps: bool


def mask_lines(lines: Iterable[str], masker: Masker) -> list[str]:
    """The same lines, each safe to show. A masked line keeps its indentation and its key."""
    raw = list(lines)
    secret_values = _values_named_secret(raw)
    hiding: _Hiding | None = None
    shown = []
    for index, line in enumerate(raw):
        if hiding and line.strip() and _column(line) <= hiding.column and not _dash_at(line, hiding):
            hiding = None
        if hiding and line.strip() and not (hiding.maps and _KEY_ONLY.match(line)):
            shown.append(_hidden(line, masker))
            continue
        masked, starts = _mask_pairs(line, masker, index in secret_values)
        hiding = starts or hiding
        shown.append(masker.text(masked))
    return shown


def _hidden(line: str, masker: Masker) -> str:
    body = line.strip().rstrip("\r")
    lead = line[: len(line) - len(line.lstrip())]
    dash = re.match(r"(?:-[ \t]+)?", body)
    kept = dash[0] if dash else ""
    if _DONE.match(body[len(kept) :]):
        return masker.text(line)
    return lead + kept + masker.fingerprint(body[len(kept) :].strip("\"'"))


def _column(line: str) -> int:
    """Where a line's content starts; a leading comment mark counts as a blank."""
    plain = re.sub(r"^([ \t]*)#", r"\1 ", line)
    return len(plain) - len(plain.lstrip())


def _dash_at(line: str, hiding: _Hiding) -> bool:
    """A list may stand at its key's own column: its items still belong to the key."""
    return hiding.maps and _column(line) == hiding.column and line.lstrip(" \t#").startswith("- ")


def _mask_pairs(line: str, masker: Masker, value_is_secret: bool) -> tuple[str, _Hiding | None]:
    """The line with its secret pairs masked, and what the lines below it have to hide."""
    out, position, starts = "", 0, None
    flow_names = [match["name"] for match in _FLOW_NAME.finditer(line)]
    for match in _PAIR.finditer(line):
        if match.start() < position:
            continue
        key = match["key"]
        secret = is_secret_name(key) or (
            key == "value" and (value_is_secret or any(map(is_secret_name, flow_names)))
        )
        if not secret:
            continue
        in_flow = _is_flow(line[: match.start()])
        end = match.end() if in_flow or match["value"][:1] in ("'", '"', "\\") else len(line)
        value = line[match.end("head") : end].rstrip("\r\n")
        if not in_flow:
            starts = _starts(line, match, value)
        if value.strip() in _HARMLESS or value[:1] in "{[" or _BLOCK.match(value) or _DONE.match(value):
            continue
        out += line[position : match.end("head")] + masker.fingerprint(_unquoted(value))
        position = end
    return out + line[position:], starts


def _is_flow(before: str) -> bool:
    return before.count("{") + before.count("[") > before.count("}") + before.count("]")


def _starts(line: str, match: re.Match[str], value: str) -> _Hiding | None:
    if value[:1] in ("{", "["):
        return None
    plain = re.sub(r"^([ \t]*)#", r"\1 ", line)
    column = len(plain) - len(plain.lstrip())
    dash = re.match(r"(?:-[ \t]+)*", plain.lstrip())
    column += len(dash[0]) if dash else 0
    return _Hiding(column, maps=not value.strip() or value.lstrip().startswith("#"))


def _unquoted(value: str) -> str:
    text = value.strip()
    text = re.sub(r"[ \t]+#.*$", "", text) if text[:1] not in "\"'" else text
    return text.strip("\\").strip("\"'").strip("\\")


def _values_named_secret(lines: list[str]) -> set[int]:
    """The lines `value: ...` of list items whose `name:` is a secret's, whichever of the two comes first."""
    found: set[int] = set()
    for index, line in enumerate(lines):
        match = _NAME.match(line)
        if match is None or not is_secret_name(match["name"]):
            continue
        column = _key_column(line)
        for step in (1, -1):
            at = index
            while 0 <= at + step < len(lines):
                if (
                    step == -1
                    and lines[at].lstrip(" \t#").startswith("- ")
                    and _key_column(lines[at]) == column
                ):
                    break
                at += step
                if not lines[at].strip():
                    continue
                if _column(lines[at]) < column and not (step == -1 and _key_column(lines[at]) == column):
                    break
                if _key_column(lines[at]) == column and _VALUE.match(lines[at]):
                    found.add(at)
    return found


def _key_column(line: str) -> int:
    """The column of a line's first key, behind the dash of a list item."""
    plain = re.sub(r"^([ \t]*)#", r"\1 ", line)
    dash = re.match(r"[ \t]*(?:-[ \t]+)*", plain)
    return len(dash[0]) if dash else 0
