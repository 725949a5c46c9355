"""Verdicts of checks on a terminal: failing first, then unknown; evidence and hint below those two."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.decision import Decision
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
_WORD = 9
"""Columns of the word before a check's name."""
_NAME, _ROOM = 24, 36
"""Columns of the name; where fewer than _ROOM would be left for the reason, it stands below."""


def word_of(verdict: Verdict, *, policies: bool = True) -> tuple[str, str]:
    """The word for a verdict and its style: a check that fails says FAIL only where that blocks. Not policies: a proof,
    in which every failure is one."""
    if policies and verdict.status is Status.FAIL and not verdict.blocks:
        return ("ignored", "dim") if verdict.policy is Policy.IGNORE else ("WARN", "warn")
    return STATUS[verdict.status]


def show_verdicts(
    page: Page,
    verdicts: Iterable[Verdict],
    masker: Masker,
    indent: int = 2,
    *,
    whole: bool = True,
    policies: bool = False,
) -> None:
    """Each verdict. Not whole: long evidence is cut, with a count; policies: see word_of."""
    for verdict in sorted(verdicts, key=_urgency):
        block = "blocks: " if verdict.blocks else ""
        _show_verdict(page, verdict, block + masker.text(verdict.reason), masker, indent, policies)
        if verdict.status in LOUD:
            _show_why(page, verdict, masker, indent + _WORD, whole)


def _urgency(verdict: Verdict) -> tuple[bool, int]:
    return not verdict.blocks, URGENCY.index(verdict.status)


def _show_verdict(
    page: Page, verdict: Verdict, reason: str, masker: Masker, indent: int, policies: bool
) -> None:
    """Reasons start in one column, or all below the names where the page is narrow."""
    word, style = word_of(verdict, policies=policies)
    name, start = masker.text(verdict.check), indent + _WORD + _NAME
    lead = (word.ljust(_WORD), style)
    if page.width - start < _ROOM or len(name) > _NAME - 2:
        page.line(lead, (name, ""), indent=indent)
        page.text(reason, indent=indent + _WORD)
        return
    page.row((lead, (name.ljust(_NAME), "")), reason, indent=indent, column=start)


def _show_why(page: Page, verdict: Verdict, masker: Masker, indent: int, whole: bool) -> None:
    evidence = [line for line in verdict.evidence if line != verdict.reason]
    shown = evidence if whole or len(evidence) <= EVIDENCE else evidence[:EVIDENCE]
    for line in shown:
        page.text(masker.text(line), "dim", indent=indent)
    if len(shown) < len(evidence):
        page.text(f"... {len(evidence) - len(shown)} more: --show checks", "dim", indent=indent)
    if verdict.hint:
        page.text(masker.text(verdict.hint), "note", indent=indent, lead="-> ")


def show_first(page: Page, decision: Decision, masker: Masker, told: Collection[str] = ()) -> None:
    """What a reader must see before the details: what blocks, with its evidence where no section has it; each warning
    in a line; the names of what could not be found out. told: checks whose reason stands on the page already."""
    if decision.blocked_by:
        page.heading("What blocks")
        show_verdicts(page, map(_without_evidence, decision.blocked_by), masker, whole=False, policies=True)
    if decision.warnings or decision.unknown:
        page.heading("What warns")
    for verdict in decision.warnings:
        reason = "see above" if verdict.check in told else masker.text(verdict.reason)
        _show_verdict(page, verdict, reason, masker, 2, policies=True)
    if decision.unknown:
        names = ", ".join(verdict.check for verdict in decision.unknown)
        page.text(masker.text(names), "warn", lead=f"unknown ({len(decision.unknown)}): ", hang=4)


def _without_evidence(verdict: Verdict) -> Verdict:
    """A check with a section of its own leaves its evidence to it."""
    return replace(verdict, evidence=()) if verdict.check in _HAVE_SECTIONS else verdict


def show_briefly(page: Page, verdicts: Iterable[Verdict], masker: Masker) -> None:
    """What blocks and what warns was told on top; here the evidence of the warnings that have no section, what to do,
    what is unknown and why, and the names of the others."""
    listed = [_without_evidence(verdict) for verdict in verdicts]
    loud = [verdict for verdict in listed if verdict.status in LOUD and not verdict.blocks]
    warned = [verdict for verdict in loud if word_of(verdict)[0] == "WARN"]
    for verdict in warned:
        if verdict.evidence or verdict.hint:
            page.line(("WARN".ljust(_WORD), "warn"), (masker.text(verdict.check), ""), indent=2)
            _show_why(page, verdict, masker, 2 + _WORD, whole=False)
    rest = [verdict for verdict in loud if verdict not in warned]
    show_verdicts(page, rest, masker, whole=False, policies=True)
    blocking = sum(verdict.blocks for verdict in listed)
    if blocking:
        page.text(f"{count(blocking, 'check')} blocking, see above", "bad")
    for status in (Status.PASS, Status.NOT_APPLICABLE):
        names = [verdict.check for verdict in listed if verdict.status is status]
        word, style = STATUS[status]
        if names:
            page.text(masker.text(", ".join(names)), style, lead=f"{word} ({len(names)}): ", hang=4)
