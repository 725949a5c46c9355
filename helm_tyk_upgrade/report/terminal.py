"""Plan and outcome for a person at a terminal, or in a log: 80 columns, colour only where asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from helm_tyk_upgrade.model.change import Action, Danger, ManifestChanges, WorkloadImpact
from helm_tyk_upgrade.model.chart import Chosen
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.outcome import Ending, Outcome, StepStatus
from helm_tyk_upgrade.model.plan import GatewayTarget, Plan
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.advice_view import show_advice
from helm_tyk_upgrade.report.objects import show_objects
from helm_tyk_upgrade.report.page import Page
from helm_tyk_upgrade.report.values_view import show_values

SECTIONS = ("values", "diff", "checks")
_STATUS = {
    Status.PASS: ("pass", "good"),
    Status.FAIL: ("FAIL", "bad"),
    Status.UNKNOWN: ("unknown", "warn"),
    Status.NOT_APPLICABLE: ("n/a", "dim"),
}
_URGENCY = (Status.FAIL, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
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


def plan(
    record: Plan, masker: Masker, *, colour: bool = False, width: int = 80, only: Collection[str] = ()
) -> str:
    """The plan, blast radius first; the last line tells what happens on failure. `only`: some of SECTIONS."""
    masker.learn_tree(record.values.merged)
    page = Page(width)
    old, new = record.release, record.archive
    title = f"Plan for {old}: {old.chart} {old.chart_version} -> {new.name} {record.chart.version}"
    page.line((masker.text(title), "bold"))
    if record.nothing_to_do:
        page.text("Nothing to do: chart, values and objects are as planned already.", "good", indent=0)
    if not only:
        _show_blast_radius(page, record.objects, masker)
        _show_versions(page, record, masker)
    if not only or "values" in only:
        show_values(page, record.values.source, record.values_changes, masker)
        show_advice(page, record.advice, masker, all_kinds=False)
    if not only or "diff" in only:
        show_objects(page, record.objects, masker)
    if not only or "checks" in only:
        _show_checks(page, record.verdicts, masker)
    if not only:
        _show_way_back(page, record, masker)
    return page.render(colour)


def _show_blast_radius(page: Page, changes: ManifestChanges, masker: Masker) -> None:
    page.heading("What it touches")
    page.text(blast_radius(changes))
    for impact in changes.impact:
        page.text(masker.text(describe_impact(impact)), "warn", lead="* ")
    if changes.objects and not changes.impact:
        page.text("no pod is replaced", "good")
    for found in changes.dangers:
        _show_danger(page, found, masker)


def blast_radius(changes: ManifestChanges) -> str:
    """`3 objects changed, 1 added, 1 removed, 12 unchanged; 2 hooks differ; 1 workload restarts`."""
    objects = [change for change in changes.objects if not change.hook]
    numbers = {action: sum(change.action is action for change in objects) for action in Action}
    text = f"{count(numbers[Action.CHANGED], 'object')} changed, {numbers[Action.ADDED]} added"
    text += f", {numbers[Action.REMOVED]} removed, {changes.unchanged} unchanged"
    hooks = len(changes.objects) - len(objects)
    text += f"; {count(hooks, 'hook')} changed" if hooks else ""
    restarting = len([impact for impact in changes.impact if impact.after != Known(0)])
    return text + (f"; {count(restarting, 'workload')} with new pods" if restarting else "")


def describe_impact(impact: WorkloadImpact) -> str:
    """What happens to one workload's pods, and the room they need while both generations run."""
    if impact.after == Known(0):
        return f"{impact.id}: all pods stop (was {_number(impact.before)})"
    was = "" if impact.before == impact.after else f" (was {_number(impact.before)})"
    text = f"{impact.id}: {_number(impact.after)} new {'pod' if impact.after == Known(1) else 'pods'}{was}"
    if impact.surge != Known(0):
        text += f", up to {_number(impact.surge)} more than now while it rolls"
    asks = [amount for amount in (_cpu(impact.cpu), _memory(impact.memory)) if amount]
    return text + (f"; each asks for {' and '.join(asks)}" if asks else "; none asks for CPU or memory")


def _number(value: Maybe[int]) -> str:
    return str(value.value) if isinstance(value, Known) else f"an unknown number of ({value.reason})"


def _cpu(millicores: int) -> str:
    return f"{millicores}m CPU" if millicores else ""


def _memory(size: int) -> str:
    return f"{size / 2**20:.0f} MiB" if size else ""


def _show_danger(page: Page, found: Danger, masker: Masker) -> None:
    page.text(masker.text(found.reason), "bad", lead=f"! {found.effect}: ")
    page.text(masker.text(found.hint), "dim", indent=4)


