"""Verdicts of checks on a terminal: failing first, then unknown; evidence and hint below those two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import Status, Verdict
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.page import Page

STATUS = {
    Status.PASS: ("pass", "good"),
    Status.FAIL: ("FAIL", "bad"),
    Status.UNKNOWN: ("unknown", "warn"),
    Status.NOT_APPLICABLE: ("n/a", "dim"),
}
URGENCY = (Status.FAIL, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
LOUD = (Status.FAIL, Status.UNKNOWN)
_HAVE_SECTIONS = (
    "server-rejects",
    "field-conflicts",
    "drift",
    "images-present",
    "known-transitions",
    "go-plugins",
)
EVIDENCE = 6
"""So many lines of evidence are shown unless all are asked for."""


def show_verdicts(
    page: Page, verdicts: Iterable[Verdict], masker: Masker, indent: int = 2, *, whole: bool = True
) -> None:
    """Each verdict. Not whole: long evidence is cut, with a count."""
    for verdict in sorted(verdicts, key=lambda verdict: URGENCY.index(verdict.status)):
        word, style = STATUS[verdict.status]
        block = "blocks: " if verdict.blocks else ""
        page.table(
            [((word.ljust(7), style), (verdict.check, ""), (block + masker.text(verdict.reason), ""))],
            indent=indent,
        )
        if verdict.status in LOUD:
            _show_why(page, verdict, masker, indent + 9, whole)


def _show_why(page: Page, verdict: Verdict, masker: Masker, indent: int, whole: bool) -> None:
    shown = verdict.evidence if whole or len(verdict.evidence) <= EVIDENCE else verdict.evidence[:EVIDENCE]
    for line in shown:
        page.text(masker.text(line), "dim", indent=indent)
    if len(shown) < len(verdict.evidence):
        more = len(verdict.evidence) - len(shown)
        page.text(f"... {more} more: --show checks", "dim", indent=indent)
    if verdict.hint:
        page.text(masker.text(verdict.hint), "note", indent=indent, lead="-> ")


def show_briefly(page: Page, verdicts: Iterable[Verdict], masker: Masker) -> None:
    """What blocks is shown elsewhere; of the rest those that want a look, and the names of the others. Checks with a
    section of their own leave their evidence to it."""
    listed = [
        replace(verdict, evidence=()) if verdict.check in _HAVE_SECTIONS else verdict for verdict in verdicts
    ]
    show_verdicts(
        page, (each for each in listed if each.status in LOUD and not each.blocks), masker, whole=False
    )
    blocking = sum(verdict.blocks for verdict in listed)
    if blocking:
        page.text(f"{count(blocking, 'check')} blocking, see above", "bad")
    for status in (Status.PASS, Status.NOT_APPLICABLE):
        names = [verdict.check for verdict in listed if verdict.status is status]
        word, style = STATUS[status]
        if names:
            page.text(", ".join(names), style, lead=f"{word} ({len(names)}): ", hang=4)
