"""A release that reads pending-*: what is known of who works on it, and what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from helm_tyk_upgrade.model.hold import Holder
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.words import count

HELMS_TIMEOUT = 300.0
"""Helm's own --timeout, in 3 and 4: a Helm that waits is at work for so long, though nothing moves."""
SETTLING = 30.0
"""A Helm that does not wait stores, applies and marks within seconds; so young, anything may still be under way."""


@dataclass(frozen=True)
class Pending:
    """Evidence. status: Helm's word; age: seconds since Helm wrote the revision; holder: of the Lease (None: nobody),
    alive: whether it gave a sign of life in its time; moving: what changed between two looks at the workloads,
    unfinished: what of them is not complete (both empty for nothing); good: the newest revision that worked, 0 for
    none; run: our run that made the revision and was cut off, working: our run that is carried out on this machine;
    owner: the GitOps controller, empty for none."""

    release: str
    namespace: str
    revision: int
    status: str
    age: Maybe[float]
    holder: Maybe[Holder | None]
    alive: bool
    moving: Maybe[tuple[str, ...]]
    unfinished: Maybe[tuple[str, ...]]
    good: int
    run: str = ""
    working: str = ""
    owner: Maybe[str] = field(default_factory=lambda: Known(""))

    @property
    def to(self) -> int:
        """The revision that Helm is to go back to. A release of which none ever worked goes "back" to what is there:
        that frees it and takes nothing away, as helm uninstall would (tried with Helm 3.19 and 4.3)."""
        return self.good or self.revision

    def __str__(self) -> str:
        return f"revision {self.revision} of {self.namespace}/{self.release} is {self.status}"


@dataclass(frozen=True)
class Advice:
    """action: `wait` (somebody is at work), `resume` (it is our run), `free` (nobody is), `refuse` (not ours to free),
    `unknown`; reason: a sentence's end; command: what to type, empty where waiting is all."""

    action: Literal["wait", "resume", "free", "refuse", "unknown"]
    reason: str
    command: str = ""
    evidence: tuple[str, ...] = ()


def advise(found: Pending, holder: str) -> Advice:
    """What to do about it. holder: the Lease's holder in words."""
    action, reason, command = _decided(found, holder)
    return Advice(action, reason, command, _evidence(found, holder))


_Action = Literal["wait", "resume", "free", "refuse", "unknown"]


def _decided(found: Pending, holder: str) -> tuple[_Action, str, str]:
    if isinstance(found.owner, Known) and found.owner.value:
        return "refuse", f"{found.owner.value} owns it and mends it by itself", ""
    if found.working:
        text = f"run {found.working} is being carried out on this machine"
        return "wait", text, f"helm tyk-upgrade runs {found.working}"
    if found.alive:
        return "wait", f"it is held by {holder}", ""
    if found.run:
        text = f"run {found.run} of this machine was cut off at it"
        return "resume", text, f"helm tyk-upgrade resume {found.run}"
    return _somebody_elses(found)


def _somebody_elses(found: Pending) -> tuple[_Action, str, str]:
    """Another tool's operation, or one of a run on another machine: only what is seen of it tells."""
    for answer, what in ((found.age, "how old it is"), (found.moving, "whether its pods move")):
        if isinstance(answer, Unknown):
            return "unknown", f"{what} cannot be told: {answer.reason}", free_command(found)
    assert isinstance(found.age, Known)
    assert isinstance(found.moving, Known)
    age, unfinished = found.age.value, found.unfinished
    if age < SETTLING:
        return "wait", f"it was written only {duration(age)} ago: somebody is at work", ""
    if found.moving.value:
        return "wait", f"somebody seems to be at work: {found.moving.value[0]}", ""
    if isinstance(unfinished, Known) and unfinished.value and age < HELMS_TIMEOUT:
        text = f"a Helm that waits for {unfinished.value[0]} would still be at work after {duration(age)}"
        return "wait", text, ""
    return (
        "free",
        f"nothing has moved, {duration(age)} after it was written: its Helm is gone",
        free_command(found),
    )


def free_command(found: Pending) -> str:
    """The Helm command that frees the release: Helm's storage is changed by Helm alone."""
    return f"helm rollback {found.release} {found.to} -n {found.namespace}"


def _evidence(found: Pending, holder: str) -> tuple[str, ...]:
    age = found.age
    good = (
        f"revision {found.good}" if found.good else f"none; helm rollback to {found.to} keeps what is there"
    )
    return (
        f"written: {duration(age.value)} ago"
        if isinstance(age, Known)
        else f"written: unknown ({age.reason})",
        f"lease: {holder}",
        f"workloads: {_pods(found)}",
        f"last revision that worked: {good}",
        f"run of this machine: {found.working or found.run or 'none'}",
    )


def _pods(found: Pending) -> str:
    if isinstance(found.moving, Unknown):
        return f"unknown ({found.moving.reason})"
    left = found.unfinished
    moving = "; ".join(found.moving.value) or "nothing moves"
    if isinstance(left, Unknown):
        return moving
    return f"{moving}; {'; '.join(left.value) or 'all complete'}"


def duration(seconds: float) -> str:
    """`12 s`, `5 min`, `3 h`, `2 days`."""
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            amount = int(seconds // size)
            return count(amount, unit) if unit == "day" else f"{amount} {unit}"
    return f"{seconds:.0f} s"
