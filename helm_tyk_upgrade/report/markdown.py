"""Plan and outcome as a comment on a pull request: short on top, details folded."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helm_tyk_upgrade.model.change import ABSENT, Action, FieldChange, Judgement, ObjectChange, Override
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.outcome import Outcome
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.values import Proposal, ValuesAdvice
from helm_tyk_upgrade.model.verdict import Status, Verdict
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report import terminal
from helm_tyk_upgrade.report.advice_view import edit_text, place
from helm_tyk_upgrade.report.masking import block, learn_objects, values_value, written
from helm_tyk_upgrade.report.objects import field_lines, folded
from helm_tyk_upgrade.report.text_diff import unified
from helm_tyk_upgrade.report.values_view import key_path

LIMIT = 65_000
"""GitHub refuses a comment of more than 65,536 characters."""
_ICONS = {
    Status.PASS: "✅ pass",
    Status.FAIL: "❌ fail",
    Status.UNKNOWN: "⚠️ unknown",
    Status.NOT_APPLICABLE: "➖ n/a",
}
_SPECIAL = re.compile(r"[\\`*_{}\[\]#!|~]|^[-+=](?=\s|$)|^\d+(?=[.)](?:\s|$))")
_QUIET = (Judgement.KEPT, Judgement.REDUNDANT)


def plan_markdown(record: Plan, masker: Masker) -> str:
    """A plan of at most LIMIT characters; what does not fit is left out and said so."""
    masker.learn_tree(record.values.merged)
    learn_objects(masker, record.objects.objects)
    sections = [
        _head(record, masker),
        _checks(record.verdicts, masker),
        _values(record, masker),
        _overrides(record.values_changes.overrides, masker),
        _advice(record.advice, masker),
        _objects(record, masker),
        escaped(terminal.rollback_line(record)) + "\n",
    ]
    return _fitted(sections)


def outcome_markdown(record: Outcome, masker: Masker) -> str:
    """How a run ended, within LIMIT."""
    lines = [f"### {escaped(masker.text(record.ending.value))}", "", escaped(masker.text(record.reason)), ""]
    lines += ["| step | result | seconds | |", "|---|---|---:|---|"]
    for entry in record.entries:
        if entry.result is not None:
            cells = (entry.step, entry.result.status.value, f"{entry.seconds:.1f}", entry.result.reason)
            lines.append(_row(masker.text(cell) for cell in cells))
    lines += [f"| {escaped(step)} | begun, not ended | | |" for step in terminal.unfinished(record)]
    sections = ["\n".join(lines) + "\n"]
    sections += [
        f"**{escaped(masker.text(pod.pod))}**\n\n{_checks(pod.verdicts, masker)}" for pod in record.proof
    ]
    ends = [("backup", record.bundle), ("next", record.next_action)]
    sections.append("".join(f"- {label}: {escaped(masker.text(text))}\n" for label, text in ends if text))
    return _fitted(sections)


def escaped(text: str) -> str:
    """Text that Markdown and HTML leave alone: on one line, and nothing in it formats, links, mentions a user
    or breaks a table."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _SPECIAL.sub(_backslashed, " ".join(text.split()))
    return text.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")


def _backslashed(match: re.Match[str]) -> str:
    """`\\*`, but `1\\.`: a backslash before a digit would be seen."""
    return match[0] + "\\" if match[0].isdigit() else "\\" + match[0]


def code(text: str) -> str:
    """Text as inline code, whatever backticks it has; also inside a table."""
    flat = " ".join(text.split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall(r"`+", flat)), default=0) + 1)
    pad = " " if flat[:1] == "`" or flat[-1:] == "`" else ""
    return f"{fence}{pad}{flat}{pad}{fence}" if flat else ""


def fenced(lines: Iterable[str]) -> str:
    """Lines as a diff block whose fence is longer than any run of backticks in them."""
    body = "\n".join(lines)
    fence = "`" * max(3, max((len(run) for run in re.findall(r"`+", body)), default=0) + 1)
    return f"{fence}diff\n{body}\n{fence}\n"


