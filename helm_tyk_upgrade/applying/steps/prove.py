"""The proof: each new gateway pod answers as planned, through a tunnel of its own."""

from __future__ import annotations

from helm_tyk_upgrade.applying.proving import prove_pods
from helm_tyk_upgrade.applying.run import Run
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "prove"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    gateway = run.plan.gateway
    planned = gateway.value.expected or gateway.value.version if isinstance(gateway, Known) else gateway
    return prove_pods(run, run.plan.manifest, Known(planned) if isinstance(planned, str) else planned)
