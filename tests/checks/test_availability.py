"""Lost requests, foretold for the workloads that restart."""

from __future__ import annotations

from dataclasses import replace

from helm_tyk_upgrade.checks import availability
from helm_tyk_upgrade.model.change import ObjectId
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.kubernetes import UNCOUNTED, Interruption
from helm_tyk_upgrade.model.server import LiveNeighbours, ServerTruth
from helm_tyk_upgrade.model.verdict import Status
from tests.checks.build import DEPLOYMENT, changes
from tests.checks.kubernetes import found, is_unknown_without

LOST = Interruption(DEPLOYMENT, "all-pods-stop", True, "its only pod stops", "run more", gateway=True)
REFUSED = Interruption(DEPLOYMENT, "requests-refused", True, "no preStop sleep", "add one", gateway=True)
RISK = Interruption(DEPLOYMENT, "single-replica", False, "1 replica", "run 2", gateway=True)
OTHER = replace(LOST, id=ObjectId("apps/v1", "Deployment", "", "pump"), reason="the pump stops")


def test_lost_requests_are_foretold_with_all_reasons() -> None:
    verdict = availability.run(found(interruptions=Known((LOST, REFUSED, RISK))), changes())
    assert verdict.status is Status.FAIL
    assert verdict.reason == "requests will be lost: its only pod stops"
    assert verdict.evidence == ("no preStop sleep", "1 replica")
    assert verdict.hint == "run more; add one"


def test_risks_alone_pass_and_are_told() -> None:
    verdict = availability.run(found(interruptions=Known((RISK,))), changes())
    assert (verdict.status, verdict.evidence) == (Status.PASS, ("1 replica",))


def test_a_count_that_is_not_known_is_no_loss_and_no_pass() -> None:
    uncounted = Interruption(DEPLOYMENT, UNCOUNTED, False, "how many pods run is not known", "run more")
    verdict = availability.run(found(interruptions=Known((RISK, uncounted))), changes())
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, "how many pods run is not known")
    assert verdict.evidence[0] == "1 replica"
    verdict = availability.run(found(interruptions=Known((LOST, uncounted))), changes())
    assert verdict.status is Status.FAIL
    assert "how many pods run is not known" in verdict.evidence


def test_workloads_whose_pods_stay_do_not_count() -> None:
    only_pump = found(interruptions=Known((OTHER,)))
    assert availability.run(only_pump, changes()).status is Status.PASS
    verdict = availability.run(found(interruptions=Known((LOST,))), changes(restarts=False))
    assert (verdict.status, verdict.reason) == (Status.PASS, "no pod is replaced")


def test_budgets_that_could_not_be_read_are_told() -> None:
    blind = ServerTruth(neighbours=LiveNeighbours(budgets=Unknown("forbidden")))
    verdict = availability.run(replace(found(interruptions=Known(())), server=blind), changes())
    assert verdict.status is Status.PASS
    assert verdict.evidence == ("whether PodDisruptionBudgets guard the pods is not known: forbidden",)


def test_without_an_answer_it_is_unknown() -> None:
    assert is_unknown_without(availability, "interruptions")
