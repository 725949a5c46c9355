"""The manifest diff on the terminal: field by field, `-` old and `+` new; what does not matter is folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from helm_tyk_upgrade.model.change import Action, FieldChange, ManifestChanges, ObjectChange
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.detail import Detail
from helm_tyk_upgrade.report.field_lines import FOLD, checksum_reason, field_lines, shortened
from helm_tyk_upgrade.report.page import Page
from helm_tyk_upgrade.report.repeats import Repeat, tell_once
from helm_tyk_upgrade.report.writing import written

_MARKS = {Action.ADDED: ("+", "new"), Action.REMOVED: ("-", "old"), Action.CHANGED: ("~", "bold")}
_STYLES = {"-": "old", "+": "new"}
FIELDS = 20
"""So many fields of an object are shown, and beyond them those of the user's own making; the others are counted."""
NAMES = 4


@dataclass(frozen=True)
class _Drawing:
    page: Page
    masker: Masker
    detail: Detail
    reasons: dict[tuple[str, str], str]
    """Why a checksum changes, by object and path."""


def show_objects(
    page: Page, changes: ManifestChanges, masker: Masker, detail: Detail, names: Collection[str] = ()
) -> None:
    """What several objects share once, each object with the rest, one line for the cosmetic changes and one for what
    stays. names: `Kind/name` of all objects there are. The masker has learned the plan's secrets."""
    page.heading("Objects")
    reasons = {(str(trace.id), trace.path): checksum_reason(trace) for trace in changes.checksums}
    drawing = _Drawing(page, masker, detail, reasons)
    if detail.objects:
        _show_picked(drawing, changes, names)
    elif detail.whole("diff"):
        for change in changes.objects:
            fields = tuple(field for field in change.fields if _wanted(field, detail))
            if fields or change.restarts or change.action is not Action.CHANGED:
                _show_object(drawing, change, fields, whole=True)
    else:
        _show_told_once(drawing, changes)
    for reason in changes.open_causes:
        page.text(masker.text(reason), "warn", lead="causes not found out: ", hang=4)
    for line in [] if detail.whole("cosmetic") else folded(changes):
        page.text(masker.text(line), "dim")
    if changes.unchanged:
        page.text(f"{count(changes.unchanged, 'object')} unchanged", "dim")
    if not changes.objects and not changes.unchanged:
        page.text("none")


def _wanted(field: FieldChange, detail: Detail) -> bool:
    return detail.whole("cosmetic") or not field.cosmetic


def _show_picked(drawing: _Drawing, changes: ManifestChanges, names: Collection[str]) -> None:
    """The objects asked for, with every field; the title of each other one that changes. What is asked for and not
    there is said, with what there is."""
    there = {name.lower() for name in names}
    missing = sorted(name for name in drawing.detail.objects if name not in there)
    for name in missing:
        drawing.page.text(drawing.masker.text(f"no such object: {name}"), "bad")
    if missing:
        drawing.page.text(drawing.masker.text(", ".join(names)), "dim", lead="there are: ", hang=4)
    for change in changes.objects:
        picked = drawing.detail.picks(change.id.kind, change.id.name)
        if picked or any(not field.cosmetic for field in change.fields):
            _show_object(drawing, change, change.fields if picked else (), whole=True)
    found = {f"{change.id.kind}/{change.id.name}".lower() for change in changes.objects}
    for name in sorted((drawing.detail.objects & there) - found):
        drawing.page.text(drawing.masker.text(f"{name} does not change"), "warn")


def _show_told_once(drawing: _Drawing, changes: ManifestChanges) -> None:
    told = tell_once(changes, cosmetic=drawing.detail.whole("cosmetic"))
    for repeat in told.repeats:
        _show_repeat(drawing, repeat)
    for change, fields in told.left:
        if fields or change.restarts:
            _show_object(drawing, change, fields, whole=False)


