"""The loop: what is recorded when, what an error makes of a step, and that nothing of a run goes on after it."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from helm_tyk_upgrade.applying import loop
from helm_tyk_upgrade.applying.cut_off import NotSettled
from helm_tyk_upgrade.applying.display import Display
from helm_tyk_upgrade.applying.journalled import masked
from helm_tyk_upgrade.applying.loop import carry_out
from helm_tyk_upgrade.applying.run import Run, done, failed, skipped, unknown
from helm_tyk_upgrade.applying.signals import Interrupted
from helm_tyk_upgrade.applying.steps import STEPS
from helm_tyk_upgrade.errors import ClusterError, Exit, TykUpgradeError
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.intent import WayBack
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.outcome import Ending, Entry, PodProof, StepResult, StepStatus
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import passed
from helm_tyk_upgrade.report.live import PlainProgress, Progress
from helm_tyk_upgrade.store.journal import ENDED, LINES, RESUMED, open_journal
from tests.applying.build import Scene, scene

Act = Callable[[Run], StepResult]
Script = Callable[..., None]


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    return scene(tmp_path)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """Steps that are done unless the test says what they do."""

    def write(**acts: Act) -> None:
        for name, step in list(STEPS.items()):
            act = acts.get(name, lambda run, name=name: done(f"{name} is done"))
            monkeypatch.setitem(
                STEPS, name, cast(object, SimpleNamespace(NAME=name, ON_ERROR=step.ON_ERROR, do=act))
            )

    return write


def raising(error: BaseException) -> Act:
    def act(run: Run) -> StepResult:
        raise error

    return act


def events(run: Run) -> list[str]:
    return [f"{entry.event} {entry.step}" for entry in run.journal.entries]


def test_each_step_is_recorded_before_and_after_it_acts(here: Scene, script: Script) -> None:
    seen: list[list[str]] = []

    def look_at_the_disk(run: Run) -> StepResult:
        lines = (run.journal.folder / LINES).read_text().splitlines()
        seen.append([f"{json.loads(line)['event']} {json.loads(line)['step']}" for line in lines])
        return done("looked")

    script(baseline=look_at_the_disk)
    outcome = carry_out(here.run)
    assert seen == [["begin lock", "end lock", "begin baseline"]]
    assert events(here.run)[:4] == ["begin lock", "end lock", "begin baseline", "end baseline"]
    assert [entry.sequence for entry in outcome.entries] == list(range(1, len(outcome.entries) + 1))
    assert (outcome.ending, outcome.exit_code) == (Ending.PROVEN, Exit.OK)


def test_the_outcome_names_bundle_and_proof(here: Scene, script: Script) -> None:
    proof = [{"pod": "g-1", "verdicts": []}]
    script(backup=lambda run: done("kept", bundle="/b/1"), prove=lambda run: done("proven", proof=proof))
    outcome = carry_out(here.run)
    assert outcome.bundle == "/b/1"
    assert outcome.proof == (PodProof("g-1", ()),)


def test_the_proof_after_a_rollback_is_the_one_that_counts(here: Scene, script: Script) -> None:
    script(
        prove=lambda run: failed("old", proof=[{"pod": "new-1", "verdicts": []}]),
        prove_back=lambda run: done("back", proof=[{"pod": "old-1", "verdicts": []}]),
    )
    outcome = carry_out(here.run)
    assert outcome.exit_code == Exit.ROLLED_BACK
    assert [proof.pod for proof in outcome.proof] == ["old-1"]


@pytest.mark.parametrize("name", sorted(STEPS))
def test_an_expected_error_makes_of_a_step_what_the_step_says(
    tmp_path: Path, script: Script, name: str
) -> None:
    here = scene(tmp_path)
    here.context.masker.learn(["c4n4ry-secret"])
    script(**{name: raising(TykUpgradeError("no: c4n4ry-secret", "try again"))})
    loop._do(here.run, name)
    result = here.run.results[name]
    assert result.status is STEPS[name].ON_ERROR
    assert "try again" in result.reason
    assert "c4n4ry" not in (here.run.journal.folder / LINES).read_text()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("lock", Exit.ERROR),
        ("backup", Exit.ERROR),
        ("write_values", Exit.NOT_HEALTHY),
        ("upgrade", Exit.NOT_HEALTHY),
        ("prove", Exit.NOT_HEALTHY),
    ],
)
def test_an_internal_error_is_exit_5_once_something_may_have_changed(
    here: Scene, script: Script, name: str, code: Exit
) -> None:
    script(**{name: raising(ZeroDivisionError("a bug"))})
    with pytest.raises(TykUpgradeError, match=f"internal error in step {name}: ZeroDivisionError") as caught:
        carry_out(here.run)
    assert caught.value.exit_code is code
    assert events(open_journal_of(here))[-1] == f"error {name}"


def open_journal_of(here: Scene) -> Run:
    """The run with its journal read from the disk again."""
    from dataclasses import replace

    return replace(here.run, journal=open_journal(here.run.journal.folder.parent, here.run.id))


def test_a_journal_that_cannot_be_written_after_the_change_is_exit_5(here: Scene, script: Script) -> None:
    def full_disk(run: Run) -> StepResult:
        (run.journal.folder / LINES).unlink()
        (run.journal.folder / LINES).mkdir()
        return done("upgraded")

    script(upgrade=full_disk)
    with pytest.raises(TykUpgradeError, match=r"the journal .* cannot be written") as caught:
        carry_out(here.run)
    assert caught.value.exit_code is Exit.NOT_HEALTHY
    assert here.target.calls == ["stop_meter", "unlock"]


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, Exit.SIGINT), (signal.SIGTERM, Exit.SIGTERM), (signal.SIGHUP, Exit.SIGHUP)],
)
def test_an_interruption_closes_the_journal_and_lets_go(
    here: Scene, script: Script, number: signal.Signals, code: Exit
) -> None:
    def interrupted(run: Run) -> StepResult:
        os.kill(os.getpid(), number)
        raise AssertionError("the signal should have come")

    before = signal.getsignal(number)
    script(watch=interrupted)
    outcome = carry_out(here.run)
    assert (outcome.ending, outcome.exit_code) == (Ending.INTERRUPTED, code)
    assert outcome.reason == f"interrupted by {number.name}"
    assert "rollback tyk -n apis" in outcome.next_action
    assert events(open_journal_of(here))[-2:] == ["begin watch", "interrupted watch"]
    assert here.target.calls == ["stop_meter", "unlock"]
    assert signal.getsignal(number) is before


def test_an_interruption_before_any_change_advises_no_rollback(here: Scene, script: Script) -> None:
    script(backup=raising(Interrupted(signal.SIGTERM)))
    assert carry_out(here.run).next_action == "run the command again: nothing was changed"


@pytest.mark.parametrize("step", ["write_values", "upgrade", "watch"])
def test_an_interruption_after_a_change_names_the_bundle_of_this_run(
    tmp_path: Path, script: Script, step: str
) -> None:
    here = scene(tmp_path, settings=RunSettings(restore_apis=True))
    acts = {step: raising(Interrupted(signal.SIGTERM))}
    script(backup=lambda run: done("kept", bundle="/b/apis/tyk/run-1"), **acts)
    advice = carry_out(here.run).next_action
    assert advice.startswith("helm tyk-upgrade resume run-1 ")
    assert "helm tyk-upgrade rollback tyk -n apis --bundle run-1 --bundle-dir /" in advice
    assert "--restore-apis)" in advice


def test_an_interrupted_rollback_is_repeated_from_the_same_bundle(tmp_path: Path, script: Script) -> None:
    way_back = WayBack(3, (), Known("5.3.8"), bundle="/b/apis/tyk/first")
    here = scene(tmp_path, back=True, way_back=way_back)
    script(
        backup=lambda run: done("kept", bundle="/b/apis/tyk/run-1"),
        rollback=raising(Interrupted(signal.SIGTERM)),
    )
    assert "--bundle first" in carry_out(here.run).next_action


def test_a_signal_that_was_ignored_before_stays_ignored(here: Scene, script: Script) -> None:
    """`nohup helm tyk-upgrade …` outlives its terminal."""

    def hung_up(run: Run) -> StepResult:
        os.kill(os.getpid(), signal.SIGHUP)
        return done("went on")

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        script(watch=hung_up)
        assert carry_out(here.run).ending is Ending.PROVEN
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_secrets_in_a_result_do_not_reach_the_journal(here: Scene, script: Script) -> None:
    here.context.masker.learn(["c4n4ry-secret", "redis", "pass"])
    proof = [{"pod": "g", "verdicts": [{"check": "redis-connected", "status": "pass"}]}]
    script(
        baseline=lambda run: done(
            "log says c4n4ry-secret", signatures=["bad auth c4n4ry-secret"], apis={"redis": "c4n4ry-secret"}
        ),
        backup=lambda run: done("kept", bundle="/redis/b"),
        evidence=lambda run: done("saved"),
    )
    for step in ("baseline", "backup"):
        loop._do(here.run, step)
    text = (here.run.journal.folder / LINES).read_text()
    assert "c4n4ry" not in text
    assert here.run.fact("backup", "bundle") == "/redis/b"
    assert list(here.run.fact("baseline", "apis")) == ["redis"]
    assert masked(done("x", proof=proof), here.context.masker).fact("proof") == proof


def test_a_second_signal_does_not_break_off_the_clean_up(here: Scene, script: Script) -> None:
    def cleaning_up(run: Run) -> StepResult:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the signal should have come")

    script(watch=cleaning_up)
    assert carry_out(here.run).exit_code == Exit.SIGINT


def test_a_lock_that_was_never_asked_for_is_not_freed(tmp_path: Path, script: Script) -> None:
    here = scene(tmp_path)
    script()
    carry_out(here.run)
    assert here.target.calls == ["stop_meter"]  # the step `unlock` was scripted: it freed the lock itself


def test_a_lease_that_cannot_be_freed_does_not_hide_how_the_run_ended(here: Scene, script: Script) -> None:
    here.target.unlock_error = ClusterError("no connection")
    script(prove=raising(ZeroDivisionError("a bug")))
    with pytest.raises(TykUpgradeError, match="a bug"):
        carry_out(here.run)


def test_a_resumed_run_does_only_what_is_left(here: Scene, script: Script) -> None:
    script(upgrade=raising(ZeroDivisionError("killed here")))
    with pytest.raises(TykUpgradeError):
        carry_out(here.run)
    again = open_journal_of(here)
    script()
    assert carry_out(again).ending is Ending.PROVEN
    done_twice = [name for name in STEPS if events(again).count(f"end {name}") > 1]
    assert done_twice == []
    assert events(again).count("begin upgrade") == 2


def test_what_a_cut_off_step_left_and_nobody_can_tell_leaves_the_run_open(
    here: Scene, script: Script
) -> None:
    script(upgrade=raising(NotSettled("no answer", "resume")))
    with pytest.raises(NotSettled) as caught:
        carry_out(here.run)
    assert caught.value.exit_code is Exit.NOT_HEALTHY
    assert events(open_journal_of(here))[-2:] == ["begin upgrade", "error upgrade"]
    assert here.target.calls == ["stop_meter", "unlock"]
    again = open_journal_of(here)
    script()
    assert carry_out(again).ending is Ending.PROVEN


@pytest.mark.parametrize("failing", [{}, {"backup": failed("no room")}])
def test_a_run_resumed_after_its_last_step_frees_the_lease_again(
    here: Scene, script: Script, failing: dict[str, StepResult]
) -> None:
    """Killed between the end of `unlock` and its last line; who resumes takes the lease."""
    script(**{name: lambda run, result=result: result for name, result in failing.items()})
    ending = carry_out(here.run).ending
    lines = here.run.journal.entries
    assert (lines[-2].step, lines[-1].event) == ("unlock", ENDED)
    here.run.journal._entries[-1] = Entry(len(lines), "", RESUMED, "t")
    assert carry_out(here.run).ending is ending
    assert [line.step for line in here.run.journal.entries[len(lines) :]] == ["unlock", "unlock", ""]


@pytest.mark.parametrize("resumed", [False, True])
def test_a_lease_that_was_not_to_be_had_at_first_is_freed_by_who_resumes(
    here: Scene, script: Script, resumed: bool
) -> None:
    if resumed:
        here.run.journal.append(Entry(1, "", RESUMED, "t"))
    script(lock=lambda run: unknown("no rights"), unlock=lambda run: skipped("no lock was held"))
    carry_out(here.run)
    assert here.target.calls == (["stop_meter", "unlock"] if resumed else ["stop_meter"])


def test_going_back_takes_the_steps_of_a_rollback(tmp_path: Path, script: Script) -> None:
    here = scene(tmp_path, back=True)
    script(prove_back=lambda run: unknown("no answer"))
    outcome = carry_out(here.run)
    assert [entry.step for entry in outcome.entries if entry.event == "end"] == [
        "lock",
        "baseline",
        "backup",
        "rollback",
        "restore_values",
        "prove_back",
        "unlock",
    ]
    assert (outcome.ending, outcome.exit_code) == (Ending.INCONCLUSIVE, Exit.INCONCLUSIVE)
    assert outcome.next_action == "helm tyk-upgrade verify tyk -n apis"


def test_progress_is_told_of_every_step(here: Scene, script: Script) -> None:
    script(lock=lambda run: failed("held"), unlock=lambda run: StepResult(StepStatus.SKIPPED, "no"))
    carry_out(here.run)
    assert here.shown.lines == ["began lock", "ended lock failed", "began unlock", "ended unlock skipped"]


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_terminal_that_went_away_does_not_end_a_run(tmp_path: Path, script: Script) -> None:
    from dataclasses import replace

    view: Progress = Display(PlainProgress(Gone(), Masker()))
    here = scene(tmp_path)
    script()
    assert carry_out(replace(here.run, progress=view)).ending is Ending.PROVEN
    view.pods([("p", "new", "ready", "0", "Running")])
    view.note("x")


def test_what_the_journal_says_of_a_proof_comes_back(here: Scene, script: Script) -> None:
    from helm_tyk_upgrade.applying.proof_facts import facts_of

    proofs = (PodProof("g-1", (passed("health-endpoint", "says pass", "HTTP 200"),)),)
    script(prove=lambda run: done("proven", proof=facts_of(proofs)))
    carry_out(here.run)
    assert loop._proof(open_journal_of(here)) == proofs
