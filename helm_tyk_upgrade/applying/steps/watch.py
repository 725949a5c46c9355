"""Watch what the upgrade changes until its pods are of the new revision and available, or never will be."""

from __future__ import annotations

from helm_tyk_upgrade.applying.run import Run, done, failed, unknown
from helm_tyk_upgrade.applying.waiting import watch_rollout
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "watch"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    seen = watch_rollout(run, run.upgrade.manifest, run.upgrade.moving)
    if seen.complete:
        return done(seen.reason)
    if seen.unseen:
        return unknown(seen.reason)
    return failed(seen.reason)
