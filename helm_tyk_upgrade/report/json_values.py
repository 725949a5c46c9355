"""The values side of a JSON document."""

from __future__ import annotations

from typing import Any

from helm_tyk_upgrade.model.change import (
    ABSENT,
    EditedFile,
    NewDefault,
    Override,
    Path,
    ValueChange,
    ValuesChanges,
)
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.report.json_document import sides
from helm_tyk_upgrade.report.masking import values_value
from helm_tyk_upgrade.report.text_diff import unified
from helm_tyk_upgrade.report.values_view import key_path


def values_data(changes: ValuesChanges, masker: Masker) -> dict[str, Any]:
    return {
        "changes": [_value_change(change, masker) for change in changes.yours],
        "onlyInRelease": [key_path(path) for path in changes.only_in_release],
        "edits": [_edited(edited, masker) for edited in changes.edited_files],
        "newDefaults": [_new_default(default, masker) for default in changes.new_defaults],
        "overrides": [_override(override, masker) for override in changes.overrides],
        "unknown": list(changes.unknown),
    }


def _value_change(change: ValueChange | NewDefault, masker: Masker) -> dict[str, Any]:
    old, new = (values_value(masker, change.path, value) for value in (change.old, change.new))
    return {"path": key_path(change.path), **sides(old, new)}


def _new_default(default: NewDefault, masker: Masker) -> dict[str, Any]:
    comment = {"comment": default.comment} if default.comment else {}
    return {**_value_change(default, masker), **comment}


def _edited(edited: EditedFile, masker: Masker) -> dict[str, Any]:
    return {
        "file": edited.file,
        "digestBefore": edited.digest_before,
        "keys": [{"path": key_path(edit.path), "reason": edit.reason} for edit in edited.edits],
        "diff": list(unified(edited.file, edited.before, edited.after, masker)),
    }


def _override(override: Override, masker: Masker) -> dict[str, Any]:
    found = {
        "path": key_path(override.path),
        "judgement": override.judgement.value,
        "reason": override.reason,
        "yours": values_value(masker, override.path, override.yours),
        "oldDefault": _answer(masker, override.path, override.old_default),
        "newDefault": _answer(masker, override.path, override.new_default),
        "effective": _answer(masker, override.path, override.effective),
    }
    if override.file:
        found["file"] = override.file
    if override.line:
        found["line"] = override.line
    if override.comment:
        found["comment"] = override.comment
    return found


def _answer(masker: Masker, path: Path, answer: Maybe[Any]) -> dict[str, Any]:
    if not isinstance(answer, Known):
        return {"unknown": answer.reason}
    return {} if answer.value is ABSENT else {"value": values_value(masker, path, answer.value)}
