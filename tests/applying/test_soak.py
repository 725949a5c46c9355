"""The soak: how long it goes on, what ends it, and what it comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.proving import DECIDING
from helm_tyk_upgrade.applying.steps import soak
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.outcome import PodProof, StepStatus
from helm_tyk_upgrade.model.verdict import Verdict, failed, passed, unknown
from tests.applying.build import Scene, scene

Look = tuple[PodProof, ...] | Exception


def pod(verdict: Verdict) -> tuple[PodProof, ...]:
    """A pod that passes everything else."""
    others = tuple(passed(check, "fine") for check in DECIDING if check != verdict.check)
    return (PodProof("gateway-1", (verdict, *others)),)


WELL = pod(passed("health-endpoint", "says pass"))
SICK = pod(failed("health-endpoint", "/hello says fail"))
DARK = pod(unknown("health-endpoint", "no way to the pod"))
GONE = NotFound("Deployment gateway is not there")
DOWN = ClusterError("the API server does not answer")


def soaked(folder: Path, *looks: Look, seconds: float = 10.0, interval: float = 2.0) -> Scene:
    here = scene(folder, settings=RunSettings(soak=seconds, interval=interval))
    here.target.looked_at = list(looks)
    return here


@pytest.mark.parametrize(
    ("looks", "status", "words", "proofs"),
    [
        ([WELL], StepStatus.DONE, "6 of 6 proofs passed in 10 s", 6),
        (
            [WELL, SICK, WELL],
            StepStatus.DONE,
            "5 of 6 proofs passed in 10 s; the newest of the others: gateway-1",
            6,
        ),
        (
            [WELL, SICK, SICK],
            StepStatus.FAILED,
            "after it was proven: gateway-1: /hello says fail (2 proofs",
            3,
        ),
        ([SICK], StepStatus.FAILED, "/hello says fail", 2),
        ([WELL, SICK, DARK, SICK, WELL], StepStatus.DONE, "3 of 6", 6),
        ([WELL, DOWN, GONE, WELL], StepStatus.DONE, "the newest of the others: Deployment gateway is not", 6),
        ([WELL, DARK], StepStatus.UNKNOWN, "ended without a proof: gateway-1: no way to the pod", 6),
        ([DOWN], StepStatus.UNKNOWN, "ended without a proof: the API server does not answer", 6),
        ([()], StepStatus.UNKNOWN, "ended without a proof: no gateway pod was found to prove", 6),
    ],
)
def test_what_the_looks_come_to(
    tmp_path: Path, looks: list[Look], status: StepStatus, words: str, proofs: int
) -> None:
    here = soaked(tmp_path, *looks)
    result = soak.do(here.run)
    assert result.status is status, result.reason
    assert words in result.reason
    assert result.fact("proofs") == proofs


def test_a_failure_at_the_end_is_looked_at_once_more(tmp_path: Path) -> None:
    """Neither a single bad look nor the end of the time decides."""
    here = soaked(tmp_path, *[WELL] * 5, SICK, WELL)
    assert soak.do(here.run).status is StepStatus.DONE
    assert here.clock.passed == 12.0
    again = soaked(tmp_path / "again", *[WELL] * 5, SICK, SICK)
    assert soak.do(again.run).status is StepStatus.FAILED


def test_only_what_goes_otherwise_is_told(tmp_path: Path) -> None:
    here = soaked(tmp_path, WELL, WELL, DARK, DARK, WELL)
    soak.do(here.run)
    assert here.shown.lines == [
        "proof 3: unknown, gateway-1: no way to the pod",
        "proof 5: done, 1 of 1 gateway pods answer as planned",
    ]


def test_the_proof_of_the_last_look_is_kept(tmp_path: Path) -> None:
    result = soak.do(soaked(tmp_path, SICK).run)
    assert result.fact("proof")[0]["verdicts"][0]["reason"] == "/hello says fail"
