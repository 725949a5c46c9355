"""Upgrade and rollback that were cut off by kill -9 and are gone on with, with a scripted Helm: what is found in Helm's
history may be the run's own doing, and what cannot be found out does not end the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.cut_off import NotSettled
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.store.journal import RESUMED
from tests.applying.build import Scene, history_answer, look, pod, scene, stored_answer
from tests.applying.test_helm_steps import NO_ANSWER, UPGRADED, back, do


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    found = scene(tmp_path)
    found.target.looks = [look(pod("old", "u1"), complete=True)]
    return found


class TestResumed:
    """The run was cut off in the step by kill -9: what is found in Helm's history may be its own doing."""

    OURS = stored_answer(revision=4)
    PENDING = history_answer((3, "deployed"), (4, "pending-upgrade"), chart="tyk-oss-5.3.0")
    MADE = history_answer((3, "superseded"), (4, "deployed"), chart="tyk-oss-5.3.0")
    FREED = history_answer((4, "superseded"), (5, "deployed"), description="Rollback to 3")

    @pytest.fixture
    def again(self, here: Scene) -> Scene:
        here.helm.answers["get"] = self.OURS
        for number in (1, 2):
            here.run.journal.append(Entry(number, "upgrade", "begin", "t"))
        return here

    def test_what_helm_had_done_is_the_steps_result(self, again: Scene) -> None:
        result = do(again, self.MADE)
        assert (result.status, result.fact("revision"), result.fact("changed")) == (StepStatus.DONE, 4, True)
        assert again.helm.started == []

    def test_a_history_that_cannot_be_read_is_no_end_of_the_run(self, again: Scene) -> None:
        with pytest.raises(NotSettled, match="no answer in 120 s") as caught:
            do(again, NO_ANSWER)
        assert "resume run-1" in caught.value.hint
        assert do(again, self.MADE).status is StepStatus.DONE

    def test_objects_that_cannot_be_read_are_no_end_of_the_run(self, again: Scene) -> None:
        again.helm.answers["get"] = NO_ANSWER
        with pytest.raises(NotSettled):
            do(again, self.MADE)

    def test_on_another_machine_the_record_may_lack_the_steps_beginning(self, here: Scene) -> None:
        here.helm.answers["get"] = self.OURS
        moved = StepResult(StepStatus.DONE, "gone on with on another machine")
        here.run.journal.append(Entry(1, "", RESUMED, "t", moved))
        here.run.journal.append(Entry(2, "upgrade", "begin", "t"))
        assert do(here, self.MADE).status is StepStatus.DONE
        with pytest.raises(NotSettled):
            do(here, NO_ANSWER)

    def test_a_pending_release_is_freed_and_upgraded_again(self, again: Scene) -> None:
        again.helm.will(0, UPGRADED)
        result = do(again, self.PENDING, *[self.PENDING] * 10, self.FREED)
        assert result.status is StepStatus.DONE
        assert [argv[1] for argv in again.helm.started] == ["rollback", "upgrade"]

    def test_a_release_that_cannot_be_freed_is_no_end_of_the_run(self, again: Scene) -> None:
        again.helm.will(1, err=b"Error: connection refused")
        with pytest.raises(NotSettled, match="revision 4 is pending-upgrade and could not be freed"):
            do(again, self.PENDING)

    @pytest.mark.parametrize(
        ("status", "words"),
        [("deployed", "Rollback to 3"), ("failed", 'Rollback "tyk" failed: no connection')],
    )
    def test_cut_off_after_freeing_it_upgrades_from_there(
        self, again: Scene, status: str, words: str
    ) -> None:
        again.helm.will(1, err=b"Error: connection refused")
        with pytest.raises(NotSettled):
            do(again, self.PENDING)
        again.run.journal.append(Entry(9, "upgrade", "begin", "t"))
        again.helm.will(0, UPGRADED)
        ours = history_answer((4, "superseded"), (5, status), description=words)
        assert do(again, ours).status is StepStatus.DONE
        assert [argv[1] for argv in again.helm.started] == ["rollback", "upgrade"]

    def test_a_rollback_of_somebody_elses_is_not_upgraded_again(self, again: Scene) -> None:
        result = do(again, self.FREED)
        assert (result.status, result.fact("changed")) == (StepStatus.FAILED, False)
        assert "revision 5 (Rollback to 3) was made by somebody else" in result.reason
        assert again.helm.started == []

    def test_a_helm_that_now_refuses_does_not_make_the_first_attempt_undone(self, again: Scene) -> None:
        failed_before = history_answer((3, "deployed"), (4, "failed"), chart="tyk-oss-5.3.0")
        again.helm.will(1, err=b"Error: UPGRADE FAILED: boom")
        result = do(again, failed_before)
        assert (result.status, result.fact("changed"), result.fact("revision")) == (
            StepStatus.FAILED,
            True,
            4,
        )


class TestResumedInTheRollback:
    """Killed while Helm's rollback ran."""

    @pytest.fixture
    def again(self, here: Scene) -> Scene:
        for number in (1, 2):
            here.run.journal.append(Entry(number, "rollback", "begin", "t"))
        here.target.looks = [look(pod("a"), complete=True)]
        return here

    @pytest.mark.parametrize(
        ("status", "words"),
        [("pending-rollback", "Rollback to 3"), ("failed", 'Rollback "tyk" failed: no connection')],
    )
    def test_our_own_attempt_is_made_again(self, again: Scene, status: str, words: str) -> None:
        again.helm.will(0)
        result = back(again, history_answer((4, "failed"), (5, status), description=words))
        assert result.status is StepStatus.DONE
        assert [argv[1:4] for argv in again.helm.started] == [["rollback", "tyk", "3"]]

    def test_one_that_helm_ends_meanwhile_is_only_watched(self, again: Scene) -> None:
        pending, made = (
            history_answer((4, "failed"), (5, status), description="Rollback to 3")
            for status in ("pending-rollback", "deployed")
        )
        assert back(again, pending, pending, made).status is StepStatus.DONE
        assert again.helm.started == []
        assert again.clock.passed == 2.0

    @pytest.mark.parametrize(
        ("number", "words"),
        [(5, "Upgrade complete"), (5, "Rollback to 2"), (9, "Rollback to 3")],
    )
    def test_what_somebody_else_made_stays(self, again: Scene, number: int, words: str) -> None:
        result = back(again, history_answer((4, "failed"), (number, "failed"), description=words))
        assert (result.status, result.fact("changed")) == (StepStatus.FAILED, False)
        assert again.helm.started == []

    def test_a_history_that_cannot_be_read_is_no_end_of_the_run(self, again: Scene) -> None:
        with pytest.raises(NotSettled):
            back(again, NO_ANSWER)

    def test_an_attempt_that_fails_again_has_changed_the_release(self, again: Scene) -> None:
        again.helm.will(1, err=b"Error: connection refused")
        result = back(
            again, history_answer((4, "failed"), (5, "pending-rollback"), description="Rollback to 3")
        )
        assert (result.status, result.fact("changed")) == (StepStatus.FAILED, True)
