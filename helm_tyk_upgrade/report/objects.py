"""The manifest diff on the terminal: field by field, `-` old and `+` new; what does not matter is folded."""

from __future__ import annotations

import difflib
from collections import Counter

from helm_tyk_upgrade.model.change import ABSENT, Action, FieldChange, ManifestChanges, ObjectChange
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.masking import block, field_value, learn_objects, written
from helm_tyk_upgrade.report.page import Page

_MARKS = {Action.ADDED: ("+", "new"), Action.REMOVED: ("-", "old"), Action.CHANGED: ("~", "bold")}
_STYLES = {"-": "old", "+": "new"}
_FOLD_TEXT = 40
"""A text entry (a script, a config file) shows at most so many lines of its diff."""


def show_objects(page: Page, changes: ManifestChanges, masker: Masker) -> None:
    """The changed objects, then one line for the cosmetic changes and one for what stays."""
    learn_objects(masker, changes.objects)
    page.heading("Objects")
    for change in changes.objects:
        if any(not field.cosmetic for field in change.fields):
            _show_object(page, change, masker)
    for line in folded(changes):
        page.text(masker.text(line), "dim")
    if changes.unchanged:
        page.text(f"{count(changes.unchanged, 'object')} unchanged", "dim")
    if not changes.objects and not changes.unchanged:
        page.text("none")


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


def _show_object(page: Page, change: ObjectChange, masker: Masker) -> None:
    mark, style = _MARKS[change.action]
    notes = [f"hook {change.hook}"] if change.hook else []
    if change.restarts:
        notes.append("pods are replaced")
    if change.action is not Action.CHANGED:
        notes.append(change.action.value)
    title = masker.text(str(change.id))
    page.line((f"{mark} {title}", style), (f"  ({', '.join(notes)})" if notes else "", "warn"), indent=2)
    if change.template:
        page.line((masker.text(change.template), "dim"), indent=4)
    if change.action is Action.REMOVED:
        return
    for field in change.fields:
        if not field.cosmetic:
            _show_field(page, change, field, masker)


def _show_field(page: Page, change: ObjectChange, field: FieldChange, masker: Masker) -> None:
    notes = [note for note in (field.cause, "random at each render" if field.random else "") if note]
    if field.path:
        page.line((masker.text(field.path), ""), indent=4)
    if notes:
        page.line((f"({', '.join(notes)})", "note"), indent=6)
    for mark, line in field_lines(change, field, masker, page.width - 8):
        page.line((f"{mark} {line}", _STYLES.get(mark, "dim")), indent=6)


def field_lines(
    change: ObjectChange, field: FieldChange, masker: Masker, width: int
) -> list[tuple[str, str]]:
    """The old and the new value of a field as (mark, line), masked; a long text by the lines that differ."""
    old, new = (field_value(masker, change.id, field, value) for value in (field.old, field.new))
    if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        return _text_lines(old, new)
    sides = (("-", old), ("+", new))
    lines = [(mark, line) for mark, value in sides if value is not ABSENT for line in block(value, width)]
    if old is not ABSENT and new is not ABSENT and written(old) == written(new):
        lines.append((" ", "(the same value, written in another way)"))
    return lines


def _text_lines(old: str, new: str) -> list[tuple[str, str]]:
    found = list(difflib.unified_diff(old.split("\n"), new.split("\n"), n=1, lineterm=""))[2:]
    lines = [(" ", line) if line[:1] == "@" else (line[:1], line[1:]) for line in found[:_FOLD_TEXT]]
    more = len(found) - _FOLD_TEXT
    return lines + ([(" ", f"... {count(more, 'more line')}")] if more > 0 else [])