def _show_repeat(drawing: _Drawing, repeat: Repeat) -> None:
    page, masker = drawing.page, drawing.masker
    names = list(dict.fromkeys(str(change.id) for change, _ in repeat.places))
    more = f", and {len(names) - NAMES} more" if len(names) > NAMES else ""
    page.line((f"~ in {count(len(names), 'object')}", "bold"), indent=2)
    page.text(masker.text(", ".join(names[:NAMES]) + more), "dim", indent=4)
    change, field = repeat.places[0]
    _show_path(page, masker.text(repeat.path), field)
    for mark, line in shortened(field_lines(change, field, masker, page.width - 8), FOLD, ""):
        page.line((f"{mark} {line}", _STYLES.get(mark, "dim")), indent=6)


def folded(changes: ManifestChanges) -> list[str]:
    """One line for each kind of cosmetic change: `metadata.labels.chart a -> b (3 objects)`."""
    cosmetic = [field for change in changes.objects for field in change.fields if field.cosmetic]
    labels = Counter((field.path, field.old, field.new) for field in cosmetic if isinstance(field.new, str))
    lines = [
        f"folded: {path} {written(old)} -> {written(new)} ({count(times, 'object')})"
        for (path, old, new), times in labels.items()
    ]
    empty = len(cosmetic) - sum(labels.values())
    return lines + (
        [f"folded: {count(empty, 'field')} empty instead of left out, or left out"] if empty else []
    )


def object_title(change: ObjectChange) -> str:
    """`Deployment gateway  (pods are replaced)`, not yet masked."""
    notes = [f"hook {change.hook}"] if change.hook else []
    notes += ["pods are replaced"] if change.restarts else []
    notes += [change.action.value] if change.action is not Action.CHANGED else []
    return str(change.id) + (f"  ({', '.join(notes)})" if notes else "")


def _show_object(
    drawing: _Drawing, change: ObjectChange, fields: tuple[FieldChange, ...], whole: bool
) -> None:
    page, masker = drawing.page, drawing.masker
    mark, style = _MARKS[change.action]
    page.text(masker.text(object_title(change)), style, lead=f"{mark} ")
    if change.template:
        page.text(masker.text(change.template), "dim", indent=4, hang=6)
    if change.action is Action.REMOVED:
        return
    shown = fields if whole else foremost(fields, FIELDS)
    for field in shown:
        _show_field(drawing, change, field, whole)
    if len(shown) < len(fields):
        see = f"--show objects={change.id.kind}/{change.id.name}"
        rest = count(len(fields) - len(shown), "more field")
        page.text(masker.text(f"... {rest} of the new chart: {see}"), "dim", indent=4)


def foremost(fields: tuple[FieldChange, ...], limit: int) -> tuple[FieldChange, ...]:
    """The first fields, and beyond the limit those that are not the chart's doing alone: what the user changed, what
    nobody could explain, what is random."""
    return tuple(
        field
        for at, field in enumerate(fields)
        if at < limit or not field.cause or "your values" in field.cause or field.random
    )


def _show_field(drawing: _Drawing, change: ObjectChange, field: FieldChange, whole: bool) -> None:
    page, masker = drawing.page, drawing.masker
    reason = drawing.reasons.get((str(change.id), field.path), "")
    if field.path:
        _show_path(page, masker.text(field.path), field)
    if reason:
        page.text(masker.text(reason), "note", indent=6)
        if not whole:
            return
    lines = field_lines(change, field, masker, page.width - 8, whole=whole)
    see = "" if whole else masker.text(f"--show objects={change.id.kind}/{change.id.name}")
    for mark, line in lines if whole else shortened(lines, FOLD, see):
        page.line((f"{mark} {line}", _STYLES.get(mark, "dim")), indent=6)


def _show_path(page: Page, path: str, field: FieldChange) -> None:
    """The path with the cause beside it, or below where both are too long for a line."""
    notes = [note for note in (field.cause, "random at each render" if field.random else "") if note]
    note = f"({', '.join(notes)})" if notes else ""
    if note and len(path) + len(note) + 6 <= page.width:
        page.line((path, ""), ("  " + note, "note"), indent=4)
        return
    page.text(path, indent=4, hang=6)
    if note:
        page.text(note, "note", indent=6)
