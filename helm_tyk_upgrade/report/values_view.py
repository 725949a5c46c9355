"""The values side of a plan on the terminal: your change, the edits, the new defaults, the overrides."""

from __future__ import annotations

from collections.abc import Iterable

from helm_tyk_upgrade.model.change import (
    ABSENT,
    EditedFile,
    Judgement,
    NewDefault,
    Override,
    Path,
    ValueChange,
    ValuesChanges,
)
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.masking import values_value
from helm_tyk_upgrade.report.page import Page
from helm_tyk_upgrade.report.text_diff import unified
from helm_tyk_upgrade.report.writing import block, written

_ORDER = (
    (Judgement.TYPE_CHANGED, "bad"),
    (Judgement.RENAMED, "warn"),
    (Judgement.DEAD, "warn"),
    (Judgement.NULL_NO_LONGER_DELETES, "warn"),
    (Judgement.STALE_PIN, "warn"),
    (Judgement.UNKNOWN, "warn"),
    (Judgement.REDUNDANT, "dim"),
    (Judgement.KEPT, "dim"),
)
_FOLDED = (Judgement.KEPT, Judgement.REDUNDANT)
DEFAULTS = 8
NAMES = 12
"""So many new defaults are shown with their values, and of the others so many by name, unless all are asked for."""


