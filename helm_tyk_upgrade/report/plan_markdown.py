"""A plan as a comment on a pull request: what to decide on top, the details folded, all of it within the limit."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from helm_tyk_upgrade.model.change import Action, FieldChange, ManifestChanges, ObjectChange
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.report.blast import availability, blast_radius, describe_impact
from helm_tyk_upgrade.report.decision import decide
from helm_tyk_upgrade.report.field_lines import checksum_reason, field_lines
from helm_tyk_upgrade.report.fitting import Part, diff_part, fitted
from helm_tyk_upgrade.report.markup import code, escaped, row
from helm_tyk_upgrade.report.masking import learn_plan
from helm_tyk_upgrade.report.notes import Note, Section
from helm_tyk_upgrade.report.objects import folded, object_title
from helm_tyk_upgrade.report.plan_view import WAYS, not_found_out, sections
from helm_tyk_upgrade.report.repeats import Repeat, tell_once
from helm_tyk_upgrade.report.values_markdown import values_parts
from helm_tyk_upgrade.report.verdict_markdown import evidence_part, quiet_part, verdict_rows, warning_part
from helm_tyk_upgrade.report.way_back import CHECK, offline_note, rollback_line, way_back

_MARKS = {"bad": "❌ ", "warn": "⚠️ ", "good": "✅ ", "dim": "", "": ""}
_SEE = "`helm tyk-upgrade plan --show {}` shows all"


def plan_markdown(record: Plan, masker: Masker, only: Collection[str] = ()) -> str:
    """A plan of at most `fitting.LIMIT` characters, whatever is in it; what does not fit is counted, with the command
    that shows it. only: as on the terminal."""
    learn_plan(masker, record)
    parts: list[tuple[str, Part]] = [("", _head(record, masker))]
    parts += [("", _touched(record, masker)), ("", _blocking(record, masker))]
    parts += [("", warning_part(record.verdicts, masker))]
    parts += [("values", part) for part in values_parts(record, masker)]
    parts += [("diff", _objects(record.objects, masker))]
    parts += [("checks", part) for part in _found_out(record, masker, alone=bool(only))]
    parts += [("", _way_back(record, masker))]
    return fitted(part for name, part in parts if not only or name in only)


def _found_out(record: Plan, masker: Masker, *, alone: bool) -> tuple[Part, ...]:
    """What the cluster, the registries, the records and the checks said; the way back has a place of its own. alone:
    without the top of the page, where the warnings stand."""
    verdicts = [verdict for verdict in record.verdicts if verdict.check != CHECK]
    return (
        *(_section(each) for each in sections(record, masker, whole=False)),
        *((warning_part(verdicts, masker),) if alone else ()),
        quiet_part(verdicts, masker),
        evidence_part(verdicts, masker),
        _not_found_out(record, masker),
    )


def _head(record: Plan, masker: Masker) -> Part:
    decision = decide(record)
    release, target = record.release, record.gateway
    after = target.value.version if isinstance(target, Known) else target
    why = target.value.chosen.reason if isinstance(target, Known) else ""
    before = _answer(record.gateway_before)
    rows = (
        ("chart", release.chart_version, record.chart.version, record.chart.reason),
        ("gateway", before, _answer(after), why),
    )
    verdict = f"**{_MARKS[decision.style]}{escaped(masker.text(decision.text))}**"
    title = f"{verdict}\n\n### {'Offline plan' if record.offline else 'Plan'} for {escaped(masker.text(str(release)))}"
    if record.offline is not None:
        title += f"\n\n{escaped(masker.text(offline_note(record.offline)))}"
    head = f"{title}\n\n| | now | planned | why |\n|---|---|---|---|\n"
    return Part(tuple(row(masker.text(cell) for cell in cells) for cells in rows), head)


def _answer(answer: Maybe[str]) -> str:
    return answer.value if isinstance(answer, Known) else f"unknown: {answer.reason}"


def _touched(record: Plan, masker: Masker) -> Part:
    """The blast radius."""
    lines = [f"- {escaped(masker.text(describe_impact(each)))}" for each in record.objects.impact]
    verdict = availability(record.verdicts)
    if verdict is not None:
        lines.append(f"- {escaped(masker.text(verdict.reason))}")
    lines += [
        f"- ❗ {found.effect}: {escaped(masker.text(found.reason))}. {escaped(masker.text(found.hint))}"
        for found in record.objects.dangers
    ]
    return Part(tuple(lines), f"**{escaped(blast_radius(record.objects))}**\n\n", see=_SEE.format("diff"))


def _blocking(record: Plan, masker: Masker) -> Part:
    if not record.blocking:
        return Part(())
    head = "❌ **Blocked**\n\n| check | | |\n|---|---|---|\n"
    return Part(verdict_rows(record.blocking, masker, policies=True), head, see=_SEE.format("checks"))


def _objects(changes: ManifestChanges, masker: Masker) -> Part:
    told = tell_once(changes)
    reasons = {(str(trace.id), trace.path): checksum_reason(trace) for trace in changes.checksums}
    lines: list[str] = []
    for repeat in told.repeats:
        lines += _repeat(repeat, masker)
    for change, fields in told.left:
        if fields or change.restarts:
            lines += _object(change, fields, reasons, masker)
    lines += [f"  causes not found out: {masker.text(reason)}" for reason in changes.open_causes]
    lines += [f"  {masker.text(line)}" for line in folded(changes)]
    title = f"Objects ({len(changes.objects)} changed, {changes.unchanged} unchanged)"
    return diff_part(title, lines, _SEE.format("diff"))


def _repeat(repeat: Repeat, masker: Masker) -> Iterator[str]:
    names = list(dict.fromkeys(str(change.id) for change, _ in repeat.places))
    yield f"@@ in {len(names)} objects: {masker.text(', '.join(names))} @@"
    change, field = repeat.places[0]
    yield from _field(change, field, repeat.path, "", masker)


def _object(
    change: ObjectChange,
    fields: tuple[FieldChange, ...],
    reasons: dict[tuple[str, str], str],
    masker: Masker,
) -> Iterator[str]:
    yield f"@@ {masker.text(object_title(change))} @@"
    for field in fields if change.action is not Action.REMOVED else ():
        yield from _field(change, field, field.path, reasons.get((str(change.id), field.path), ""), masker)


def _field(change: ObjectChange, field: FieldChange, path: str, reason: str, masker: Masker) -> Iterator[str]:
    notes = [note for note in (field.cause, "random at each render" if field.random else "") if note]
    if path:
        yield f"  {masker.text(path)}" + (f"  [{', '.join(notes)}]" if notes else "")
    if reason:
        yield f"  {masker.text(reason)}"
        return
    for mark, line in field_lines(change, field, masker, 100):
        yield f"{mark} {line}".rstrip()


def _section(section: Section) -> Part:
    """Bad news open, everything else folded."""
    if not section.notes:
        return Part(())
    lines = tuple(line for note in section.notes for line in _note(note))
    title = escaped(section.title)
    see = _SEE.format("server")
    if any(note.weight == "bad" for note in section.notes):
        return Part(lines, f"**{title}**\n\n", see=see)
    return Part(lines, f"<details><summary>{title}</summary>\n\n", "\n</details>\n", see)


def _note(note: Note) -> Iterator[str]:
    yield f"- {_MARKS[note.weight]}{escaped(note.text)}"
    for line in note.below:
        yield f"  - {escaped(line)}"
    for line in note.verbatim:
        yield f"  - {code(line)}"


def _not_found_out(record: Plan, masker: Masker) -> Part:
    lines = tuple(f"- {escaped(line)}" for line in not_found_out(record, masker))
    return Part(lines, "⚠️ Not found out\n\n") if lines else Part(())


def _way_back(record: Plan, masker: Masker) -> Part:
    found = way_back(record.verdicts)
    revision = f"revision {record.rollback_to} of {record.release}"
    text = found.text if record.offline else f"{revision}, {found.text}"
    lines = [f"{_MARKS[WAYS[found.word]]}{escaped(masker.text(text))}", ""]
    fails = decide(record).fails
    lines += [f"- ❌ It will be needed: {escaped(fails)}"] if fails else []
    lines += [f"- {escaped(masker.text(line))}" for line in found.evidence]
    return Part(tuple(lines), "**Way back**\n\n", f"\n{escaped(rollback_line(record))}\n")
