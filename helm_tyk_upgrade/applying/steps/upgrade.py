"""The Helm upgrade, watched while it runs. What happened is learned from Helm's history, not from its exit code."""

from __future__ import annotations

import re

from helm_tyk_upgrade.applying.limits import LAST_WORDS, helm_limit, late
from helm_tyk_upgrade.applying.run import Run, done, failed
from helm_tyk_upgrade.applying.signals import Interrupted
from helm_tyk_upgrade.edge.process import Child, Completed
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.model.pods import WorkloadRef
from helm_tyk_upgrade.targets.observation import Observation

NAME = "upgrade"
ON_ERROR = StepStatus.FAILED
_SOMEBODY_ELSES = re.compile(
    rb"another operation \(install/upgrade/rollback\) is in progress|release: already exists"
)
"""Helm stored nothing of ours, although there may be a new revision. Wordings of Helm 3.13 to 4.3."""


def do(run: Run) -> StepResult:
    try:
        before, expected = _newest(run), run.release.revision
        if before != expected:
            return failed(
                f"the release is at revision {before}, the plan was made for {expected}; plan again",
                changed=False,
            )
        watched = run.upgrade.moving
        pods = _look(run, watched)
        child = _start(run)
    except TykUpgradeError as error:  # Helm was not started: nothing to go back from
        return failed(_text(run, error), changed=False)
    completed, doomed = _watched(run, child, pods, watched)
    if doomed:
        return failed(doomed, changed=_changed(run, before))
    try:
        rendered = run.context.helm.upgraded(completed, str(run.release))
    except TykUpgradeError as error:
        ours = not _SOMEBODY_ELSES.search(completed.stderr)
        return failed(_text(run, error), changed=ours and _changed(run, before))
    return done(f"revision {rendered.revision}", changed=True, revision=rendered.revision)


def _start(run: Run) -> Child:
    upgrade, release = run.upgrade, run.release
    return run.context.helm.upgrade(
        release.name,
        release.namespace,
        upgrade.archive.path,
        upgrade.layers,
        upgrade.flags,
        release.apply_method,
    )


def _newest(run: Run) -> int:
    release = run.release
    return max(item.revision for item in run.context.helm.history(release.name, release.namespace))


def _changed(run: Run, before: int) -> bool:
    """Whether Helm stored anything. What cannot be ruled out counts as a change: then the way back is taken."""
    try:
        return _newest(run) != before
    except TykUpgradeError:
        return True


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
            run.progress.pods(observed.rows())
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
