"""Waiting for a rollout: complete, doomed, out of time, or unseen."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from helm_tyk_upgrade.applying.steps import rollback, watch
from helm_tyk_upgrade.applying.waiting import Seen, watch_rollout
from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.outcome import StepStatus
from helm_tyk_upgrade.model.pods import WorkloadRef
from tests.applying.build import Scene, doom, look, plan, pod, scene, stored_answer
from tests.targets.build import gateway_manifest

NO_ANSWER = ClusterError("no connection")


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    return scene(tmp_path, settings=RunSettings(rollout_timeout=10.0))


def test_a_rollout_is_watched_until_it_is_complete(here: Scene) -> None:
    here.target.looks = [look(pod("a")), look(pod("a")), look(pod("a"), complete=True)]
    assert watch_rollout(here.run, "") == Seen(True, "1 workload complete")
    assert here.clock.passed == 2.0
    assert here.shown.lines == ["pods 1", "pods 1", "pods 1"]


def test_a_doomed_rollout_ends_at_once(here: Scene) -> None:
    here.target.looks = [look(pod("a")), look(pod("a"), evidence=(doom("a"),))]
    assert watch_rollout(here.run, "") == Seen(False, "a: image-not-found: manifest unknown")
    assert here.clock.passed < 5.0


def test_the_last_words_of_a_crash_are_part_of_the_reason(here: Scene) -> None:
    here.target.looks = [look(pod("a"), evidence=(doom("a"),))]
    here.target.said = "; the log of a ends: level=fatal"
    assert watch_rollout(here.run, "").reason.endswith("manifest unknown; the log of a ends: level=fatal")


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


PUMP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: pump, labels: {chart: "%s"}}
spec: {template: {spec: {containers: [{name: pump, image: "tyk-pump:v1"}]}}}
"""


def test_only_what_the_upgrade_changes_is_waited_for(tmp_path: Path) -> None:
    """A pump that has crashed for weeks and stays as it is must not undo a good upgrade."""
    old, new = gateway_manifest(PUMP % "1"), gateway_manifest(PUMP % "2").replace("v5.3.8", "v5.8.0")
    here = scene(tmp_path, intent=plan(manifest=new, objects=compare(old, new, namespace="apis")))
    here.target.looks = [look(complete=True)]
    watch.do(here.run)
    assert here.target.watched == [{WorkloadRef("Deployment", "apis", "gateway-tyk")}]


def test_a_changed_workload_beside_the_gateway_is_waited_for_too(tmp_path: Path) -> None:
    old = gateway_manifest(PUMP % "1")
    new = old.replace("tyk-pump:v1", "tyk-pump:v2")
    here = scene(tmp_path, intent=plan(manifest=new, objects=compare(old, new, namespace="apis")))
    here.target.looks = [look(complete=True)]
    watch.do(here.run)
    assert {ref.name for ref in cast("set[WorkloadRef]", here.target.watched[0])} == {"gateway-tyk", "pump"}


def test_after_a_rollback_what_it_changes_is_waited_for(tmp_path: Path) -> None:
    here = scene(tmp_path)
    good = gateway_manifest(PUMP % "1")
    bad = good.replace("v5.3.8", "v5.8.0")
    here.helm.history((3, "superseded"), (4, "failed"))
    here.helm.answers["get"] = [stored_answer(bad), stored_answer(good), stored_answer(good, 5)]
    here.helm.will(0)
    here.target.looks = [look(complete=True)]
    assert rollback.do(here.run).status is StepStatus.DONE
    assert here.target.watched == [{WorkloadRef("Deployment", "apis", "gateway-tyk")}]


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
