"""What is true of the gateway before anything is touched; a broken gateway cannot prove an upgrade."""

from __future__ import annotations

from typing import Any

from helm_tyk_upgrade.applying.run import Run, done, unknown
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "baseline"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    """The plan read it a moment ago; what the proof compares with is recorded here."""
    if isinstance(run.plan.baseline, Unknown):
        return unknown(run.plan.baseline.reason)
    baseline = run.plan.baseline.value
    facts: dict[str, Any] = {"pods": [pod.pod for pod in baseline.pods], "versions": list(baseline.versions)}
    if isinstance(baseline.signatures, Known):
        facts["signatures"] = sorted(baseline.signatures.value)
    if isinstance(baseline.inventory, Known):
        facts["apis"] = {api.id: api.name for api in baseline.inventory.value.apis}
        facts["policies"] = {policy.id: policy.name for policy in baseline.inventory.value.policies}
    versions = ", ".join(baseline.versions) or "of unknown version"
    return done(f"{len(baseline.pods)} gateway pods, {versions}", **facts)