def _fitted(sections: list[str]) -> str:
    """The sections in order; one that would go over the limit is replaced by a line that says so."""
    text = ""
    room = LIMIT - 200 * len(sections)
    for section in filter(None, sections):
        if len(text) + len(section) > room:
            section = f"_{count(len(section), 'character')} left out: too long for a comment._\n"
        text += section + "\n"
    return text


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n</details>\n" if body else ""


def _head(record: Plan, masker: Masker) -> str:
    release = record.release
    gateway = record.gateway.value.version if isinstance(record.gateway, Known) else record.gateway
    before = record.gateway_before
    lines = [
        f"### Plan for {escaped(masker.text(str(release)))}",
        "",
        "| | now | planned | why |",
        "|---|---|---|---|",
        _row(("chart", release.chart_version, record.chart.version, masker.text(record.chart.reason))),
        _row(
            (
                "gateway",
                masker.text(before.value if isinstance(before, Known) else f"unknown: {before.reason}"),
                masker.text(gateway.value if isinstance(gateway, Known) else f"unknown: {gateway.reason}"),
                masker.text(record.gateway.value.chosen.reason if isinstance(record.gateway, Known) else ""),
            )
        ),
        "",
        f"**{escaped(terminal.blast_radius(record.objects))}**",
        "",
    ]
    lines += [f"- {escaped(masker.text(terminal.describe_impact(each)))}" for each in record.objects.impact]
    lines += [
        f"- ❗ {found.effect}: {escaped(masker.text(found.reason))}. {escaped(masker.text(found.hint))}"
        for found in record.objects.dangers
    ]
    if record.blocking:
        names = ", ".join(code(verdict.check) for verdict in record.blocking)
        lines += ["", f"❌ Blocked by {names}"]
    return "\n".join(lines) + "\n"


def _checks(verdicts: Iterable[Verdict], masker: Masker) -> str:
    listed = list(verdicts)
    if not listed:
        return ""
    rows = ["| check | | |", "|---|---|---|"]
    for verdict in listed:
        text = verdict.reason + (f" → {verdict.hint}" if verdict.hint else "")
        rows.append(f"| {code(verdict.check)} | {_ICONS[verdict.status]} | {escaped(masker.text(text))} |")
    return "\n".join(rows) + "\n" + _evidence(listed, masker)


def _evidence(verdicts: list[Verdict], masker: Masker) -> str:
    """What a reader can verify about the checks that did not pass."""
    lines: list[str] = []
    for verdict in verdicts:
        if verdict.status in (Status.FAIL, Status.UNKNOWN) and verdict.evidence:
            lines += [f"@@ {verdict.check} @@", *(f"  {masker.text(line)}" for line in verdict.evidence)]
    return "\n" + _folded("Evidence", fenced(lines)) if lines else ""


def _values(record: Plan, masker: Masker) -> str:
    changes = record.values_changes
    lines = []
    for change in changes.yours:
        for one in change.items or (change,):
            sides = [values_value(masker, one.path, value) for value in (one.old, one.new)]
            lines += [f"  {masker.text(key_path(one.path))}", *_two(*sides)]
    body = fenced(lines) if lines else ""
    for edited in changes.edited_files:
        body += "\n" + fenced(unified(edited.file, edited.before, edited.after, masker))
    defaults = []
    for default in changes.new_defaults:
        sides = [values_value(masker, default.path, value) for value in (default.old, default.new)]
        defaults += [f"  {masker.text(key_path(default.path))}", *_two(*sides)]
    text = _folded(f"Your change of the values ({len(changes.yours)})", body)
    text += _folded(
        f"New defaults without you ({len(changes.new_defaults)})", fenced(defaults) if defaults else ""
    )
    if changes.only_in_release:
        lost = ", ".join(code(masker.text(key_path(path))) for path in changes.only_in_release)
        text = f"❗ Only in the release, would be lost: {lost}\n\n" + text
    return text


