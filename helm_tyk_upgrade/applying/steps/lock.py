"""Say in the cluster who upgrades this release, so that a second run does not start beside it."""

from __future__ import annotations

from helm_tyk_upgrade.applying import history
from helm_tyk_upgrade.applying.locking import take_lock
from helm_tyk_upgrade.applying.run import Run, done, failed, unknown
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.hold import Holder
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "lock"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    """Waits for a living holder as long as --lock-wait says. facts: `taken_from`, the holder that was found gone."""
    clock = run.context.clock
    attempt = take_lock(run.target, run.id, clock, run.settings.lock_wait, run.progress.note)
    if isinstance(attempt, Unknown):
        return unknown(f"no lock in the cluster: {attempt.reason}")
    holder = attempt.value.holder
    if not attempt.value.ours:
        return failed(_refused(run, holder))
    if holder is None:
        return done(f"holds lease {run.target.lease_name}")
    who = holder.words(clock.now())
    text = f"holds lease {run.target.lease_name}, taken over from {who}: it gives no sign of life"
    return done(f"{text}; {_state(run)}", taken_from=who)


def _refused(run: Run, holder: Holder | None) -> str:
    who = holder.words(run.context.clock.now()) if holder else "somebody"
    waited = f", after {run.settings.lock_wait:.0f} s still" if run.settings.lock_wait else ""
    return f"another run holds the release{waited}: {who}; wait for it (--lock-wait 10m)"


def _state(run: Run) -> str:
    """How the one that is gone left the release."""
    try:
        newest = history.newest(run)
    except TykUpgradeError as error:
        return f"the state of the release is not known: {error.message}"
    return f"the release is at revision {newest.revision}, {newest.status}"
