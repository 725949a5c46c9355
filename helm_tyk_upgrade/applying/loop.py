"""The loop of a run: decide, record, act, record, look again."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path

from helm_tyk_upgrade.applying.cut_off import NotSettled
from helm_tyk_upgrade.applying.journalled import masked
from helm_tyk_upgrade.applying.machine import EXIT_CODES, FIRST_CHANGES, End, next_of_return, next_step
from helm_tyk_upgrade.applying.proof_facts import proofs_of
from helm_tyk_upgrade.applying.run import Run
from helm_tyk_upgrade.applying.signals import Interrupted, interruptions
from helm_tyk_upgrade.applying.steps import STEPS
from helm_tyk_upgrade.errors import Exit, TykUpgradeError
from helm_tyk_upgrade.model.outcome import Ending, Outcome, PodProof, StepResult, StepStatus
from helm_tyk_upgrade.store.journal import ENDED, RESUMED


def carry_out(run: Run) -> Outcome:
    """Do every step that is left, in order, until the machine says how the run ended.

    Interruption (Ctrl-C, SIGTERM, SIGHUP) ends it between two effects, with the journal closed. An internal error,
    a journal that cannot be written, or a cut-off step whose traces cannot be read or mended, leaves as a
    TykUpgradeError: exit code 5 after the first change, else 1. The journal has no end then: the run may be resumed.
    """
    with interruptions():
        try:
            while not isinstance(action := _next(run), End):
                _do(run, action)
        except Interrupted as interruption:
            run.enter(interruption.step or "", "interrupted")
            reason = f"interrupted by {interruption.name}"
            return _outcome(run, Ending.INTERRUPTED, reason, interruption.exit_code)
        except TykUpgradeError as error:
            error.exit_code = Exit.NOT_HEALTHY if _began_a_change(run) else Exit.ERROR
            raise
        finally:
            _let_go(run)
    run.enter("", ENDED)
    return _outcome(run, action.ending, action.reason, EXIT_CODES[action.ending])


def _began_a_change(run: Run) -> bool:
    return any(entry.step in FIRST_CHANGES for entry in run.journal.entries)


def _let_go(run: Run) -> None:
    """However a run ends, nothing of it goes on, and the lease is free for the run that mends what this one left."""
    run.target.stop_meter()
    if _may_hold_lease(run):
        with suppress(TykUpgradeError):  # not to hide how the run ended; the lease ends by itself in a minute
            run.target.unlock(run.id)


def _may_hold_lease(run: Run) -> bool:
    """Whoever resumes takes the lease, also where the step `lock` had none to be freed by `unlock`."""
    freed = run.results.get("unlock")
    if freed is None:
        return any(entry.step == "lock" for entry in run.journal.entries)
    resumed = any(entry.event == RESUMED for entry in run.journal.entries)
    return resumed and freed.status is StepStatus.SKIPPED


def _next(run: Run) -> str | End:
    decide = next_of_return if run.intent is None else next_step
    return decide(run.results, run.settings)


def _do(run: Run, name: str) -> None:
    step = STEPS[name]
    run.enter(name, "begin")
    run.progress.step_began(name)
    began = run.context.clock.monotonic()
    try:
        result = step.do(run)
    except NotSettled:
        run.enter(name, "error")
        raise
    except TykUpgradeError as error:
        text = error.message + (f" ({error.hint})" if error.hint else "")
        result = StepResult(step.ON_ERROR, text)
    except Interrupted as interruption:
        interruption.step = name
        raise
    except Exception as error:
        run.enter(name, "error")
        raise TykUpgradeError(
            f"internal error in step {name}: {type(error).__name__}: {error}",
            f"`helm tyk-upgrade runs {run.id}` shows what was done before",
        ) from error
    result = masked(result, run.context.masker)
    seconds = run.context.clock.monotonic() - began
    run.enter(name, "end", result, seconds)
    run.progress.step_ended(name, result, seconds)


def _outcome(run: Run, ending: Ending, reason: str, exit_code: Exit) -> Outcome:
    return Outcome(
        run=run.id,
        ending=ending,
        exit_code=exit_code,
        reason=reason,
        entries=run.journal.entries,
        proof=_proof(run),
        bundle=run.fact("backup", "bundle", ""),
        next_action=_next_action(run, ending),
    )


def _proof(run: Run) -> tuple[PodProof, ...]:
    step = next((step for step in ("prove_back", "soak", "prove") if step in run.results), None)
    return proofs_of(run.results[step]) if step else ()


def _next_action(run: Run, ending: Ending) -> str:
    release = run.release
    if ending is Ending.INTERRUPTED and not _began_a_change(run):
        return "run the command again: nothing was changed"
    return {
        Ending.INCONCLUSIVE: f"helm tyk-upgrade verify {release.name} -n {release.namespace}",
        Ending.NOT_HEALTHY: f"{_undo(run)}   (or look at the evidence in the bundle first)",
        Ending.INTERRUPTED: f"helm tyk-upgrade resume {run.id}   (or go back: {_undo(run)})",
        Ending.ROLLED_BACK: "mend what is named above, then upgrade again",
    }.get(ending, "")


def _undo(run: Run) -> str:
    """The command that undoes this run and no other: it names the bundle, and where that is."""
    release, bundle = run.release, run.way_back.bundle or run.fact("backup", "bundle", "")
    words = ["helm tyk-upgrade rollback", release.name, "-n", release.namespace]
    if bundle:
        words += ["--bundle", Path(bundle).name]
    if run.bundles != run.context.bundle_folder():
        words += ["--bundle-dir", shlex.quote(str(run.bundles))]
    if run.settings.restore_apis:
        words.append("--restore-apis")
    return " ".join(words)
