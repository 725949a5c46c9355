"""What a run found: one entry a step, the proof of each pod, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from helm_tyk_upgrade.model.verdict import Verdict


class StepStatus(str, Enum):
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class StepResult:
    """What a step did. facts: JSON values that later steps and another machine need; reason: one sentence."""

    status: StepStatus
    reason: str
    facts: tuple[tuple[str, Any], ...] = ()

    def fact(self, name: str, default: Any = None) -> Any:
        return dict(self.facts).get(name, default)


@dataclass(frozen=True)
class Entry:
    """One line of the journal: a step begins or has ended. time: RFC 3339; seconds: duration, on the end."""

    sequence: int
    step: str
    event: str
    time: str
    result: StepResult | None = None
    seconds: float = 0.0


def unfinished(entries: Iterable[Entry]) -> list[str]:
    """The steps that began and whose end was never recorded. An entry without a step tells of the run as a whole."""
    kept = tuple(entries)
    ended = {entry.step for entry in kept if entry.result is not None}
    return list(dict.fromkeys(entry.step for entry in kept if entry.step and entry.step not in ended))


@dataclass(frozen=True)
class PodProof:
    """What was found true of one new pod."""

    pod: str
    verdicts: tuple[Verdict, ...]


class Ending(str, Enum):
    """How a run ended, in the words of the report."""

    NOTHING_TO_DO = "nothing to do"
    UNCHANGED = "stopped before anything was changed"
    PROVEN = "upgraded and proven"
    INCONCLUSIVE = "upgraded, proof inconclusive"
    RETURNED = "rolled back and proven"
    ROLLED_BACK = "failed, rolled back, rollback proven"
    NOT_HEALTHY = "failed, not proven healthy"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Outcome:
    run: str
    ending: Ending
    exit_code: int
    reason: str
    entries: tuple[Entry, ...]
    proof: tuple[PodProof, ...] = ()
    bundle: str = ""
    next_action: str = ""
