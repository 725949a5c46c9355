"""Stop counting and say what was lost. A loss is told, and undoes nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from helm_tyk_upgrade.applying.budget import judged, worst
from helm_tyk_upgrade.applying.run import Run, done, failed, skipped, unknown
from helm_tyk_upgrade.gateway.availability import Availability
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.model.verdict import Status, Verdict
from helm_tyk_upgrade.store.journal import RESUMED
from helm_tyk_upgrade.targets.metering import PROXY

NAME = "meter_off"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    """FAILED only by a budget of the user's (--max-lost, --max-gap); see machine for what that means."""
    found = run.target.stop_meter()
    since = _resumed_at(run)
    if found is None:
        return _nothing(run, since)
    doubt = _doubt(found, since)
    verdicts = judged(found, run.settings, doubt)
    facts = _facts(found, since, verdicts)
    text = described(found) + (f"; counted only since the run was resumed at {since}" if since else "")
    broken = worst(verdicts)
    if broken is not None and broken.status is Status.FAIL:
        return failed(f"{broken.reason}: {text}", **facts)
    if broken is not None or doubt:
        return unknown(f"{text}; {broken.reason if broken else doubt}", **facts)
    return done(text, **facts)


def described(found: Availability) -> str:
    """`7 of 4376 requests lost (connection refused 7), longest gap 0.4 s, ...`. Pure."""
    if not found.sent:
        return f"no request reached the gateway from {found.vantage}{_not_asked(found)}"
    kinds = ", ".join(f"{kind} {number}" for kind, number in found.losses)
    lost = f"{found.lost} of {found.sent} requests lost" + (f" ({kinds})" if kinds else "")
    times = f"answered in {1000 * found.p50:.0f} ms, 99 % within {1000 * found.p99:.0f} ms"
    return f"{lost}, longest gap {found.longest_gap:.1f} s, {times}, from {found.vantage}{_not_asked(found)}"


def _not_asked(found: Availability) -> str:
    number = sum(count for _, count in found.not_asked)
    return f"; {number} more never reached the gateway ({found.not_asked[0][0]})" if number else ""


def _doubt(found: Availability, since: str) -> str:
    """Why what was counted does not tell all that clients lost; empty where it does."""
    if not found.sent:
        return "so nothing is known of losses"
    if found.vantage == PROXY and not found.lost:
        return "what clients lost is not known (--probe-url tells)"
    if found.not_asked:
        return "what clients lost meanwhile is not known"
    return "what was lost before is not known" if since else ""


def _nothing(run: Run, since: str) -> StepResult:
    """No meter runs: it could not be started, was not needed, or ended with the process that was cut off."""
    began = any(entry.step == "meter_on" and entry.event == "end" for entry in run.journal.entries)
    if since and began:
        return unknown(f"the count ended where the run was cut off; it was resumed at {since}")
    if run.settings.has_budget:
        return unknown("requests were not counted, so nothing is known of the budget")
    return skipped("no meter ran")


def _resumed_at(run: Run) -> str:
    """When the run was resumed last, empty where it never was: a meter lives only as long as its process."""
    return next((entry.time for entry in reversed(run.journal.entries) if entry.event == RESUMED), "")


def _facts(found: Availability, since: str, verdicts: tuple[Verdict, ...]) -> dict[str, Any]:
    """JSON values, as the journal keeps them."""
    values = asdict(found)
    values |= {name: [list(pair) for pair in values[name]] for name in ("losses", "not_asked")}
    checks = [
        {"check": one.check, "status": one.status.value, "reason": one.reason, "hint": one.hint}
        for one in verdicts
    ]
    return {"availability": values, "budget": checks, **({"since": since} if since else {})}
