"""The steps of a run, one file each: NAME, ON_ERROR (what an expected error makes of the step) and do(run).

`do` may be called twice: it looks before it acts.
"""

from __future__ import annotations

from typing import Protocol, cast

from helm_tyk_upgrade.applying.run import Run
from helm_tyk_upgrade.applying.steps import (
    backup,
    baseline,
    evidence,
    lock,
    meter_off,
    meter_on,
    post_apis,
    prove,
    prove_back,
    restore_apis,
    restore_values,
    rollback,
    soak,
    unlock,
    upgrade,
    watch,
    write_values,
)
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus


class Step(Protocol):
    NAME: str
    ON_ERROR: StepStatus

    @staticmethod
    def do(run: Run) -> StepResult: ...


_ALL = cast(
    "tuple[Step, ...]",
    (
        lock,
        baseline,
        backup,
        write_values,
        meter_on,
        upgrade,
        watch,
        post_apis,
        prove,
        soak,
        meter_off,
        unlock,
        evidence,
        rollback,
        restore_values,
        restore_apis,
        prove_back,
    ),
)
STEPS: dict[str, Step] = {step.NAME: step for step in _ALL}