def _show_versions(page: Page, record: Plan, masker: Masker) -> None:
    page.heading("Versions")
    _show_version(page, "chart", record.release.chart_version, record.chart, masker)
    before = _known(record.gateway_before)
    if isinstance(record.gateway, Known):
        target: GatewayTarget = record.gateway.value
        planned = _known(target.version)
        page.pair("gateway", masker.text(f"{before} -> {planned}: {target.chosen.reason}"))
        page.pair("", masker.text(f"image {target.image}"), "dim")
        if target.expected:
            page.pair("", masker.text(f"expected by you: {target.expected}"))
        _show_passed_over(page, target.chosen, masker)
    else:
        page.pair("gateway", masker.text(f"{before} -> unknown ({record.gateway.reason})"), "warn")
    for note in record.catalogue_notes:
        page.pair("note", masker.text(note), "dim")


def _show_version(page: Page, label: str, before: str, chosen: Chosen, masker: Masker) -> None:
    same = " (unchanged)" if before == chosen.version else ""
    page.pair(label, masker.text(f"{before} -> {chosen.version}{same}: {chosen.reason}"))
    _show_passed_over(page, chosen, masker)


def _show_passed_over(page: Page, chosen: Chosen, masker: Masker) -> None:
    for version, reason in chosen.passed_over:
        page.pair("", masker.text(f"not {version}: {reason}"), "dim")


def _known(value: Maybe[str]) -> str:
    return value.value if isinstance(value, Known) else f"unknown ({value.reason})"


def _show_checks(page: Page, verdicts: Iterable[Verdict], masker: Masker) -> None:
    page.heading("Checks")
    _show_verdicts(page, verdicts, masker)


def _show_verdicts(page: Page, verdicts: Iterable[Verdict], masker: Masker, indent: int = 2) -> None:
    """Failing first, then unknown; evidence and hint below those two."""
    for verdict in sorted(verdicts, key=lambda verdict: _URGENCY.index(verdict.status)):
        word, style = _STATUS[verdict.status]
        block = "blocks: " if verdict.blocks or _unknown_blocks(verdict) else ""
        page.table(
            [((word.ljust(7), style), (verdict.check, ""), (block + masker.text(verdict.reason), ""))],
            indent=indent,
        )
        if verdict.status in (Status.FAIL, Status.UNKNOWN):
            for line in verdict.evidence:
                page.text(masker.text(line), "dim", indent=indent + 9)
            if verdict.hint:
                page.text(masker.text(verdict.hint), "note", indent=indent + 9, lead="-> ")


def _unknown_blocks(verdict: Verdict) -> bool:
    return verdict.status is Status.UNKNOWN and verdict.policy is Policy.FAIL


def _show_way_back(page: Page, record: Plan, masker: Masker) -> None:
    page.heading("Way back")
    release = record.release
    page.text(
        masker.text(f"revision {record.rollback_to} of {release} ({release.chart} {release.chart_version})")
    )
    files = [edited.file for edited in record.values_changes.edited_files]
    if files:
        page.text(masker.text(f"values files as they are now: {', '.join(files)}"))
    blocking = record.blocking
    page.blank()
    if blocking:
        names = ", ".join(verdict.check for verdict in blocking)
        page.text(f"Blocked by {count(len(blocking), 'failing check')}: {names}", "bad", indent=0)
    page.text(rollback_line(record), "bold", indent=0)


def rollback_line(record: Plan) -> str:
    """What happens when the rollout or the proof fails: the plan's last line."""
    if record.settings.rollback:
        return (
            f"If the rollout or the proof fails, the release is rolled back to revision "
            f"{record.rollback_to} and proven again (--no-rollback turns this off)."
        )
    return "If the rollout or the proof fails, the new revision stays: --no-rollback is set."


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
    for step in unfinished(record):
        page.text(f"{step}: begun, not ended", "warn")
    if record.proof:
        page.heading("Proof")
    for pod in record.proof:
        page.line((masker.text(pod.pod), "bold"), indent=2)
        _show_verdicts(page, pod.verdicts, masker, indent=4)
    page.blank()
    if record.bundle:
        page.pair("backup", masker.text(record.bundle), indent=0)
    if record.next_action:
        page.pair("next", masker.text(record.next_action), "bold", indent=0)
    return page.render(colour)


def unfinished(record: Outcome) -> list[str]:
    """The steps whose end was never recorded."""
    ended = {entry.step for entry in record.entries if entry.result is not None}
    open_steps = (entry.step for entry in record.entries if entry.result is None and entry.step not in ended)
    return list(dict.fromkeys(open_steps))


def verdicts(
    title: str, found: Iterable[Verdict], masker: Masker, *, colour: bool = False, width: int = 80
) -> str:
    """A list of verdicts under a title: verify, doctor."""
    page = Page(width)
    page.line((masker.text(title), "bold"))
    _show_verdicts(page, found, masker)
    return page.render(colour)
