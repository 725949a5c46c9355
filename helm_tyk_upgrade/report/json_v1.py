"""The reports for programs: JSON of `tyk-upgrade/v1`, described by docs/schemas.

A structure of its own, not a dump of the records: those may change, this may only grow. Three-valued answers
are `{"value": ...}` or `{"unknown": "reason"}`; a side that is not there is left out, null is a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from helm_tyk_upgrade.model.change import (
    ABSENT,
    Danger,
    EditedFile,
    FieldChange,
    ManifestChanges,
    NewDefault,
    ObjectChange,
    ObjectId,
    Override,
    Path,
    ValueChange,
    ValuesChanges,
    WorkloadImpact,
)
from helm_tyk_upgrade.model.chart import Chosen
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.outcome import Entry, Outcome, PodProof, StepResult
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.values import ValuesReport
from helm_tyk_upgrade.model.verdict import Verdict
from helm_tyk_upgrade.report.advice_view import advice_data
from helm_tyk_upgrade.report.masking import field_value, learn_objects, values_value
from helm_tyk_upgrade.report.text_diff import unified
from helm_tyk_upgrade.report.values_view import key_path

API_VERSION = "tyk-upgrade/v1"


def plan_json(record: Plan, masker: Masker) -> str:
    """A plan as JSON text, one final newline. Secrets are fingerprints, also inside diffs."""
    masker.learn_tree(record.values.merged)
    learn_objects(masker, record.objects.objects)
    release = record.release
    return _document(
        "Plan",
        {
            "release": {
                "name": release.name,
                "namespace": release.namespace,
                "revision": release.revision,
                "status": release.status,
                "chart": release.chart,
                "chartVersion": release.chart_version,
            },
            "helm": record.helm.text,
            "nothingToDo": record.nothing_to_do,
            "blockedBy": [verdict.check for verdict in record.blocking],
            "chart": {"name": record.archive.name, "digest": record.archive.digest, **_chosen(record.chart)},
            "gateway": _gateway(record),
            "values": {
                "from": record.values.source,
                **_values(record.values_changes, masker),
                **advice_data(record.advice, masker),
            },
            "manifest": _manifest(record.objects, masker),
            "checks": _verdicts(record.verdicts),
            "rollback": {"automatic": record.settings.rollback, "revision": record.rollback_to},
            "notes": list(record.catalogue_notes),
        },
        masker,
    )


def outcome_json(record: Outcome, masker: Masker) -> str:
    """How a run ended."""
    body = {
        "run": record.run,
        "ending": record.ending.value,
        "exitCode": record.exit_code,
        "reason": record.reason,
        "steps": [_step(entry) for entry in record.entries if entry.result is not None],
        "unfinished": unfinished(record.entries),
        "proof": _proof(record.proof),
    }
    if record.bundle:
        body["bundle"] = record.bundle
    if record.next_action:
        body["nextAction"] = record.next_action
    return _document("Outcome", body, masker)


def verification_json(release: Release, proof: Iterable[PodProof], result: StepResult, masker: Masker) -> str:
    """The proof alone: what `verify` found true of each pod, and what it comes to."""
    body = {
        "release": {"name": release.name, "namespace": release.namespace, "revision": release.revision},
        "status": result.status.value,
        "reason": result.reason,
        "proof": _proof(proof),
    }
    return _document("Verification", body, masker)


def verdicts_json(kind: str, verdicts: Iterable[Verdict], masker: Masker) -> str:
    """A plain list of verdicts under a kind: `Doctor`."""
    return _document(kind, {"checks": _verdicts(verdicts)}, masker)


def values_json(record: ValuesReport, masker: Masker) -> str:
    """Values files alone."""
    changes = _values(record.changes, masker)
    for key in ("changes", "onlyInRelease"):  # need a release
        del changes[key]
    body = {
        "chart": record.chart,
        "from": {"version": record.start.version, "reason": record.start.reason},
        "to": _chosen(record.to),
        "source": record.source,
        "helm": record.helm,
        "written": record.written,
        **changes,
        **advice_data(record.advice, masker),
        "notes": list(record.notes),
    }
    return _document("Values", body, masker)


def unfinished(entries: Iterable[Entry]) -> list[str]:
    """The steps that began and whose end was never recorded."""
    listed = list(entries)
    ended = {entry.step for entry in listed if entry.result is not None}
    return list(
        dict.fromkeys(entry.step for entry in listed if entry.result is None and entry.step not in ended)
    )


def _document(kind: str, body: Mapping[str, Any], masker: Masker) -> str:
    """Every string passes the masker once more here, whoever put it in."""
    shown = _masked({"apiVersion": API_VERSION, "kind": kind, **body}, masker)
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def _masked(value: Any, masker: Masker) -> Any:
    if isinstance(value, Mapping):
        return {masker.text(str(key)): _masked(item, masker) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item, masker) for item in value]
    if isinstance(value, str):
        return masker.text(value)
    return value


def _chosen(chosen: Chosen) -> dict[str, Any]:
    passed_over = [{"version": version, "reason": reason} for version, reason in chosen.passed_over]
    return {"version": chosen.version, "reason": chosen.reason, "passedOver": passed_over}


def _maybe(answer: Maybe[Any]) -> dict[str, Any]:
    return {"value": answer.value} if isinstance(answer, Known) else {"unknown": answer.reason}


def _gateway(record: Plan) -> dict[str, Any]:
    before = {"before": _maybe(record.gateway_before)}
    if not isinstance(record.gateway, Known):
        return {**before, "after": _maybe(record.gateway)}
    target = record.gateway.value
    chosen = _chosen(target.chosen)
    del chosen["version"]
    expected = {"expected": target.expected} if target.expected else {}
    return {**before, "after": _maybe(target.version), "image": target.image, **chosen, **expected}


def _values(changes: ValuesChanges, masker: Masker) -> dict[str, Any]:
    return {
        "changes": [_value_change(change, masker) for change in changes.yours],
        "onlyInRelease": [key_path(path) for path in changes.only_in_release],
        "edits": [_edited(edited, masker) for edited in changes.edited_files],
        "newDefaults": [_new_default(default, masker) for default in changes.new_defaults],
        "overrides": [_override(override, masker) for override in changes.overrides],
        "unknown": list(changes.unknown),
    }


def _two(old: Any, new: Any) -> dict[str, Any]:
    """Both sides of a change. null is a value, so what is not there is said by leaving the side out."""
    return {name: value for name, value in (("old", old), ("new", new)) if value is not ABSENT}


def _value_change(change: ValueChange | NewDefault, masker: Masker) -> dict[str, Any]:
    sides = [values_value(masker, change.path, value) for value in (change.old, change.new)]
    return {"path": key_path(change.path), **_two(*sides)}


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


def _manifest(changes: ManifestChanges, masker: Masker) -> dict[str, Any]:
    return {
        "unchanged": changes.unchanged,
        "objects": [_object_change(change, masker) for change in changes.objects],
        "restarts": [_impact(impact) for impact in changes.impact],
        "dangers": [_danger(found) for found in changes.dangers],
    }


def _object(identity: ObjectId) -> dict[str, Any]:
    namespace = {"namespace": identity.namespace} if identity.namespace else {}
    return {"apiVersion": identity.api_version, "kind": identity.kind, "name": identity.name, **namespace}


def _object_change(change: ObjectChange, masker: Masker) -> dict[str, Any]:
    found = {
        "object": _object(change.id),
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
    sides = [field_value(masker, identity, field, value) for value in (field.old, field.new)]
    found = {"path": field.path, **_two(*sides)}
    if field.cause:
        found["cause"] = field.cause
    marks = (("random", field.random), ("cosmetic", field.cosmetic), ("reordered", bool(field.moved)))
    return {**found, **{name: True for name, holds in marks if holds}}


def _impact(impact: WorkloadImpact) -> dict[str, Any]:
    return {
        "object": _object(impact.id),
        "podsBefore": _maybe(impact.before),
        "podsAfter": _maybe(impact.after),
        "surge": _maybe(impact.surge),
        "cpuMillicores": impact.cpu,
        "memoryBytes": impact.memory,
    }


def _danger(found: Danger) -> dict[str, Any]:
    return {
        "object": _object(found.id),
        "rule": found.rule,
        "effect": found.effect,
        "path": found.path,
        "reason": found.reason,
        "hint": found.hint,
    }


def _verdicts(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    return [
        {
            "check": verdict.check,
            "status": verdict.status.value,
            "policy": verdict.policy.value,
            "blocks": verdict.blocks,
            "reason": verdict.reason,
            "evidence": list(verdict.evidence),
            "hint": verdict.hint,
        }
        for verdict in verdicts
    ]


def _proof(proof: Iterable[PodProof]) -> list[dict[str, Any]]:
    return [{"pod": pod.pod, "checks": _verdicts(pod.verdicts)} for pod in proof]


def _step(entry: Entry) -> dict[str, Any]:
    assert entry.result is not None
    return {
        "step": entry.step,
        "status": entry.result.status.value,
        "ended": entry.time,
        "seconds": round(entry.seconds, 3),
        "reason": entry.result.reason,
    }
