"""The lock of a run: who holds it, who is waited for, from whom it is taken over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.run import Run
from helm_tyk_upgrade.applying.steps import lock
from helm_tyk_upgrade.model.hold import Attempt, Holder
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import StepStatus
from tests.applying.build import START, Scene, scene


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    return scene(tmp_path)


ANN = Holder("ann@host pid 7", "r-9", START, START - timedelta(seconds=90), 60.0)


def held(late: bool = False) -> Known[Attempt]:
    return Known(Attempt(False, ANN, late, patience=5.0))


@pytest.mark.parametrize(
    ("attempt", "status", "words"),
    [
        (Known(Attempt(True)), StepStatus.DONE, "holds lease tyk-upgrade-tyk"),
        (held(), StepStatus.FAILED, "another run holds the release: ann@host pid 7 (run r-9, since "),
        (Unknown("leases is forbidden"), StepStatus.UNKNOWN, "no lock in the cluster: leases is forbidden"),
    ],
)
def test_the_lock_is_held_foreign_or_not_to_be_had(
    here: Scene, attempt: Maybe[Attempt], status: StepStatus, words: str
) -> None:
    here.target.attempts = [attempt]
    result = lock.do(here.run)
    assert result.status is status
    assert words in result.reason
    assert here.clock.passed == 0.0


def waits(here: Scene, seconds: float) -> Run:
    return replace(here.run, settings=replace(here.run.settings, lock_wait=seconds))


def test_a_living_holder_is_waited_for_as_long_as_was_said(here: Scene) -> None:
    here.target.attempts = [held()]
    result = lock.do(waits(here, 30.0))
    assert result.status is StepStatus.FAILED
    assert "after 30 s still" in result.reason
    assert 30.0 <= here.clock.passed < 35.0
    assert len([line for line in here.shown.lines if "held by ann@host" in line]) == 1


def test_a_release_that_becomes_free_meanwhile_is_locked(here: Scene) -> None:
    here.target.attempts = [held(), held(), Known(Attempt(True))]
    assert lock.do(waits(here, 30.0)).status is StepStatus.DONE


def test_a_takeover_tells_from_whom_and_how_the_release_is(here: Scene) -> None:
    here.target.attempts = [held(late=True), Known(Attempt(True, ANN))]
    here.helm.history((3, "deployed"), (4, "pending-upgrade"))
    result = lock.do(here.run)
    assert result.status is StepStatus.DONE
    assert "taken over from ann@host pid 7 (run r-9, since " in result.reason
    assert result.reason.endswith("the release is at revision 4, pending-upgrade")
    assert "ann@host pid 7" in result.fact("taken_from")
    assert any("watching 5 s for a sign of life" in line for line in here.shown.lines)
