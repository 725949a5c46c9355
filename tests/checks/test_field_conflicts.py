"""The check of fields that other managers own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helm_tyk_upgrade.checks import field_conflicts
from helm_tyk_upgrade.model.change import ObjectId
from helm_tyk_upgrade.model.facts import Facts
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.server import DryRunAnswer, FieldConflict, ServerTruth
from helm_tyk_upgrade.model.verdict import Policy, Status
from tests.checks.build import DEPLOYMENT, RELEASE, changes, facts

PASS, FAIL, UNKNOWN, NOT = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE
SERVICE = ObjectId("v1", "Service", "", "gw")
FINE = DryRunAnswer(SERVICE, Known(True))
UNSURE = DryRunAnswer(DEPLOYMENT, Unknown("not allowed"))
CONFLICT = replace(FINE, conflicts=(FieldConflict("spec.replicas", "kubectl", "2026-01-01T00:00:00Z"),))
SERVER_SIDE = replace(RELEASE, apply_method="server-side apply")
FORCED = UpgradeFlags(force_conflicts=True)


def said(*answers: DryRunAnswer, **more: Any) -> Facts:
    return facts(server=ServerTruth(forward=Known(answers)), **more)


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        (said(CONFLICT, release=SERVER_SIDE), FAIL, "1 field belongs to another manager (kubectl)"),
        (said(CONFLICT, release=SERVER_SIDE, flags=FORCED), PASS, "--force-conflicts takes over 1 field"),
        (said(FINE, release=SERVER_SIDE), PASS, "no other manager"),
        (said(FINE, UNSURE, release=SERVER_SIDE), UNKNOWN, "not allowed"),
        (said(FINE), NOT, "client-side"),
        (said(FINE, flags=UpgradeFlags(passed=("--server-side=true",))), PASS, "no other manager"),
        (said(release=SERVER_SIDE, flags=UpgradeFlags(passed=("--server-side=false",))), NOT, "client-side"),
        (facts(release=SERVER_SIDE), UNKNOWN, "was not asked"),
    ],
)
def test_field_conflicts(given: Facts, status: Status, words: str) -> None:
    verdict = field_conflicts.run(given, changes())
    assert (verdict.check, verdict.status) == ("field-conflicts", status)
    assert words in verdict.reason


def test_the_evidence_tells_each_field_and_the_reason_only_whose_they_are() -> None:
    more = replace(FINE, conflicts=(*CONFLICT.conflicts, FieldConflict("spec.type", "operator")))
    verdict = field_conflicts.run(said(more, release=SERVER_SIDE), changes())
    assert verdict.reason == "2 fields belong to other managers (kubectl, operator)"
    assert verdict.evidence == (
        "Service gw spec.replicas: owned by kubectl since 2026-01-01T00:00:00Z",
        "Service gw spec.type: owned by operator",
    )


def test_it_blocks() -> None:
    assert field_conflicts.DEFAULT is Policy.FAIL
