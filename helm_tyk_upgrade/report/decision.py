"""Whether a plan can go ahead, in one line: what a reader looks for first. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict
from helm_tyk_upgrade.model.words import count

BLOCKED = "blocked"
GO_AHEAD = "go ahead"
NOT_DECIDED = "not decided"
NOTHING_TO_DO = "nothing to do"
ANSWERS = (BLOCKED, GO_AHEAD, NOT_DECIDED, NOTHING_TO_DO)
_IDLE = "Nothing to do: chart, values and objects are as planned already"
_STYLES = {BLOCKED: "bad", GO_AHEAD: "good", NOT_DECIDED: "warn", NOTHING_TO_DO: "good"}


@dataclass(frozen=True)
class Decision:
    """answer: one of ANSWERS; warnings: checks that fail under policy warn; unknown: those that could not be answered
    and do not block; fails: why the rollout would surely fail although nothing blocks it, empty where it may not."""

    answer: str
    blocked_by: tuple[Verdict, ...]
    warnings: tuple[Verdict, ...]
    unknown: tuple[Verdict, ...]
    fails: str = ""

    @property
    def style(self) -> str:
        careful = self.fails or self.warnings or self.unknown
        return "warn" if self.answer == GO_AHEAD and careful else _STYLES[self.answer]

    @property
    def text(self) -> str:
        """`Can go ahead, 3 warnings, 1 unknown`, `BLOCKED by images-present`."""
        blocking = ", ".join(verdict.check for verdict in self.blocked_by)
        if self.answer == BLOCKED:
            return f"BLOCKED by {blocking}{self._counts}"
        if self.answer == NOT_DECIDED:
            return f"Not decided: not everything was asked{self._counts}"
        if self.answer == NOTHING_TO_DO:
            return _IDLE + (f"; a change would be blocked by {blocking}" if blocking else "") + self._counts
        surely = f", but {self.fails}" if self.fails else ""
        return f"Can go ahead{surely}{self._counts}"

    @property
    def _counts(self) -> str:
        warnings = f", {count(len(self.warnings), 'warning')}" if self.warnings else ""
        return warnings + (f", {len(self.unknown)} unknown" if self.unknown else "")

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "answer": self.answer,
            "text": self.text,
            "warnings": [verdict.check for verdict in self.warnings],
            "unknown": [verdict.check for verdict in self.unknown],
        }


def decide(plan: Plan) -> Decision:
    """What the checks come to. A plan of parts without its checks, and one for which no cluster was asked, decide
    nothing unless they find what blocks."""
    quiet = [each for each in plan.verdicts if not each.blocks and each.policy is not Policy.IGNORE]
    return Decision(
        _answer(plan),
        plan.blocking,
        tuple(each for each in quiet if each.status is Status.FAIL),
        tuple(each for each in quiet if each.status is Status.UNKNOWN),
        _doomed(plan),
    )


def _answer(plan: Plan) -> str:
    if plan.blocking and not plan.nothing_to_do:
        return BLOCKED
    if plan.offline is not None or (plan.only and "checks" not in plan.only):
        return NOT_DECIDED
    return NOTHING_TO_DO if plan.nothing_to_do else GO_AHEAD


def _doomed(plan: Plan) -> str:
    """New pods never start where the gateway's own image is surely nowhere."""
    if not isinstance(plan.gateway, Known) or not isinstance(plan.server.images, Known):
        return ""
    image = plan.gateway.value.image
    surely = any(each.image == image and each.present == Known(False) for each in plan.server.images.value)
    return "the rollout will fail (no gateway image)" if surely else ""
