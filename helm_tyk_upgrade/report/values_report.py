"""What a chart version means for values files: terminal, JSON, Markdown, diff."""

from __future__ import annotations

from helm_tyk_upgrade.model.change import Judgement
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.values import ValuesAdvice, ValuesReport
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report import json_v1
from helm_tyk_upgrade.report.advice_view import show_advice
from helm_tyk_upgrade.report.fitting import Part, diff_part, fitted, table_part
from helm_tyk_upgrade.report.markup import code, escaped
from helm_tyk_upgrade.report.masking import values_value
from helm_tyk_upgrade.report.page import Page
from helm_tyk_upgrade.report.text_diff import unified
from helm_tyk_upgrade.report.values_tables import (
    OVERRIDE_HEAD,
    PROPOSAL_HEAD,
    override_rows,
    proposal_rows,
    quiet_note,
    warning_rows,
)
from helm_tyk_upgrade.report.values_view import key_path, show_edits, show_new_defaults, show_overrides
from helm_tyk_upgrade.report.writing import written

_SEE = "`helm tyk-upgrade values` shows all"


def as_text(report: ValuesReport, masker: Masker, *, colour: bool = False, width: int = 80) -> str:
    """Grouped by what needs a look; ends with what can be done."""
    masker.learn_tree(report.given)
    page = Page(width)
    _show_head(page, report, masker)
    show_advice(page, ValuesAdvice(warnings=report.advice.warnings), masker)
    show_overrides(page, report.changes.overrides, masker, whole=True)
    show_new_defaults(page, report.changes.new_defaults, masker)
    for reason in report.changes.unknown:
        page.text(masker.text(reason), "warn", lead="unknown: ")
    proposed = ValuesAdvice(report.advice.proposals, refused=report.advice.refused)
    show_advice(page, proposed, masker, all_kinds=False)
    show_edits(page, report.changes.edited_files, masker)
    page.blank()
    page.text(_last_line(report), "bold", indent=0)
    return page.render(colour)


def edits_text(report: ValuesReport, masker: Masker, *, colour: bool = False, width: int = 80) -> str:
    """Only what was edited: what follows the questions."""
    masker.learn_tree(report.given)
    page = Page(width)
    show_edits(page, report.changes.edited_files, masker)
    for proposal, reason in report.advice.refused:
        page.text(masker.text(reason), "bad", lead=f"not made: {masker.text(key_path(proposal.path))}: ")
    files = len(report.changes.edited_files)
    page.text(f"{count(files, 'file')} written." if report.written else "Nothing was written.", indent=0)
    return page.render(colour)


def _show_head(page: Page, report: ValuesReport, masker: Masker) -> None:
    start, to = report.start, report.to
    page.line((masker.text(f"Values for {report.chart} {start.version} -> {to.version}"), "bold"))
    page.pair("values", masker.text(report.source), column=8)
    page.pair("from", masker.text(f"{start.version}: {start.reason}"), column=8)
    page.pair("to", masker.text(f"{to.version}: {to.reason}"), column=8)
    for note in report.notes:
        page.pair("note", masker.text(note), "dim", column=8)
    page.text(summary(report), "", indent=2)


def summary(report: ValuesReport) -> str:
    """`14 overrides: 2 renamed, 1 dead, 11 kept; 30 new defaults`."""
    overrides = report.changes.overrides
    numbers = [
        f"{sum(each.judgement is judgement for each in overrides)} {judgement.value}"
        for judgement in Judgement
        if any(each.judgement is judgement for each in overrides)
    ]
    text = count(len(overrides), "override") + (f": {', '.join(numbers)}" if numbers else "")
    return f"{text}; {count(len(report.changes.new_defaults), 'new default')} without you"


def _last_line(report: ValuesReport) -> str:
    safe = sum(each.safe for each in report.advice.proposals)
    if not any(each.edits for each in report.advice.proposals):
        return "Nothing to edit."
    return f"--write makes the proposed edits, asking for each; --write --yes makes the safe ones ({safe})."


def as_json(report: ValuesReport, masker: Masker) -> str:
    """docs/schemas/values.v1.json."""
    masker.learn_tree(report.given)
    return json_v1.values_json(report, masker)


def as_diff(report: ValuesReport, masker: Masker) -> str:
    """The files' unified diffs, nothing else; secrets are fingerprints, so a patch of such a line does not apply."""
    masker.learn_tree(report.given)
    return "\n".join(
        line
        for edited in report.changes.edited_files
        for line in unified(edited.file, edited.before, edited.after, masker)
    )


def as_markdown(report: ValuesReport, masker: Masker) -> str:
    """For a comment on a pull request, within its limit."""
    masker.learn_tree(report.given)
    title = f"Values for {report.chart} {report.start.version} to {report.to.version}"
    overrides, files = report.changes.overrides, report.changes.edited_files
    diff = [
        line for each in files for line in unified(masker.text(each.file), each.before, each.after, masker)
    ]
    return fitted(
        [
            Part((f"### {escaped(masker.text(title))}", "", f"**{escaped(summary(report))}**")),
            Part(warning_rows(report.advice.warnings, masker), see=_SEE),
            _open_table("", OVERRIDE_HEAD, override_rows(overrides, masker), quiet_note(overrides)),
            _open_table("Proposed edits", PROPOSAL_HEAD, proposal_rows(report.advice.proposals, masker)),
            diff_part(f"Edits ({count(len(files), 'file')})", diff, _SEE),
            table_part(
                f"New defaults that take effect without you ({len(report.changes.new_defaults)})",
                "| key | old | new | the chart says |\n|---|---|---|---|",
                _defaults(report, masker),
                _SEE,
            ),
        ]
    )


def _open_table(title: str, head: str, rows: tuple[str, ...], note: str = "") -> Part:
    top = f"**{title}**\n\n" if title else ""
    if not rows:
        return Part((note,)) if note else Part(())
    return Part(rows, f"{top}{head}\n", f"\n{note}\n" if note else "", _SEE)


def _defaults(report: ValuesReport, masker: Masker) -> list[str]:
    rows = []
    for default in report.changes.new_defaults:
        sides = [written(values_value(masker, default.path, value)) for value in (default.old, default.new)]
        key = code(masker.text(key_path(default.path)))
        rows.append(
            f"| {key} | {code(sides[0])} | {code(sides[1])} | {escaped(masker.text(default.comment))} |"
        )
    return rows
