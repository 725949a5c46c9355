"""The Helm upgrade, watched while it runs. What happened is learned from Helm's history, not from its exit code."""

from __future__ import annotations

import re
from pathlib import Path

from helm_tyk_upgrade.applying import cut_off, history
from helm_tyk_upgrade.applying.limits import LAST_WORDS, helm_limit, late
from helm_tyk_upgrade.applying.run import Run, done, failed
from helm_tyk_upgrade.applying.signals import Interrupted
from helm_tyk_upgrade.charts.archive import local_archive
from helm_tyk_upgrade.edge.process import Child, Completed
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.model.pods import WorkloadRef
from helm_tyk_upgrade.model.release import Revision
from helm_tyk_upgrade.targets.observation import Observation

NAME = "upgrade"
ON_ERROR = StepStatus.FAILED
_SOMEBODY_ELSES = re.compile(
    rb"another operation \(install/upgrade/rollback\) is in progress|release: already exists"
)
"""Helm stored nothing of ours, although there may be a new revision. Wordings of Helm 3.13 to 4.3."""


def do(run: Run) -> StepResult:
    """facts: `changed`, whether Helm stored anything in this run; `revision`, the newest it stored. Raises NotSettled
    where an earlier process was cut off in this step and what it left cannot be found out or mended."""
    try:
        found = _look_before(run)
    except TykUpgradeError as error:
        if run.resumed_in(NAME):
            raise cut_off.not_settled(run, NAME, error) from error
        return failed(_text(run, error), changed=False)
    if isinstance(found, StepResult):
        return found
    before, watched = found.revision, run.upgrade.moving
    pods = _look(run, watched)
    try:
        child = _start(run)
    except TykUpgradeError as error:  # Helm was not started
        return _unchanged(run, _text(run, error), before)
    completed, doomed = _watched(run, child, pods, watched)
    if doomed:
        return _failed(run, doomed, before)
    try:
        rendered = run.context.helm.upgraded(completed, str(run.release))
    except TykUpgradeError as error:
        if _SOMEBODY_ELSES.search(completed.stderr):
            return _unchanged(run, _text(run, error), before)
        return _failed(run, _text(run, error), before)
    return done(f"revision {rendered.revision}", changed=True, revision=rendered.revision)


def _look_before(run: Run) -> Revision | StepResult:
    """The revision to upgrade from, or the step's result where there is nothing to upgrade. Raises TykUpgradeError."""
    newest, expected = history.newest(run), run.release.revision
    if newest.revision == expected:
        return newest
    if run.resumed_in(NAME):
        return cut_off.settle(run, newest)
    return failed(
        f"the release is at revision {newest.revision}, the plan was made for {expected}; plan again",
        changed=False,
    )


def _start(run: Run) -> Child:
    """Helm is handed the archive whose digest was planned with; one that is gone Helm itself names. Raises
    TykUpgradeError."""
    upgrade, release = run.upgrade, run.release
    path = Path(upgrade.archive.path)
    if path.exists() and local_archive(path).digest != upgrade.archive.digest:
        raise TykUpgradeError(f"the chart {path} changed since the plan was made", "make a new plan")
    return run.context.helm.upgrade(
        release.name,
        release.namespace,
        upgrade.archive.path,
        upgrade.layers,
        upgrade.flags,
        release.apply_method,
    )


def _failed(run: Run, reason: str, before: int) -> StepResult:
    if revision := history.since(run, before):
        return failed(reason, changed=True, revision=revision)
    return _unchanged(run, reason, before)


def _unchanged(run: Run, reason: str, before: int) -> StepResult:
    """This time Helm stored nothing. What was stored before the run was cut off is a change none the less."""
    moved_on = before != run.release.revision
    return failed(reason, changed=moved_on, revision=before if moved_on else 0)


def _watched(
    run: Run, child: Child, before: Observation | None, watched: frozenset[WorkloadRef]
) -> tuple[Completed, str]:
    """Helm's result, and why it was ended early ("" when it was not). With --wait Helm may sit there for minutes
    although a pod can never start: then it is told to stop, and marks the release as failed itself."""
    clock, limit = run.context.clock, helm_limit(run.upgrade.flags.timeout)
    deadline = clock.monotonic() + limit
    try:
        while (completed := child.wait(0.5)) is None:
            if clock.monotonic() > deadline:
                return child.end(LAST_WORDS), late(limit)
            observed = _look(run, watched)
            if observed is None:
                continue
            run.progress.pods(observed.rows(before))
            if doomed := observed.doom_since(before):
                return child.end(LAST_WORDS), doomed
        return completed, ""
    except Interrupted:
        # A killed Helm leaves the release pending; an interrupted one marks it failed within seconds.
        child.end(LAST_WORDS)
        raise


def _look(run: Run, watched: frozenset[WorkloadRef]) -> Observation | None:
    """None where the pods cannot be seen: Helm itself will say what is wrong with the connection."""
    try:
        return run.target.observe(run.upgrade.manifest, dict(run.settings.grace), watched)
    except TykUpgradeError:
        return None


def _text(run: Run, error: TykUpgradeError) -> str:
    return run.context.masker.text(error.message + (f" ({error.hint})" if error.hint else ""))
