"""What an edit changes in a values file, as a unified diff in which no secret can be read."""

from __future__ import annotations

import difflib

from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.report.maskyaml import mask_text


def unified(name: str, before: bytes, after: bytes, masker: Masker, context: int = 3) -> tuple[str, ...]:
    """The lines of a unified diff between two versions of a file, masked; empty where they are equal.

    A changed secret shows as two fingerprints; a change of bytes that changes no text is said in words.
    """
    if before == after:
        return ()
    old, new = _lines(before, masker), _lines(after, masker)
    found = difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", n=context, lineterm="")
    lines = tuple(part for line in found for part in line.split("\n"))
    if lines:
        return lines
    return (f"--- a/{name}", f"+++ b/{name}", "(only the writing of a secret changes)")


def _lines(data: bytes, masker: Masker) -> list[str]:
    """The text's lines as `patch` counts them: none of an empty text, a carriage return as a part of its line, and
    a last line without an end with the mark that diff writes below it."""
    text = data.decode("utf-8", "replace")
    if not text:
        return []
    ended = text.endswith("\n")
    mark = text[:1] if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff").removesuffix("\n")
    returns = [line.endswith("\r") for line in body.split("\n")]
    shown = mask_text(body.replace("\r\n", "\n").removesuffix("\r"), masker)
    lines = [f"{line}\r" if back else line for line, back in zip(shown, returns, strict=True)]
    lines[0] = mark + lines[0]
    if not ended:
        lines[-1] += "\n\\ No newline at end of file"
    return lines
