"""The changed objects in a JSON document, and what their change means."""

from __future__ import annotations

from typing import Any

from helm_tyk_upgrade.model.change import (
    ChecksumTrace,
    Danger,
    FieldChange,
    ManifestChanges,
    ObjectChange,
    ObjectId,
    WorkloadImpact,
)
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.report.json_document import maybe, object_id, sides
from helm_tyk_upgrade.report.masking import field_value


def manifest_data(changes: ManifestChanges, masker: Masker) -> dict[str, Any]:
    return {
        "unchanged": changes.unchanged,
        "objects": [_object_change(change, masker) for change in changes.objects],
        "restarts": [_impact(impact) for impact in changes.impact],
        "dangers": [_danger(found) for found in changes.dangers],
        "checksums": [_checksum(found) for found in changes.checksums],
        "openCauses": list(changes.open_causes),
    }


def _object_change(change: ObjectChange, masker: Masker) -> dict[str, Any]:
    found = {
        "object": object_id(change.id),
        "action": change.action.value,
        "restarts": change.restarts,
        "fields": [_field(change.id, field, masker) for field in change.fields],
    }
    if change.template:
        found["template"] = change.template
    if change.hook:
        found["hook"] = change.hook
    return found


def _field(identity: ObjectId, field: FieldChange, masker: Masker) -> dict[str, Any]:
    old, new = (field_value(masker, identity, field, value) for value in (field.old, field.new))
    found = {"path": field.path, **sides(old, new)}
    if field.cause:
        found["cause"] = field.cause
    marks = (("random", field.random), ("cosmetic", field.cosmetic), ("reordered", bool(field.moved)))
    return {**found, **{name: True for name, holds in marks if holds}}


def _impact(impact: WorkloadImpact) -> dict[str, Any]:
    return {
        "object": object_id(impact.id),
        "podsBefore": maybe(impact.before),
        "podsAfter": maybe(impact.after),
        "surge": maybe(impact.surge),
        "cpuMillicores": impact.cpu,
        "memoryBytes": impact.memory,
    }


def _danger(found: Danger) -> dict[str, Any]:
    return {
        "object": object_id(found.id),
        "rule": found.rule,
        "effect": found.effect,
        "path": found.path,
        "reason": found.reason,
        "hint": found.hint,
    }


def _checksum(found: ChecksumTrace) -> dict[str, Any]:
    return {
        "object": object_id(found.id),
        "path": found.path,
        "causes": [object_id(identity) for identity in found.causes],
        "known": found.known,
    }
