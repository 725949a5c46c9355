"""The check of what the API server says to the new objects."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helm_tyk_upgrade.checks import server_rejects
from helm_tyk_upgrade.model.change import ObjectId
from helm_tyk_upgrade.model.facts import Facts
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.server import DryRunAnswer, FieldConflict, ServerTruth
from helm_tyk_upgrade.model.verdict import Policy, Status
from tests.checks.build import DEPLOYMENT, changes, facts

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
SERVICE = ObjectId("v1", "Service", "", "gw")
NO_ANSWER = Unknown("the API server does not answer")
FINE = DryRunAnswer(SERVICE, Known(True))
UNSURE = DryRunAnswer(DEPLOYMENT, Unknown("not allowed"))
DENIED = DryRunAnswer(
    DEPLOYMENT, Known(False), "it is invalid", ("spec.selector: field is immutable", "spec.x: no"), True
)
CONFLICT = replace(FINE, conflicts=(FieldConflict("spec.replicas", "kubectl"),))


def said(*answers: DryRunAnswer) -> Facts:
    return facts(server=ServerTruth(forward=Known(answers)))


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        (said(FINE), PASS, "takes all 1 object"),
        (said(FINE, DENIED), FAIL, "1 object would be rejected: Deployment gateway-tyk: spec.selector"),
        (said(replace(DENIED, causes=())), FAIL, "it is invalid"),
        (said(replace(DENIED, hook="pre-upgrade")), FAIL, "hook Deployment gateway-tyk"),
        (said(UNSURE, DENIED), FAIL, "1 object would be rejected"),
        (said(FINE, UNSURE), UNKNOWN, "1 object of 2: Deployment gateway-tyk: not allowed"),
        (facts(server=ServerTruth(forward=NO_ANSWER)), UNKNOWN, "does not answer"),
        (facts(), UNKNOWN, "was not asked"),
        (said(CONFLICT), PASS, "takes all"),
    ],
)
def test_server_rejects(given: Facts, status: Status, words: str) -> None:
    verdict = server_rejects.run(given, changes())
    assert (verdict.check, verdict.status) == ("server-rejects", status)
    assert words in verdict.reason


def test_every_further_reason_of_every_object_is_evidence() -> None:
    verdict = server_rejects.run(said(DENIED, UNSURE, replace(UNSURE, id=SERVICE)), changes())
    assert verdict.reason.endswith("Deployment gateway-tyk: spec.selector: field is immutable")
    assert verdict.evidence == (
        "Deployment gateway-tyk: spec.x: no",
        "Deployment gateway-tyk, Service gw: not allowed",
    )


def test_it_blocks() -> None:
    assert server_rejects.DEFAULT is Policy.FAIL
