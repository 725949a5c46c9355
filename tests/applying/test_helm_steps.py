"""Upgrade and rollback with a scripted Helm: what happened is learned from its history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.limits import helm_limit
from helm_tyk_upgrade.applying.signals import Interrupted
from helm_tyk_upgrade.applying.steps import prove_back, rollback, upgrade
from helm_tyk_upgrade.charts.archive import local_archive
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.intent import WayBack
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from tests.applying.build import (
    Scene,
    ScriptedChild,
    doom,
    history_answer,
    look,
    plan,
    pod,
    scene,
    stored_answer,
)

UPGRADED = json.dumps({"version": 4, "manifest": "", "info": {"status": "deployed"}}).encode()
ONE = json.dumps([{"revision": 3, "status": "deployed"}]).encode()
TWO = json.dumps([{"revision": 3, "status": "superseded"}, {"revision": 4, "status": "failed"}]).encode()
NO_ANSWER = TykUpgradeError("helm history: no answer in 120 s")


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    found = scene(tmp_path)
    found.target.looks = [look(pod("old", "u1"), complete=True)]
    return found


def do(here: Scene, *histories: object) -> StepResult:
    here.helm.answers["history"] = list(histories)
    return upgrade.do(here.run)


def test_a_good_upgrade_tells_its_revision(here: Scene) -> None:
    here.helm.will(0, UPGRADED)
    result = do(here, ONE)
    assert (result.status, result.fact("revision"), result.fact("changed")) == (StepStatus.DONE, 4, True)
    (argv,) = here.helm.started
    assert argv[1:5] == ["upgrade", "tyk", "/c/tyk-oss-5.3.0.tgz", "--namespace"]
    assert "--reset-values" in argv


@pytest.mark.parametrize("change", ["Chart.yaml", "templates/more.yaml"])
def test_a_chart_that_changed_since_the_plan_is_not_handed_to_helm(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "chart"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: tyk-oss\nversion: 5.3.0\n")
    here = scene(tmp_path, intent=plan(archive=local_archive(folder)))
    here.target.looks = [look(pod("old", "u1"), complete=True)]
    with (folder / change).open("a") as file:
        file.write("# another one\n")
    result = do(here, ONE, ONE)
    assert (result.status, result.fact("changed")) == (StepStatus.FAILED, False)
    assert "changed since the plan was made" in result.reason
    assert here.helm.started == []


@pytest.mark.parametrize(
    ("after", "changed"),
    [(ONE, False), (TWO, True), (NO_ANSWER, True)],
    ids=["nothing stored", "a failed revision stored", "not known"],
)
def test_a_failed_upgrade_asks_the_history_what_changed(here: Scene, after: object, changed: bool) -> None:
    here.helm.will(1, err=b"Error: UPGRADE FAILED: boom")
    result = do(here, ONE, after)
    assert (result.status, result.fact("changed")) == (StepStatus.FAILED, changed)
    assert "boom" in result.reason


def test_a_history_that_cannot_be_read_before_is_no_change(here: Scene) -> None:
    result = do(here, NO_ANSWER)
    assert (result.status, result.fact("changed")) == (StepStatus.FAILED, False)
    assert here.helm.started == []


def test_a_release_that_moved_on_is_not_upgraded(here: Scene) -> None:
    result = do(here, TWO)
    assert (result.status, result.fact("changed")) == (StepStatus.FAILED, False)
    assert "at revision 4, the plan was made for 3" in result.reason
    assert here.helm.started == []


def test_a_doomed_new_pod_ends_helm_early(here: Scene) -> None:
    child = here.helm.will(1, err=b"interrupted", waits=50)
    here.target.looks += [look(pod("old", "u1"), pod("new", "u2"), generation=2, evidence=(doom("new"),))]
    result = do(here, ONE, TWO)
    assert child.ended
    assert (result.status, result.fact("changed")) == (StepStatus.FAILED, True)
    assert result.reason == "new: image-not-found: manifest unknown"


def test_a_pod_that_was_doomed_before_does_not_stop_the_upgrade_that_mends_it(here: Scene) -> None:
    broken = look(pod("old", "u1", ready=False), evidence=(doom("old"),))
    here.target.looks = [broken]
    child = here.helm.will(0, UPGRADED, waits=5)
    result = do(here, ONE)
    assert result.status is StepStatus.DONE
    assert not child.ended


def test_a_cluster_that_is_not_seen_is_left_to_helm(here: Scene) -> None:
    here.target.looks = [TykUpgradeError("no connection")]
    here.helm.will(0, UPGRADED, waits=3)
    assert do(here, ONE).status is StepStatus.DONE


def test_an_interruption_ends_helm_and_goes_on(here: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    child = here.helm.will(1, waits=50)

    def interrupted(timeout: float | None = None) -> None:
        raise Interrupted(2)

    monkeypatch.setattr(child, "wait", interrupted)
    with pytest.raises(Interrupted):
        do(here, ONE)
    assert child.ended


def test_helms_words_are_masked(here: Scene) -> None:
    here.context.masker.learn(["c4n4ry-secret"])
    here.helm.will(1, err=b"Error: UPGRADE FAILED: bad value c4n4ry-secret")
    assert "c4n4ry" not in do(here, ONE, ONE).reason


def back(here: Scene, *histories: object) -> StepResult:
    here.helm.answers["history"] = list(histories) or [TWO]
    here.helm.answers.setdefault("get", stored_answer())
    result = rollback.do(here.run)
    here.run.journal.append(Entry(9, "rollback", "end", "t", result))
    return result


def test_a_rollback_goes_back_and_waits_for_the_pods(here: Scene) -> None:
    here.helm.will(0)
    here.helm.answers["get"] = stored_answer(revision=5)
    here.target.looks = [look(pod("a")), look(pod("a"), complete=True)]
    result = back(here)
    assert (result.status, result.reason) == (StepStatus.DONE, "back to revision 3 (now revision 5)")
    assert here.helm.started[0][1:4] == ["rollback", "tyk", "3"]


@pytest.mark.parametrize("newest", [5, 9])
def test_a_revision_that_somebody_else_made_is_not_undone(here: Scene, newest: int) -> None:
    result = back(here, history_answer((3, "superseded"), (newest, "deployed")))
    assert (result.status, result.fact("changed")) == (StepStatus.FAILED, False)
    assert f"revision {newest} was made by somebody else" in result.reason
    assert here.helm.started == []


def test_a_rollback_command_undoes_only_the_revision_it_was_asked_for(tmp_path: Path) -> None:
    here = scene(tmp_path, back=True, way_back=WayBack(2, (), Known("5.3.8")))
    assert "revision 4 was made by somebody else" in back(here, TWO).reason
    assert here.helm.started == []


def test_a_lease_that_was_lost_stops_the_rollback(here: Scene) -> None:
    here.target.lock_lost = True
    result = back(here)
    assert (result.status, result.fact("changed")) == (StepStatus.FAILED, False)
    assert "another run took the lease" in result.reason
    assert here.helm.started == []


def test_a_release_that_did_not_move_is_not_rolled_back(here: Scene) -> None:
    result = back(here, ONE)
    assert (result.status, result.fact("revision")) == (StepStatus.DONE, 3)
    assert result.reason == "the release is still at revision 3"
    assert here.helm.started == []


def test_a_rollback_that_was_cut_off_after_helm_is_only_watched_again(here: Scene) -> None:
    for number in (1, 2):
        here.run.journal.append(Entry(number, "rollback", "begin", "t"))
    here.target.looks = [look(pod("a"), complete=True)]
    ours = history_answer((4, "failed"), (5, "deployed"), description="Rollback to 3")
    assert back(here, ours).status is StepStatus.DONE
    assert here.helm.started == []


def test_a_rollback_takes_the_users_flags_but_does_not_let_helm_wait(tmp_path: Path) -> None:
    flags = UpgradeFlags(wait="true", timeout="7m", history_max=3, passed=("--no-hooks", "--skip-crds"))
    here = scene(tmp_path, way_back=WayBack(3, (), Known("5.3.8"), flags))
    here.helm.will(0)
    here.target.looks = [look(complete=True)]
    back(here)
    (argv,) = here.helm.started
    assert argv[1:] == [
        *("rollback", "tyk", "3", "--namespace", "apis"),
        *("--timeout", "7m", "--history-max", "3", "--no-hooks"),
    ]


def test_a_helm_that_hangs_in_a_rollback_is_ended(here: Scene) -> None:
    child = here.helm.will(0, waits=1)
    result = back(here, TWO, TWO)
    assert child.ended
    assert (result.status, result.fact("changed")) == (StepStatus.FAILED, False)
    assert "helm did not end in 960 s and was ended by force" in result.reason


def test_a_helm_that_hangs_in_an_upgrade_is_ended(here: Scene) -> None:
    class Slow(ScriptedChild):
        def wait(self, timeout: float | None = None) -> None:
            here.clock.sleep(60.0)

    here.helm.child = Slow(["helm"], 1, b"", b"")
    result = do(here, ONE, TWO)
    assert here.helm.child.ended
    assert (result.status, result.fact("changed")) == (StepStatus.FAILED, True)
    assert "helm did not end in 960 s" in result.reason


@pytest.mark.parametrize(
    ("timeout", "seconds"), [("", 960.0), ("90s", 330.0), ("1h0.5m", 10950.0), ("500ms", 61.5)]
)
def test_helm_gets_its_time_out_for_each_of_its_waits(timeout: str, seconds: float) -> None:
    assert helm_limit(timeout) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "words",
    [
        b"Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
        b"Error: UPGRADE FAILED: release: already exists",
    ],
)
def test_an_upgrade_that_lost_a_race_changed_nothing(here: Scene, words: bytes) -> None:
    here.helm.will(1, err=words)
    result = do(here, ONE, TWO)
    assert (result.status, result.fact("changed")) == (StepStatus.FAILED, False)


def test_a_rollback_that_helm_refuses_leaves_nothing_to_prove(here: Scene) -> None:
    here.helm.will(1, err=b"Error: release has no 3 version")
    result = back(here)
    assert result.status is StepStatus.FAILED
    assert "helm rollback to revision 3 failed" in result.reason
    assert result.fact("changed") is False
    assert prove_back.do(here.run) == StepResult(StepStatus.FAILED, "there was no rollback to prove")


def test_a_rollback_whose_pods_do_not_come_back_is_still_proven(here: Scene) -> None:
    here.helm.will(0)
    here.helm.answers["get"] = stored_answer(revision=5)
    here.target.looks = [look(pod("a"), evidence=(doom("a"),))]
    result = back(here)
    assert (result.status, result.fact("revision")) == (StepStatus.FAILED, 3)
    assert prove_back.do(here.run).status is StepStatus.UNKNOWN


def test_a_rollback_that_could_not_be_watched_says_that_it_was_made(here: Scene) -> None:
    here.helm.will(0)
    here.helm.answers["get"] = TykUpgradeError("no answer")
    result = back(here)
    assert (result.status, result.fact("revision")) == (StepStatus.FAILED, 3)
    assert "rolled back to revision 3, but its pods were not seen: no answer" in result.reason


def test_without_a_revision_that_worked_there_is_no_way_back(tmp_path: Path) -> None:
    here = scene(tmp_path, back=True, way_back=WayBack(0, (), Known("5.3.8")))
    assert rollback.do(here.run).status is StepStatus.FAILED
    assert here.helm.started == []
