"""Stop counting and say what was lost. A loss is told, and undoes nothing."""

from __future__ import annotations

from dataclasses import asdict

from helm_tyk_upgrade.applying.run import Run, done, skipped, unknown
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.targets.metering import PROXY

NAME = "meter_off"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    found = run.target.stop_meter()
    if found is None:
        return skipped("no meter ran")
    facts = {**asdict(found), "losses": [list(loss) for loss in found.losses]}
    if not found.sent:
        return unknown("no request was sent, so nothing is known of losses", availability=facts)
    text = f"{found.lost} of {found.sent} requests lost, longest gap {found.longest_gap:.1f} s, from {found.vantage}"
    if found.vantage == PROXY and not found.lost:
        # Seen from the API server, no loss is no proof for clients.
        return unknown(f"{text}; what clients lost is not known (--probe-url tells)", availability=facts)
    return done(text, availability=facts)
