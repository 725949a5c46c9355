"""Start counting requests before anything changes."""

from __future__ import annotations

from helm_tyk_upgrade.applying.run import Run, done, unknown
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.targets.metering import PROXY

NAME = "meter_on"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    vantage = run.target.start_meter(run.upgrade.manifest, run.settings)
    if isinstance(vantage, Unknown):
        return unknown(f"requests are not counted: {vantage.reason}")
    text = f"{run.settings.rate:g} requests a second from {vantage.value}"
    if run.settings.has_budget and vantage.value == PROXY:
        # Said before anything changes: only a client's vantage can show that a budget was kept.
        text += "; from there a budget can be seen broken, not kept (--probe-url)"
    return done(text)
