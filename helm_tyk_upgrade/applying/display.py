"""Showing a run must not end it: when the terminal or the pipe is gone, the run goes on unseen."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from helm_tyk_upgrade.model.outcome import StepResult
from helm_tyk_upgrade.report.live import Progress, Row


class Display:
    """A Progress over another one, whose broken pipe (`2>&1 | head`, a closed terminal) is no error of the run."""

    def __init__(self, view: Progress) -> None:
        self._view = view

    def step_began(self, name: str) -> None:
        with suppress(OSError):
            self._view.step_began(name)

    def step_ended(self, name: str, result: StepResult, seconds: float) -> None:
        with suppress(OSError):
            self._view.step_ended(name, result, seconds)

    def pods(self, rows: Sequence[Row], seconds_left: float | None = None) -> None:
        with suppress(OSError):
            self._view.pods(rows, seconds_left)

    def note(self, text: str) -> None:
        with suppress(OSError):
            self._view.note(text)
