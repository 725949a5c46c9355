"""The check of changes made outside Helm."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.checks import drift
from helm_tyk_upgrade.model.change import ABSENT, ObjectId
from helm_tyk_upgrade.model.facts import Facts
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.server import Drift, ServerTruth, Unread
from helm_tyk_upgrade.model.verdict import Policy, Status
from tests.checks.build import changes, facts

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
SERVICE = ObjectId("v1", "Service", "", "gw")
NO_ANSWER = Unknown("the API server does not answer")


def drifted(*found: Drift) -> Facts:
    return facts(server=ServerTruth(drift=Known(found)))


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        (drifted(), PASS, "as Helm stored them"),
        (
            drifted(Drift(SERVICE, "spec.type", "A", "B", "type", "kubectl-edit", "2026-01-01T00:00:00Z")),
            FAIL,
            "1 change made outside Helm would be overwritten",
        ),
        (drifted(Drift(SERVICE, "", {}, ABSENT)), FAIL, "1 change made outside"),
        (
            drifted(Drift(SERVICE, "data.key", "old-secret", "new-secret", "key")),
            FAIL,
            "1 change made outside",
        ),
        (facts(server=ServerTruth(drift=NO_ANSWER)), UNKNOWN, "does not answer"),
    ],
)
def test_drift(given: Facts, status: Status, words: str) -> None:
    verdict = drift.run(given, changes())
    assert (verdict.check, verdict.status) == ("drift", status)
    assert words in verdict.reason
    assert "secret" not in str(verdict)


def test_the_evidence_names_each_field_without_its_values() -> None:
    by_hand = Drift(SERVICE, "spec.type", "A", "B", "type", "kubectl-edit", "2026-01-01T00:00:00Z")
    verdict = drift.run(drifted(by_hand, Drift(SERVICE, "", {}, ABSENT)), changes())
    assert verdict.evidence == (
        "Service gw spec.type: changed by kubectl-edit at 2026-01-01T00:00:00Z",
        "Service gw is not in the cluster any more",
    )


def test_it_warns() -> None:
    assert drift.DEFAULT is Policy.WARN


def test_objects_that_could_not_be_read_are_named_beside_those_that_drifted() -> None:
    gone, unread = Drift(SERVICE, "", {}, ABSENT), (Unread(ObjectId("v1", "Secret", "", "s"), "not allowed"),)
    verdict = drift.run(facts(server=ServerTruth(drift=Known((gone,)), unread=unread)), changes())
    assert verdict.status is FAIL
    assert verdict.reason.endswith("would be overwritten; 1 object could not be read")
    assert verdict.evidence[-1] == "not read: Secret s: not allowed"
    nothing: Known[tuple[Drift, ...]] = Known(())
    assert drift.run(facts(server=ServerTruth(drift=nothing, unread=unread)), changes()).status is UNKNOWN
