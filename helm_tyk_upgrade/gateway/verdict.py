"""What the observations of one pod prove. Pure: observations in, verdicts out.

Unknown is never a pass: a tunnel that broke, a certificate we do not have, a log that was cut say nothing
good and nothing bad about the gateway.
"""

from __future__ import annotations

from collections.abc import Callable

from helm_tyk_upgrade.gateway.answers import gateway_version, health_endpoint, ready_endpoint, redis_connected
from helm_tyk_upgrade.gateway.evidence import Expected, Observed
from helm_tyk_upgrade.gateway.traces import apis_kept, log_errors, policies_kept, restarts, startup_log
from helm_tyk_upgrade.model.verdict import Verdict

__all__ = ["Expected", "Observed", "prove"]


def prove(observed: Observed, expected: Expected) -> tuple[Verdict, ...]:
    """One verdict for each question, always in this order."""
    questions: tuple[Callable[[Observed, Expected], Verdict], ...] = (
        health_endpoint,
        gateway_version,
        redis_connected,
        ready_endpoint,
        startup_log,
        log_errors,
        restarts,
        apis_kept,
        policies_kept,
    )
    return tuple(question(observed, expected) for question in questions)