def key_path(path: Path) -> str:
    """A values path as people and `--set` write it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + step.replace(".", "\\.")
    return text


def show_values(
    page: Page, source: str, changes: ValuesChanges, masker: Masker, *, whole: bool = False
) -> None:
    """`source`: where the values come from, in words; whole: every new default and every override with its values."""
    page.heading("Values")
    page.pair("from", masker.text(source), column=6)
    _show_yours(page, changes.yours, masker)
    _show_lost(page, changes.only_in_release, masker)
    show_edits(page, changes.edited_files, masker)
    _show_defaults(page, changes.new_defaults, masker, whole)
    show_overrides(page, changes.overrides, masker, whole=whole)
    for reason in changes.unknown:
        page.text(masker.text(reason), "warn", lead="unknown: ")


def _show_yours(page: Page, yours: tuple[ValueChange, ...], masker: Masker) -> None:
    if not yours:
        return
    page.line(("your change", "bold"), indent=2)
    for change in yours:
        for one in change.items or (change,):
            page.line((masker.text(key_path(one.path)), ""), indent=4)
            _show_two(page, one, masker)


def _show_two(page: Page, change: ValueChange | NewDefault, masker: Masker) -> None:
    for mark, style, value in (("-", "old", change.old), ("+", "new", change.new)):
        if value is not ABSENT:
            for line in block(values_value(masker, change.path, value), page.width - 8):
                page.line((f"{mark} {line}", style), indent=6)


def _show_lost(page: Page, lost: tuple[Path, ...], masker: Masker) -> None:
    if not lost:
        return
    page.line(("only in the release: this upgrade would lose them", "bad"), indent=2)
    for path in lost:
        page.line((masker.text(key_path(path)), ""), indent=4)
    page.text("--keep-release-values carries them over", "dim", indent=4)


def show_edits(page: Page, files: Iterable[EditedFile], masker: Masker) -> None:
    """Each edited file: why, and the unified diff."""
    for edited in files:
        _show_edit(page, edited, masker)


def _show_edit(page: Page, edited: EditedFile, masker: Masker) -> None:
    page.line((f"edits to {masker.text(edited.file)}", "bold"), indent=2)
    for edit in edited.edits:
        page.text(masker.text(f"{key_path(edit.path)}: {edit.reason}"), "dim", indent=4)
    for line in unified(edited.file, edited.before, edited.after, masker):
        style = {"+": "new", "-": "old", "@": "note"}.get(line[:1], "")
        page.line((line.removesuffix("\r").replace("\ufeff", ""), style), indent=4)


def _show_defaults(page: Page, found: tuple[NewDefault, ...], masker: Masker, whole: bool) -> None:
    """Not whole: the first ones in full, of the others the keys, where there are many."""
    if whole or len(found) <= DEFAULTS + 1:
        show_new_defaults(page, found, masker)
        return
    show_new_defaults(page, found[:DEFAULTS], masker, of=len(found))
    names = ", ".join(key_path(default.path) for default in found[DEFAULTS : DEFAULTS + NAMES])
    rest = len(found) - DEFAULTS
    more = ", ..." if rest > NAMES else ""
    page.text(masker.text(f"{rest} more (--show values): {names}{more}"), "dim", indent=4, hang=6)


def show_new_defaults(page: Page, found: tuple[NewDefault, ...], masker: Masker, of: int = 0) -> None:
    """of: how many there are where only the first are given."""
    if not found:
        return
    page.line((f"new defaults that take effect without you ({of or len(found)})", "bold"), indent=2)
    for default in found:
        old, new = (
            written(values_value(masker, default.path, value)) for value in (default.old, default.new)
        )
        added = default.old is ABSENT
        page.text(
            f"{masker.text(key_path(default.path))}: {new if added else f'{old} -> {new}'}", indent=4, hang=6
        )
        if default.comment:
            page.text(masker.text(default.comment), "dim", indent=6)


def show_overrides(page: Page, overrides: Iterable[Override], masker: Masker, *, whole: bool = False) -> None:
    """The overrides by judgement, those that need a look first; kept and redundant ones as names only, or in one
    line each where the whole table is wanted."""
    listed = list(overrides)
    if listed:
        page.line((f"your overrides ({len(listed)})", "bold"), indent=2)
    for judgement, style in _ORDER:
        group = [override for override in listed if override.judgement is judgement]
        if not group:
            continue
        if judgement in _FOLDED and whole:
            page.line((f"{judgement.value} ({len(group)})", style), indent=4)
            for override in group:
                _show_quiet(page, override, masker)
            continue
        if judgement in _FOLDED:
            names = ", ".join(masker.text(key_path(override.path)) for override in group)
            page.text(names, style, indent=4, lead=f"{judgement.value} ({len(group)}): ", hang=6)
            continue
        page.line((f"{judgement.value} ({len(group)})", style), indent=4)
        if judgement is Judgement.UNKNOWN:
            _show_unknown(page, group, masker)
            continue
        for override in group:
            _show_override(page, override, masker)


def _show_unknown(page: Page, group: list[Override], masker: Masker) -> None:
    """By reason: one reason often holds for many."""
    for reason in dict.fromkeys(override.reason for override in group):
        names = [key_path(override.path) for override in group if override.reason == reason]
        page.text(masker.text(", ".join(names)), indent=6)
        page.text(masker.text(reason), "dim", indent=8)


def _show_quiet(page: Page, override: Override, masker: Masker) -> None:
    """Yours, and the default where it is another: old and new only where they differ."""
    yours = _four(masker, override.path, Known(override.yours))
    sides = [_four(masker, override.path, side) for side in (override.old_default, override.new_default)]
    default = sides[1] if sides[0] == sides[1] else " -> ".join(sides)
    place = f"  ({masker.text(_place(override))})" if override.file else ""
    page.text(
        f"{masker.text(key_path(override.path))}: {yours}, default {default}{place}", "dim", indent=6, hang=8
    )


def _place(override: Override) -> str:
    return f"{override.file}:{override.line}" if override.line else override.file


def _show_override(page: Page, override: Override, masker: Masker) -> None:
    place = _place(override)
    name = masker.text(key_path(override.path)) + (f"  ({masker.text(place)})" if place else "")
    page.text(name, indent=6, hang=8)
    page.text(masker.text(override.reason), "dim", indent=8)
    if override.comment:
        page.text(masker.text(override.comment), "dim", indent=8, lead="# ")
    values = (
        ("old default", override.old_default),
        ("new default", override.new_default),
        ("yours", Known(override.yours)),
        ("effective", override.effective),
    )
    shown = ", ".join(f"{label} {_four(masker, override.path, value)}" for label, value in values)
    page.text(shown, indent=8, hang=10)


def _four(masker: Masker, path: Path, value: Maybe[object]) -> str:
    if not isinstance(value, Known):
        return "unknown"
    return count_long(written(values_value(masker, path, value.value)))


def count_long(text: str, limit: int = 60) -> str:
    """The text, or its start and how much more there is."""
    return text if len(text) <= limit else f"{text[: limit - 3]}... ({count(len(text), 'character')})"
