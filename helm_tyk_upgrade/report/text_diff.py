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
    found = tuple(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", n=context, lineterm=""))
    if found:
        return found
    return (f"--- a/{name}", f"+++ b/{name}", "(only line ends or the writing of a secret change)")


def _lines(data: bytes, masker: Masker) -> list[str]:
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    return mask_text(text.replace("\r\n", "\n").removesuffix("\n"), masker)
