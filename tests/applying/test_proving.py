"""From the verdicts of each pod to the result of the step: what fails, what is only unknown, what is told only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.proof_facts import facts_of, proofs_of
from helm_tyk_upgrade.applying.proving import DECIDING, KEPT, prove_pods, result_of
from helm_tyk_upgrade.applying.run import done
from helm_tyk_upgrade.applying.steps import prove, prove_back
from helm_tyk_upgrade.model.chart import Chosen
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.outcome import Entry, PodProof, StepStatus
from helm_tyk_upgrade.model.plan import GatewayTarget
from helm_tyk_upgrade.model.verdict import Status, Verdict
from helm_tyk_upgrade.store.journal import LINES
from tests.applying.build import plan, scene, stored_answer

ALL = (*DECIDING, *KEPT, "restarts", "log-errors")
PASS, FAIL, UNKNOWN, NOT = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE


def proof(pod: str = "g-1", **answers: Status) -> PodProof:
    """Every check passes but those named (with underscores)."""
    return PodProof(
        pod,
        tuple(
            Verdict(check, answers.get(check.replace("-", "_"), PASS), f"{check} says so") for check in ALL
        ),
    )


TABLE: list[tuple[tuple[PodProof, ...], StepStatus, str]] = [
    ((), StepStatus.UNKNOWN, "no gateway pod was found to prove"),
    ((proof(),), StepStatus.DONE, "1 of 1 gateway pods answer as planned"),
    ((proof(), proof("g-2")), StepStatus.DONE, "2 of 2 gateway pods answer as planned"),
    *(
        ((proof(**{check.replace("-", "_"): FAIL}),), StepStatus.FAILED, f"g-1: {check}")
        for check in DECIDING
    ),
    *(
        ((proof(**{check.replace("-", "_"): UNKNOWN}),), StepStatus.UNKNOWN, f"g-1: {check}")
        for check in DECIDING
    ),
    *(((proof(**{check.replace("-", "_"): FAIL}),), StepStatus.UNKNOWN, f"g-1: {check}") for check in KEPT),
    ((proof(), proof("g-2", gateway_version=FAIL)), StepStatus.FAILED, "g-2: gateway-version"),
    ((proof(redis_connected=UNKNOWN), proof("g-2", gateway_version=FAIL)), StepStatus.FAILED, "g-2"),
    ((proof(ready_endpoint=NOT),), StepStatus.DONE, "1 of 1"),
    ((proof(restarts=FAIL, log_errors=FAIL),), StepStatus.DONE, "1 of 1"),
]


@pytest.mark.parametrize(("proofs", "status", "words"), TABLE)
def test_the_proof_comes_to(proofs: tuple[PodProof, ...], status: StepStatus, words: str) -> None:
    result = result_of(proofs)
    assert result.status is status
    assert result.reason.startswith(words)


def test_the_verdicts_are_kept_in_the_result_as_json() -> None:
    proofs = (proof(redis_connected=FAIL), proof("g-2"))
    result = result_of(proofs)
    assert json.loads(json.dumps(result.fact("proof"))) == facts_of(proofs)
    assert proofs_of(result) == proofs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path


def test_the_pods_are_compared_with_what_the_baseline_recorded(path: Path) -> None:
    here = scene(path)
    here.target.proofs = (proof(),)
    facts = {"apis": {"a1": "orders"}, "policies": {"p1": "gold"}, "signatures": ["s"]}
    here.run.journal.append(Entry(1, "baseline", "end", "t", done("read", **facts)))
    assert prove_pods(here.run, "", Known("5.13.1")).status is StepStatus.DONE
    (expected,) = here.target.expected
    assert expected.version == Known("5.13.1")
    assert expected.signatures == Known(frozenset({"s"}))
    assert isinstance(expected.inventory, Known)
    assert [(api.id, api.name) for api in expected.inventory.value.apis] == [("a1", "orders")]
    assert [policy.id for policy in expected.inventory.value.policies] == ["p1"]


def test_log_lines_in_the_evidence_are_masked_before_they_are_recorded(path: Path) -> None:
    here = scene(path)
    here.context.masker.learn(["c4n4ry-secret"])
    verdict = Verdict("log-errors", FAIL, "1 kind: c4n4ry-secret", ("level=error c4n4ry-secret",))
    here.target.proofs = (PodProof("g-1", (verdict,)),)
    result = prove_pods(here.run, "", Known("5.13.1"))
    here.run.journal.append(Entry(1, "prove", "end", "t", result))
    assert b"c4n4ry" not in (here.run.journal.folder / LINES).read_bytes()
    assert "level=error secret:" in proofs_of(result)[0].verdicts[0].evidence[0]


def test_without_a_baseline_there_is_nothing_to_compare_with(path: Path) -> None:
    here = scene(path)
    here.target.proofs = (proof(),)
    prove_pods(here.run, "", Known("5.13.1"))
    (expected,) = here.target.expected
    assert isinstance(expected.inventory, Unknown)
    assert isinstance(expected.signatures, Unknown)


@pytest.mark.parametrize(
    ("version", "given", "expected"),
    [
        (Known("5.13.1"), "", Known("5.13.1")),
        (Known("5.13.1"), "5.13.0", Known("5.13.0")),
        (Unknown("a company tag"), "", Unknown("a company tag")),
        (Unknown("a company tag"), "5.13.1", Known("5.13.1")),
    ],
)
def test_the_version_to_prove_is_the_given_one_else_the_planned_one(
    path: Path, version: Known[str] | Unknown, given: str, expected: object
) -> None:
    target = GatewayTarget("tyk-gateway:x", version, Chosen("", ""), given)
    here = scene(path, intent=plan(gateway=Known(target)))
    here.target.proofs = (proof(),)
    prove.do(here.run)
    assert here.target.expected[0].version == expected


def test_a_rollback_is_proven_with_the_version_of_before(path: Path) -> None:
    here = scene(path, back=True)
    here.helm.answers["get"] = stored_answer()
    here.target.proofs = (proof(),)
    here.run.journal.append(Entry(1, "rollback", "end", "t", done("back", revision=3)))
    assert prove_back.do(here.run).status is StepStatus.DONE
    assert here.target.expected[0].version == Known("5.3.8")
