"""Say in the cluster who upgrades this release, so that a second run does not start beside it."""

from __future__ import annotations

from helm_tyk_upgrade.applying.run import Run, done, failed, unknown
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "lock"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    held = run.target.lock(run.id)
    if isinstance(held, Unknown):
        return unknown(f"no lock in the cluster: {held.reason}")
    if held.value:
        return failed(
            f"another run holds the release: {held.value}; wait for it, or see `helm tyk-upgrade runs`"
        )
    return done(f"holds lease {run.target.lease_name}")
