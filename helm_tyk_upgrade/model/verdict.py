"""A check is a named question; its verdict is data and never raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Status(str, Enum):
    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


class Policy(str, Enum):
    """What a failing or unknown check does to the run."""

    FAIL = "fail"
    WARN = "warn"
    IGNORE = "ignore"


@dataclass(frozen=True)
class Verdict:
    """The answer to one check.

    check: kebab-case id that stays forever; reason: one sentence; evidence: lines a reader can verify;
    hint: what to do next (empty on pass).
    """

    check: str
    status: Status
    reason: str
    evidence: tuple[str, ...] = field(default=())
    hint: str = ""
    policy: Policy = Policy.WARN

    @property
    def blocks(self) -> bool:
        """A failing check under policy `fail` stops the run; so does an unknown one, whose policy is `fail` only where
        the user asks for that."""
        return self.policy is Policy.FAIL and self.status in (Status.FAIL, Status.UNKNOWN)


def passed(check: str, reason: str, *evidence: str) -> Verdict:
    return Verdict(check, Status.PASS, reason, evidence)


def failed(check: str, reason: str, *evidence: str, hint: str = "") -> Verdict:
    return Verdict(check, Status.FAIL, reason, evidence, hint)


def unknown(check: str, reason: str, *evidence: str, hint: str = "") -> Verdict:
    return Verdict(check, Status.UNKNOWN, reason, evidence, hint)


def not_applicable(check: str, reason: str) -> Verdict:
    return Verdict(check, Status.NOT_APPLICABLE, reason)
