"""The values side of a plan as folded parts of a comment."""

from __future__ import annotations

from collections.abc import Iterator

from helm_tyk_upgrade.model.change import ABSENT, NewDefault, ValueChange, ValuesChanges
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.fitting import Part, diff_part, table_part
from helm_tyk_upgrade.report.markup import code
from helm_tyk_upgrade.report.masking import values_value
from helm_tyk_upgrade.report.text_diff import unified
from helm_tyk_upgrade.report.values_tables import (
    OVERRIDE_HEAD,
    PROPOSAL_HEAD,
    override_rows,
    proposal_rows,
    quiet_note,
    warning_rows,
)
from helm_tyk_upgrade.report.values_view import key_path
from helm_tyk_upgrade.report.writing import block

_SEE = "`helm tyk-upgrade plan --show values` shows all"


def values_parts(record: Plan, masker: Masker) -> tuple[Part, ...]:
    """What would be lost stands open; the user's change, the edits, defaults, overrides and proposals are folded."""
    changes, advice = record.values_changes, record.advice
    yours = [
        line for change in changes.yours for one in change.items or (change,) for line in _two(one, masker)
    ]
    defaults = [line for default in changes.new_defaults for line in _two(default, masker)]
    shown = [each for each in advice.proposals if each.kind != "remove redundant"]
    overrides = f"Your overrides ({len(changes.overrides)})"
    return (
        _lost(changes, masker),
        diff_part(f"Your change of the values ({len(changes.yours)})", yours, _SEE),
        diff_part(
            f"Edits to {count(len(changes.edited_files), 'values file')}", _edits(changes, masker), _SEE
        ),
        diff_part(f"New defaults without you ({len(changes.new_defaults)})", defaults, _SEE),
        table_part(
            overrides,
            OVERRIDE_HEAD,
            override_rows(changes.overrides, masker),
            _SEE,
            quiet_note(changes.overrides),
        ),
        table_part(f"Warnings ({len(advice.warnings)})", "", warning_rows(advice.warnings, masker), _SEE),
        table_part(f"Proposed edits ({len(shown)})", PROPOSAL_HEAD, proposal_rows(shown, masker), _SEE),
    )


def _lost(changes: ValuesChanges, masker: Masker) -> Part:
    lines = tuple(f"- {code(masker.text(key_path(path)))}" for path in changes.only_in_release)
    return Part(lines, "❗ Only in the release, would be lost:\n\n", see=_SEE) if lines else Part(())


def _edits(changes: ValuesChanges, masker: Masker) -> Iterator[str]:
    for edited in changes.edited_files:
        yield from unified(masker.text(edited.file), edited.before, edited.after, masker)


def _two(change: ValueChange | NewDefault, masker: Masker) -> Iterator[str]:
    yield f"  {masker.text(key_path(change.path))}"
    for mark, value in (("-", change.old), ("+", change.new)):
        if value is not ABSENT:
            for line in block(values_value(masker, change.path, value), 100):
                yield f"{mark} {line}"
