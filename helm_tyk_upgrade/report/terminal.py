"""Plan and outcome for a person at a terminal, or in a log: 80 columns, colour only where asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from helm_tyk_upgrade.model.outcome import Ending, Outcome, StepStatus, unfinished
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import Verdict
from helm_tyk_upgrade.report.detail import Detail
from helm_tyk_upgrade.report.page import Page
from helm_tyk_upgrade.report.plan_view import show_approved, show_plan
from helm_tyk_upgrade.report.verdict_view import show_verdicts

_ENDINGS = {
    Ending.NOTHING_TO_DO: "good",
    Ending.UNCHANGED: "warn",
    Ending.PROVEN: "good",
    Ending.RETURNED: "good",
    Ending.INCONCLUSIVE: "warn",
    Ending.ROLLED_BACK: "bad",
    Ending.NOT_HEALTHY: "bad",
    Ending.INTERRUPTED: "warn",
}
_STEPS = {
    StepStatus.DONE: "good",
    StepStatus.FAILED: "bad",
    StepStatus.UNKNOWN: "warn",
    StepStatus.SKIPPED: "dim",
}
_OVERVIEW = Detail()


def plan(
    record: Plan,
    masker: Masker,
    *,
    colour: bool = False,
    width: int = 80,
    only: Collection[str] = (),
    detail: Detail = _OVERVIEW,
) -> str:
    """The plan, blast radius first; the last line tells what happens on failure. only, detail: see report.detail."""
    page = Page(width)
    show_plan(page, record, masker, only, detail)
    return page.render(colour)


def approved(record: Plan, masker: Masker, *, colour: bool = False, width: int = 80) -> str:
    """A plan that was reviewed before and is carried out now: what it comes to, and what moved beside it."""
    page = Page(width)
    show_approved(page, record, masker)
    return page.render(colour)


def outcome(record: Outcome, masker: Masker, *, colour: bool = False, width: int = 80) -> str:
    """How a run ended: the steps with their times, the proof of each pod, and what to do next."""
    page = Page(width)
    page.line((masker.text(f"{record.ending.value}: run {record.run}"), _ENDINGS[record.ending]))
    page.text(masker.text(record.reason), indent=0)
    ended = [entry for entry in record.entries if entry.result is not None]
    if ended:
        page.heading("Steps")
    page.table(
        (
            (entry.result.status.value, _STEPS[entry.result.status]),
            (entry.step, ""),
            (f"{entry.seconds:.1f} s".rjust(8), "dim"),
            (masker.text(entry.result.reason), ""),
        )
        for entry in ended
        if entry.result is not None
    )
    for step in unfinished(record.entries):
        page.text(f"{step}: begun, not ended", "warn")
    if record.proof:
        page.heading("Proof")
    for pod in record.proof:
        page.line((masker.text(pod.pod), "bold"), indent=2)
        show_verdicts(page, pod.verdicts, masker, indent=4)
    page.blank()
    if record.bundle:
        page.pair("backup", masker.text(record.bundle), indent=0)
    if record.next_action:
        page.pair("next", masker.text(record.next_action), "bold", indent=0)
    return page.render(colour)


def verdicts(
    title: str, found: Iterable[Verdict], masker: Masker, *, colour: bool = False, width: int = 80
) -> str:
    """A list of verdicts under a title: verify, doctor."""
    page = Page(width)
    page.line((masker.text(title), "bold"))
    show_verdicts(page, found, masker)
    return page.render(colour)
