"""Waiting for a rollout: complete, doomed, out of time, or unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.steps import watch
from helm_tyk_upgrade.applying.waiting import Seen, watch_rollout
from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.outcome import StepStatus
from tests.applying.build import Scene, doom, look, pod, scene

NO_ANSWER = ClusterError("no connection")


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    return scene(tmp_path, settings=RunSettings(rollout_timeout=10.0))


def test_a_rollout_is_watched_until_it_is_complete(here: Scene) -> None:
    here.target.looks = [look(pod("a")), look(pod("a")), look(pod("a"), complete=True)]
    assert watch_rollout(here.run, "") == Seen(True, "1 workloads are complete")
    assert here.clock.passed == 2.0
    assert here.shown.lines == ["pods 1", "pods 1", "pods 1"]


def test_a_doomed_rollout_ends_at_once(here: Scene) -> None:
    here.target.looks = [look(pod("a")), look(pod("a"), evidence=(doom("a"),))]
    assert watch_rollout(here.run, "") == Seen(False, "a: image-not-found: manifest unknown")
    assert here.clock.passed < 5.0


def test_out_of_time_says_what_is_missing(here: Scene) -> None:
    here.target.looks = [look(pod("a"))]
    seen = watch_rollout(here.run, "")
    assert not seen.complete
    assert not seen.unseen
    assert "not complete after 10 s: Deployment apis/gateway: 0 of 1 new pods" in seen.reason
    assert 10.0 < here.clock.passed < 13.0


def test_a_cluster_that_comes_back_is_asked_again(here: Scene) -> None:
    here.target.looks = [NO_ANSWER, look(pod("a")), NO_ANSWER, look(pod("a"), complete=True)]
    assert watch_rollout(here.run, "").complete


@pytest.mark.parametrize("first", [NO_ANSWER, look(pod("a"))])
def test_a_cluster_that_stays_away_leaves_it_unknown(here: Scene, first: object) -> None:
    here.target.looks = [first, NO_ANSWER]  # type: ignore[list-item]
    seen = watch_rollout(here.run, "")
    assert seen.unseen
    assert "could not be asked after 10 s: no connection" in seen.reason


@pytest.mark.parametrize(
    ("looks", "status"),
    [
        ([look(complete=True)], StepStatus.DONE),
        ([look(pod("a"), evidence=(doom("a"),))], StepStatus.FAILED),
        ([look(pod("a"))], StepStatus.FAILED),
        ([NO_ANSWER], StepStatus.UNKNOWN),
    ],
)
def test_only_what_was_seen_to_fail_fails_the_step(
    here: Scene, looks: list[object], status: StepStatus
) -> None:
    here.target.looks = looks  # type: ignore[assignment]
    assert watch.do(here.run).status is status
