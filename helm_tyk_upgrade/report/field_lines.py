"""One changed field as the lines of a diff, masked; long values shortened where only an overview is wanted. Pure."""

from __future__ import annotations

import difflib

from helm_tyk_upgrade.model.change import ABSENT, ChecksumTrace, FieldChange, ObjectChange
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.masking import field_value
from helm_tyk_upgrade.report.writing import block, written

FOLD = 12
"""A field shows at most so many lines unless its object is asked for."""
Line = tuple[str, str]
"""Mark (`-`, `+` or a blank) and text."""


def field_lines(
    change: ObjectChange, field: FieldChange, masker: Masker, width: int, *, whole: bool = False
) -> list[Line]:
    """The old and the new value of a field; a long text by the lines that differ, with more context where whole."""
    old, new = (field_value(masker, change.id, field, value) for value in (field.old, field.new))
    if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        return _text_lines(old, new, 3 if whole else 1)
    sides = (("-", old), ("+", new))
    lines = [(mark, line) for mark, value in sides if value is not ABSENT for line in block(value, width)]
    if old is not ABSENT and new is not ABSENT and written(old) == written(new):
        lines.append((" ", "(the same value, written in another way)"))
    return lines


def _text_lines(old: str, new: str, context: int) -> list[Line]:
    found = list(difflib.unified_diff(old.split("\n"), new.split("\n"), n=context, lineterm=""))[2:]
    return [(" ", line) if line[:1] == "@" else (line[:1], line[1:]) for line in found]


def shortened(lines: list[Line], limit: int, see: str) -> list[Line]:
    """The first lines, and how many more there are; see: how to see them."""
    more = len(lines) - limit
    if more <= 1:
        return lines
    return [*lines[:limit], (" ", f"... {count(more, 'more line')}" + (f": {see}" if see else ""))]


def checksum_reason(trace: ChecksumTrace) -> str:
    """Why a pod template's checksum changes, no surer than it is known."""
    names = ", ".join(map(str, trace.causes))
    verb = "changes" if len(trace.causes) == 1 else "change"
    if not trace.causes:
        return "a checksum: what it is made of was not found among the changed objects"
    if trace.known:
        return f"a checksum: it changes because {names} {verb}"
    return f"a checksum: probably because of {names}, which {verb} with it"
