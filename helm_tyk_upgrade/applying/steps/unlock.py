"""Give the release free again."""

from __future__ import annotations

from helm_tyk_upgrade.applying.run import Run, done, skipped, unknown
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "unlock"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    if run.results["lock"].status is not StepStatus.DONE:
        return skipped("no lock was held")
    if not run.target.unlock(run.id):
        return unknown("another run took the lease meanwhile: this one gave no sign of life for too long")
    return done("the lease is free")
