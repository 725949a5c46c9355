"""The proof again and again for `--soak`: what breaks only after a while is met while the way back is still open."""

from __future__ import annotations

from collections.abc import Sequence

from helm_tyk_upgrade.applying.proving import prove_pods
from helm_tyk_upgrade.applying.run import Run, done, failed, unknown
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.model.words import count

NAME = "soak"
ON_ERROR = StepStatus.UNKNOWN
PERSISTS = 2
"""So many proofs in a row must fail: a pod that was moved to another node comes back by itself."""


def do(run: Run) -> StepResult:
    """DONE when the last proof passed, FAILED as soon as two in a row failed, else UNKNOWN. A resumed run soaks from
    the beginning."""
    clock = run.context.clock
    until = clock.monotonic() + run.settings.soak
    looks: list[StepResult] = []
    while True:
        looks.append(_look(run))
        _tell_change(run, looks)
        over = clock.monotonic() >= until and looks[-1].status is not StepStatus.FAILED
        if over or persists(looks):
            return verdict(looks, run.settings.soak)
        clock.sleep(run.settings.interval)


def _look(run: Run) -> StepResult:
    """One proof. That the cluster cannot be asked says nothing of the gateway, and the next look may tell."""
    try:
        return prove_pods(run, run.upgrade.manifest, run.upgrade.gateway)
    except (ClusterError, NotFound) as error:
        return unknown(error.message)


def persists(looks: Sequence[StepResult]) -> bool:
    """Whether the newest proofs failed, none of them by accident."""
    newest = looks[-PERSISTS:]
    return len(newest) == PERSISTS and all(look.status is StepStatus.FAILED for look in newest)


def verdict(looks: Sequence[StepResult], seconds: float) -> StepResult:
    """What all looks come to. Pure."""
    last = looks[-1]
    facts = {"proof": last.fact("proof", []), "proofs": len(looks)}
    if persists(looks):
        return failed(f"after it was proven: {last.reason} ({PERSISTS} proofs in a row)", **facts)
    if last.status is not StepStatus.DONE:
        return unknown(f"the soak ended without a proof: {last.reason}", **facts)
    passed = sum(look.status is StepStatus.DONE for look in looks)
    text = f"{passed} of {count(len(looks), 'proof')} passed in {seconds:g} s"
    missed = next((look.reason for look in reversed(looks) if look.status is not StepStatus.DONE), "")
    return done(f"{text}; the newest of the others: {missed}" if missed else text, **facts)


def _tell_change(run: Run, looks: Sequence[StepResult]) -> None:
    """A line only where it goes otherwise than before."""
    before = looks[-2].status if len(looks) > 1 else StepStatus.DONE
    if looks[-1].status is not before:
        run.progress.note(f"proof {len(looks)}: {looks[-1].status.value}, {looks[-1].reason}")
