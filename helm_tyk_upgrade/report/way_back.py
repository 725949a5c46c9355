"""The way back in words: proven, at risk or impossible, as the check `way-back` found it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.model.inputs import Capabilities
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.verdict import Status, Verdict

CHECK = "way-back"
NOT_REHEARSED = "not rehearsed"
_WORDS = {
    Status.PASS: "proven",
    Status.FAIL: "impossible",
    Status.UNKNOWN: "not proven",
    Status.NOT_APPLICABLE: NOT_REHEARSED,
}
WORDS = (*_WORDS.values(), "at risk")


@dataclass(frozen=True)
class WayBack:
    """word: one of WORDS; reason and evidence: the check's own, without the word and without repetition."""

    word: str
    reason: str
    evidence: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return f"{self.word}: {self.reason}"

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {"wayBack": self.word, "reason": self.reason, "evidence": list(self.evidence)}


def way_back(verdicts: Iterable[Verdict]) -> WayBack:
    """What the check says; where it did not run, nothing is claimed."""
    for verdict in verdicts:
        if verdict.check == CHECK:
            word, separator, reason = verdict.reason.partition(": ")
            if not separator or word not in WORDS:
                word, reason = _WORDS[verdict.status], verdict.reason
            return WayBack(word, reason, tuple(line for line in verdict.evidence if line != verdict.reason))
    return WayBack(NOT_REHEARSED, "nothing has tried whether the stored manifest can be applied again")


def offline_note(told: Capabilities) -> str:
    """What an offline plan is made of."""
    apis = f" with {', '.join(told.api_versions)}" if told.api_versions else ""
    return (
        f"Offline: both sides are rendered for Kubernetes {told.kube_version}{apis}. No cluster was asked: what"
        " it holds, and what the release really is, stays unknown."
    )


def rollback_line(record: Plan) -> str:
    """What happens when the rollout or the proof fails: the plan's last line."""
    if record.offline is not None:
        return "An offline plan is not carried out: make it again where the cluster can be reached."
    if record.settings.rollback:
        return (
            f"If the rollout or the proof fails, the release is rolled back to revision "
            f"{record.rollback_to} and proven again (--no-rollback turns this off)."
        )
    return "If the rollout or the proof fails, the new revision stays: --no-rollback is set."
