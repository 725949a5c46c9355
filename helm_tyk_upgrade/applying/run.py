"""What every step works with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.applying.record import ClusterRecord
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.clock import stamp
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.intent import Intent, WayBack
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.report.live import Progress
from helm_tyk_upgrade.store.journal import RESUMED, Journal
from helm_tyk_upgrade.targets.release import ReleaseTarget


@dataclass(frozen=True)
class Run:
    """One execution, of an upgrade or of a rollback (`intent` is None). Steps read this and the journal; what
    they find out goes into their result."""

    context: Context
    release: Release
    settings: RunSettings
    way_back: WayBack
    journal: Journal
    target: ReleaseTarget
    progress: Progress
    bundles: Path
    intent: Intent | None = None
    record: ClusterRecord | None = None

    @property
    def upgrade(self) -> Intent:
        """Of an upgrade; only its steps ask for it."""
        if self.intent is None:
            raise LookupError("a rollback upgrades nothing")
        return self.intent

    @property
    def id(self) -> str:
        return self.journal.header.run

    @property
    def results(self) -> dict[str, StepResult]:
        """The newest result of each step that has ended. What only lives in a process ended with it, and whoever
        resumes holds the lease again."""
        found: dict[str, StepResult] = {}
        for entry in self.journal.entries:
            if entry.event == RESUMED:
                found.pop("unlock", None)
                if "meter_off" not in found:
                    found.pop("meter_on", None)
            if entry.event == "end" and entry.result is not None:
                found[entry.step] = entry.result
        return found

    @property
    def moved(self) -> bool:
        """Whether it was gone on with on another machine: what is in no bundle may be there and not here."""
        return any(entry.result is not None for entry in self.journal.entries if entry.event == RESUMED)

    def begun(self, step: str) -> int:
        """How often a step has begun: more than once where the run was cut off in it."""
        return sum(entry.step == step and entry.event == "begin" for entry in self.journal.entries)

    def resumed_in(self, step: str) -> bool:
        """Whether an earlier process may have acted in this step, which has just begun. The record that another machine
        goes on from may lack the last lines of the journal."""
        return self.begun(step) > 1 or self.moved

    def enter(self, step: str, event: str, result: StepResult | None = None, seconds: float = 0.0) -> None:
        """One more line in the journal, durable when this returns. Raises TykUpgradeError when the disk refuses."""
        number = len(self.journal.entries) + 1
        self.journal.append(Entry(number, step, event, stamp(self.context.clock.now()), result, seconds))
        if self.record is None or event == "end":  # the next line follows at once, and takes this one along
            return
        if trouble := self.record.follow():
            self.progress.note(f"The record in the cluster is behind: {self.context.masker.text(trouble)}")

    def fact(self, step: str, name: str, default: Any = None) -> Any:
        result = self.results.get(step)
        return default if result is None else result.fact(name, default)


def done(reason: str, **facts: Any) -> StepResult:
    return StepResult(StepStatus.DONE, reason, tuple(sorted(facts.items())))


def failed(reason: str, **facts: Any) -> StepResult:
    return StepResult(StepStatus.FAILED, reason, tuple(sorted(facts.items())))


def unknown(reason: str, **facts: Any) -> StepResult:
    return StepResult(StepStatus.UNKNOWN, reason, tuple(sorted(facts.items())))


def skipped(reason: str) -> StepResult:
    return StepResult(StepStatus.SKIPPED, reason)
