"""How long many questions to one server may take together, and when to stop asking them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.dryrun import TIMEOUT, DryRun
from helm_tyk_upgrade.model.known import Unknown

if TYPE_CHECKING:
    from helm_tyk_upgrade.edge.clock import Clock

_PAUSES = (0.3, 1.0)
_QUICK = 1.0
"""Seconds. A server that took longer to fail is not asked the same again: it would take as long once more."""
_ENOUGH = 3
"""Questions in a row that a busy server may leave unanswered until no more are asked."""


class Patience:
    """Of one set of questions, shared by the threads that ask them. Not a record: it counts."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._until = clock.monotonic() + seconds
        self._unanswered = 0
        self._why = ""

    @property
    def spent(self) -> str:
        """Why nothing more is asked; empty as long as there is patience."""
        if self._why:
            return f"not asked any more: {self._why}"
        if self._clock.monotonic() >= self._until:
            return f"not asked any more: the other questions took the API server {self._seconds:.0f} s"
        return ""

    def ask(self, question: Callable[[float], DryRun]) -> DryRun:
        """The answer to a question that is given the seconds it may take. One that a busy server refuses is repeated:
        nothing is stored, so that is safe."""
        for pause in (*_PAUSES, None):
            if self.spent:
                return DryRun(Unknown(self.spent))
            began = self._clock.monotonic()
            found = question(max(0.1, min(TIMEOUT, self._until - began)))
            if not found.busy or pause is None or self._clock.monotonic() - began > _QUICK:
                break
            self._clock.sleep(pause)
        self._count(found)
        return found

    def _count(self, found: DryRun) -> None:
        self._unanswered = self._unanswered + 1 if found.busy else 0
        if self._unanswered >= _ENOUGH and isinstance(found.accepted, Unknown):
            self._why = found.accepted.reason