def _two(old: object, new: object) -> list[str]:
    sides = (("-", old), ("+", new))
    return [f"{mark} {line}" for mark, value in sides if value is not ABSENT for line in block(value, 100)]


def _overrides(overrides: Iterable[Override], masker: Masker) -> str:
    listed = list(overrides)
    return _folded(f"Your overrides ({len(listed)})", override_table(listed, masker)) if listed else ""


def override_table(overrides: Iterable[Override], masker: Masker) -> str:
    """Those that need a look as a table; the others as a number."""
    listed = list(overrides)
    rows = ["| key | judgement | yours | new default | |", "|---|---|---|---|---|"]
    for override in listed:
        if override.judgement in _QUIET:
            continue
        new = override.new_default
        shown = (
            written(values_value(masker, override.path, new.value)) if isinstance(new, Known) else "unknown"
        )
        yours = written(values_value(masker, override.path, override.yours))
        key = code(masker.text(key_path(override.path)))
        reason = escaped(masker.text(override.reason))
        rows.append(f"| {key} | {override.judgement.value} | {code(yours)} | {code(shown)} | {reason} |")
    quiet = len(listed) + 2 - len(rows)
    note = f"\n{count(quiet, 'override')} kept or redundant\n" if quiet else ""
    return "\n".join(rows) + "\n" + note if listed else ""


def _advice(advice: ValuesAdvice, masker: Masker) -> str:
    """Without what only tidies up; the warnings first."""
    shown = [each for each in advice.proposals if each.kind != "remove redundant"]
    title = f"Proposed edits ({len(shown)}), warnings ({len(advice.warnings)})"
    body = warning_list(advice, masker) + "\n\n" + proposal_table(shown, masker)
    return _folded(title, body.strip() + "\n") if shown or advice.warnings else ""


def warning_list(advice: ValuesAdvice, masker: Masker) -> str:
    return "\n".join(
        f"- ⚠️ {code(masker.text(place(each)))} {escaped(masker.text(each.text))}" for each in advice.warnings
    )


def proposal_table(proposals: Iterable[Proposal], masker: Masker) -> str:
    """Why, what, how risky, and who says so; empty where there are none."""
    rows = []
    for each in proposals:
        edits = "; ".join(edit_text(edit, masker) for edit in each.edits) or f"by hand: {each.by_hand}"
        risk = each.risk.value + (f": {each.risk_reason}" if each.risk_reason else "")
        rows.append(
            _row(masker.text(cell) for cell in (f"{each.kind}: {each.reason}", edits, risk, each.source))
        )
    head = "| why | edit | risk | source |\n|---|---|---|---|\n"
    return head + "\n".join(rows) if rows else ""


def _objects(record: Plan, masker: Masker) -> str:
    lines: list[str] = []
    for change in record.objects.objects:
        shown = [field for field in change.fields if not field.cosmetic]
        if shown:
            lines += _object(change, shown if change.action is not Action.REMOVED else [], masker)
    lines += [f"  {masker.text(line)}" for line in folded(record.objects)]
    title = f"Objects ({len(record.objects.objects)} changed, {record.objects.unchanged} unchanged)"
    return _folded(title, fenced(lines) if lines else "")


def _object(change: ObjectChange, fields: list[FieldChange], masker: Masker) -> list[str]:
    notes = f" ({change.action.value}{', pods are replaced' if change.restarts else ''})"
    lines = [f"@@ {masker.text(str(change.id))}{notes} @@"]
    for field in fields:
        cause = f"  [{field.cause}]" if field.cause else ""
        lines += [f"  {masker.text(field.path)}{cause}"] if field.path else []
        lines += [f"{mark} {line}".rstrip() for mark, line in field_lines(change, field, masker, 100)]
    return lines
