"""Back to the revision the run started from, by Helm, and wait until its pods are there again."""

from __future__ import annotations

from helm_tyk_upgrade.applying.run import Run, done, failed
from helm_tyk_upgrade.applying.signals import Interrupted
from helm_tyk_upgrade.applying.waiting import watch_rollout
from helm_tyk_upgrade.edge.process import Child, Completed
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "rollback"
ON_ERROR = StepStatus.FAILED


def do(run: Run) -> StepResult:
    release, helm, revision = run.release, run.context.helm, run.way_back.revision
    if not revision:
        return failed("the release has no revision that ever worked, so there is nothing to go back to")
    try:
        child = helm.rollback(release.name, release.namespace, revision)
        helm.succeeded(_ended(child), "rollback", str(release))
    except TykUpgradeError as error:
        return failed(
            run.context.masker.text(f"helm rollback to revision {revision} failed: {error.message}")
        )
    try:
        restored = helm.stored(release.name, release.namespace)
        seen = watch_rollout(run, restored.manifest)
    except TykUpgradeError as error:
        text = run.context.masker.text(error.message)
        return failed(
            f"rolled back to revision {revision}, but its pods were not seen: {text}", revision=revision
        )
    if not seen.complete:
        return failed(f"rolled back to revision {revision}, but {seen.reason}", revision=revision)
    return done(f"back to revision {revision} (now revision {restored.release.revision})", revision=revision)


def _ended(child: Child) -> Completed:
    """A rollback is waited for even when we are interrupted: half of it is worse than all of it."""
    interruption: Interrupted | None = None
    while True:
        try:
            completed = child.wait()
            break
        except Interrupted as caught:
            interruption = caught
    if interruption is not None:
        raise interruption
    assert completed is not None
    return completed
