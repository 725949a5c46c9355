"""The same proof after a rollback: the gateway version of before answers again."""

from __future__ import annotations

from helm_tyk_upgrade.applying.proving import prove_pods
from helm_tyk_upgrade.applying.run import Run, failed
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "prove_back"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    release = run.release
    if run.results["rollback"].status is StepStatus.FAILED and not run.results["rollback"].fact("revision"):
        return failed("there was no rollback to prove")
    stored = run.context.helm.stored(release.name, release.namespace)
    return prove_pods(run, stored.manifest, run.way_back.gateway)
