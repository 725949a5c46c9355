"""The proof: each new gateway pod answers as planned, through a tunnel of its own."""

from __future__ import annotations

from helm_tyk_upgrade.applying.proving import prove_pods
from helm_tyk_upgrade.applying.run import Run
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "prove"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    return prove_pods(run, run.upgrade.manifest, run.upgrade.gateway)
