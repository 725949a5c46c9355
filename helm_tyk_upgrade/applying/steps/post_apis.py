"""Post the saved definitions to the new gateway pods. What cannot be posted undoes nothing: the proof counts them."""

from __future__ import annotations

from dataclasses import replace

from helm_tyk_upgrade.applying.run import Run
from helm_tyk_upgrade.applying.steps import restore_apis
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "post_apis"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    """As `restore_apis` after a rollback, which has to be a step of its own: both may happen in one run."""
    result = restore_apis.do(run)
    return replace(result, status=StepStatus.UNKNOWN) if result.status is StepStatus.FAILED else result
