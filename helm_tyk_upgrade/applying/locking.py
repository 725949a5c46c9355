"""Taking the lock of a release: patience with the living, evidence before it is taken from the dead."""

from __future__ import annotations

from collections.abc import Callable

from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.model.hold import Attempt, Holder
from helm_tyk_upgrade.model.known import Maybe, Unknown
from helm_tyk_upgrade.targets.release import ReleaseTarget

_POLL = 2.0


def take_lock(
    target: ReleaseTarget, run: str, clock: Clock, wait: float, note: Callable[[str], None]
) -> Maybe[Attempt]:
    """The last attempt. wait: seconds for a holder that is alive; one whose time has run out is watched for a sign of
    life as long as that takes, whatever `wait` says. note: told once whom is waited for."""
    deadline = clock.monotonic() + wait
    waiting = False
    while True:
        attempt = target.lock(run)
        if isinstance(attempt, Unknown) or attempt.value.ours or attempt.value.holder is None:
            return attempt
        found, holder = attempt.value, attempt.value.holder
        left = deadline - clock.monotonic()
        if left <= 0 and not found.late:
            return attempt
        if not waiting:
            note(_words(found, holder, clock, left))
            waiting = True
        clock.sleep(max(0.1, min(_POLL, found.patience)))


def wait_until_free(target: ReleaseTarget, clock: Clock, wait: float, note: Callable[[str], None]) -> None:
    """Waits, at most so long, until no living holder is seen: what is planned before that may be outdated after it. The
    lock itself is taken later."""
    deadline, told = clock.monotonic() + wait, False
    while clock.monotonic() < deadline:
        found = target.holder()
        if isinstance(found, Unknown) or found.value is None or found.value.is_late(clock.now()):
            return
        if not told:
            note(f"held by {found.value.words(clock.now())}; waiting up to {wait:.0f} s for it")
            told = True
        clock.sleep(_POLL)


def _words(attempt: Attempt, holder: Holder, clock: Clock, left: float) -> str:
    who = holder.words(clock.now())
    if attempt.late:
        return f"held by {who}; watching {attempt.patience:.0f} s for a sign of life"
    return f"held by {who}; waiting up to {left:.0f} s for it"
