"""A translated values file: what moved, what needs a person, the way beside the old release."""

from __future__ import annotations

from typing import Any

from helm_tyk_upgrade.helmyaml.emit import compose
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.translation import Translation
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.json_document import document
from helm_tyk_upgrade.report.masking import tree
from helm_tyk_upgrade.report.maskyaml import mask_text
from helm_tyk_upgrade.report.page import Page
from helm_tyk_upgrade.report.values_view import key_path


def as_text(found: Translation, out: str, masker: Masker, *, colour: bool = False, width: int = 80) -> str:
    """The report for a person; the new file itself is elsewhere."""
    page = Page(width)
    page.line((masker.text(f"{found.source} as values of tyk-oss"), "bold"))
    page.text(f"{count(len(found.moved), 'key')} carried over, {len(found.unmapped)} without a counterpart")
    if out:
        page.text(masker.text(f"written to {out}, readable by you only"), "good")
    else:
        page.text("secrets are fingerprints in what is printed: --out NEW writes the file itself", "warn")
    if found.unmapped:
        page.heading("Keys without a counterpart")
    for each in found.unmapped:
        page.line((masker.text(f"{key_path(each.path)}  ({found.source}:{each.line})"), "warn"), indent=2)
        page.text(masker.text(each.reason), "dim", indent=4)
    page.heading("What tyk-oss does otherwise")
    for text in found.differences:
        page.text(text, lead="* ")
    page.heading("The way: a new release beside the old one")
    for number, step in enumerate(found.plan, start=1):
        page.text(masker.text(step), lead=f"{number}. ")
    return page.render(colour)


def masked_file(found: Translation, masker: Masker) -> str:
    """The new file with every secret as a fingerprint. Comments of the file's author may hold secrets too."""
    comments = {
        path: "\n".join([*(mask_text(theirs, masker) if theirs else ()), ours])
        for path, (theirs, ours) in found.comments.items()
    }
    return compose(tree(masker, found.values), comments).decode().removesuffix("\n")


def as_json(found: Translation, out: str, masker: Masker) -> str:
    """One document of kind Translation (docs/schemas/translation.v1.json)."""
    body: dict[str, Any] = {
        "source": masker.text(found.source),
        "file": masked_file(found, masker),
        "moved": [{"old": key_path(old), "new": key_path(new)} for old, new in found.moved],
        "unmapped": [
            {"path": masker.text(key_path(each.path)), "line": each.line, "reason": each.reason}
            for each in found.unmapped
        ],
        "differences": list(found.differences),
        "plan": [masker.text(step) for step in found.plan],
    }
    if out:
        body["writtenTo"] = masker.text(out)
    return document("Translation", body, masker)
