"""The reports for programs: JSON of `tyk-upgrade/v1`, described by docs/schemas.

A structure of its own, not a dump of the records: those may change, this may only grow. The parts are written by
the json_* modules beside this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from helm_tyk_upgrade.model.inputs import Capabilities
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.outcome import Entry, Outcome, PodProof, StepResult, unfinished
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.values import ValuesReport
from helm_tyk_upgrade.model.verdict import Verdict
from helm_tyk_upgrade.report.advice_view import advice_data
from helm_tyk_upgrade.report.decision import decide
from helm_tyk_upgrade.report.json_document import chosen, document, maybe, verdict_list
from helm_tyk_upgrade.report.json_knowledge import plugins_data, transition_data
from helm_tyk_upgrade.report.json_objects import manifest_data
from helm_tyk_upgrade.report.json_server import drift_data, images_data, server_data
from helm_tyk_upgrade.report.json_values import values_data
from helm_tyk_upgrade.report.masking import learn_plan
from helm_tyk_upgrade.report.way_back import way_back


def plan_json(record: Plan, masker: Masker) -> str:
    """A plan as JSON text. Secrets are fingerprints, also inside diffs."""
    learn_plan(masker, record)
    release = record.release
    return document(
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
            "decision": decide(record).data(),
            "blockedBy": [verdict.check for verdict in record.blocking],
            "chart": {"name": record.archive.name, "digest": record.archive.digest, **chosen(record.chart)},
            "gateway": _gateway(record),
            "values": {
                "from": record.values.source,
                **values_data(record.values_changes, masker),
                **advice_data(record.advice, masker),
            },
            "manifest": manifest_data(record.objects, masker),
            "checks": verdict_list(record.verdicts),
            "server": server_data(record.server),
            "drift": drift_data(record.server.drift, masker),
            "images": images_data(record.server),
            "transitions": maybe(record.transitions, transition_data),
            "plugins": maybe(record.plugins, plugins_data),
            "rollback": {
                "automatic": record.settings.rollback,
                "revision": record.rollback_to,
                **way_back(record.verdicts).data(),
            },
            "notes": list(record.catalogue_notes),
            **({"only": list(record.only)} if record.only else {}),
            **({"offline": _offline(record.offline)} if record.offline else {}),
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
    return document("Outcome", body, masker)


def verification_json(release: Release, proof: Iterable[PodProof], result: StepResult, masker: Masker) -> str:
    """The proof alone: what `verify` found true of each pod, and what it comes to."""
    body = {
        "release": {"name": release.name, "namespace": release.namespace, "revision": release.revision},
        "status": result.status.value,
        "reason": result.reason,
        "proof": _proof(proof),
    }
    return document("Verification", body, masker)


def verdicts_json(kind: str, verdicts: Iterable[Verdict], masker: Masker) -> str:
    """A plain list of verdicts under a kind: `Doctor`."""
    return document(kind, {"checks": verdict_list(verdicts)}, masker)


def values_json(record: ValuesReport, masker: Masker) -> str:
    """Values files alone."""
    changes = values_data(record.changes, masker)
    for key in ("changes", "onlyInRelease"):  # need a release
        del changes[key]
    body = {
        "chart": record.chart,
        "from": {"version": record.start.version, "reason": record.start.reason},
        "to": chosen(record.to),
        "source": record.source,
        "helm": record.helm,
        "written": record.written,
        **changes,
        **advice_data(record.advice, masker),
        "notes": list(record.notes),
    }
    return document("Values", body, masker)


def _offline(told: Capabilities) -> dict[str, Any]:
    return {"kubeVersion": told.kube_version, "apiVersions": list(told.api_versions)}


def _gateway(record: Plan) -> dict[str, Any]:
    before = {"before": maybe(record.gateway_before)}
    if not isinstance(record.gateway, Known):
        return {**before, "after": maybe(record.gateway)}
    target = record.gateway.value
    choice = chosen(target.chosen)
    del choice["version"]
    expected = {"expected": target.expected} if target.expected else {}
    return {**before, "after": maybe(target.version), "image": target.image, **choice, **expected}


def _proof(proof: Iterable[PodProof]) -> list[dict[str, Any]]:
    return [{"pod": pod.pod, "checks": verdict_list(pod.verdicts)} for pod in proof]


def _step(entry: Entry) -> dict[str, Any]:
    assert entry.result is not None
    return {
        "step": entry.step,
        "status": entry.result.status.value,
        "ended": entry.time,
        "seconds": round(entry.seconds, 3),
        "reason": entry.result.reason,
    }
