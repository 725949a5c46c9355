"""What is shown while a run goes on: plain lines in a log, a live table on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.model.secrets import Masker

Row = tuple[str, ...]
"""One pod as it is now: name, `new` or `old` revision, readiness, restarts, state (Running, ...)."""
_COLUMNS = ("pod", "revision", "ready", "restarts", "state")
_EVENTS = 5
_STYLES = {
    StepStatus.DONE: "green",
    StepStatus.FAILED: "red",
    StepStatus.UNKNOWN: "yellow",
    StepStatus.SKIPPED: "dim",
}


class Progress(Protocol):
    """Told by the steps of a run what happens; all calls come from one thread."""

    def step_began(self, name: str) -> None: ...

    def step_ended(self, name: str, result: StepResult, seconds: float) -> None: ...

    def pods(self, rows: Sequence[Row], seconds_left: float | None = None) -> None:
        """All pods that count now. seconds_left: until the time-out, None where that is not known."""

    def note(self, text: str) -> None:
        """Something worth a line: an event, a warning of Helm."""


@contextmanager
def progress(stream: TextIO, masker: Masker, *, live: bool) -> Iterator[Progress]:
    """The live table where `live` (the stream is a terminal), plain lines otherwise. Afterwards the
    terminal is as it was before, also when the run ends by an exception."""
    if not live:
        yield PlainProgress(stream, masker)
        return
    view = LiveProgress(stream, masker)
    try:
        yield view
    finally:
        view.close()


class PlainProgress:
    """One line for each thing that changes; what stays the same is not said again."""

    def __init__(self, stream: TextIO, masker: Masker) -> None:
        self._stream = stream
        self._masker = masker
        self._seen: dict[str, Row] = {}

    def step_began(self, name: str) -> None:
        self._line(f"{name} ...")

    def step_ended(self, name: str, result: StepResult, seconds: float) -> None:
        self._line(ended(name, result, seconds))

    def pods(self, rows: Sequence[Row], seconds_left: float | None = None) -> None:
        now = {row[0]: row for row in rows}
        for name, row in now.items():
            if self._seen.get(name) != row:
                self._line(f"  {describe(row)}{_left(seconds_left)}")
        for name in self._seen:
            if name not in now:
                self._line(f"  pod {name}: gone")
        self._seen = now

    def note(self, text: str) -> None:
        self._line(f"  {text}")

    def _line(self, text: str) -> None:
        self._stream.write(self._masker.text(text) + "\n")
        self._stream.flush()


def ended(name: str, result: StepResult, seconds: float) -> str:
    return f"{name}: {result.status.value} ({seconds:.1f} s) {result.reason}"


def describe(row: Row) -> str:
    """A pod in one line."""
    name, revision, ready, restarts, state = row
    often = "" if restarts in ("", "0") else f", restarted {restarts} times"
    return f"pod {name} ({revision}): {ready}, {state}{often}"


def _left(seconds: float | None) -> str:
    return "" if seconds is None else f" ({max(0.0, seconds):.0f} s left)"


class LiveProgress:
    """Ended steps scroll away above; the step that runs, its pods and the newest events stay below.

    NO_COLOR and the terminal's abilities are rich's to find out.
    """

    def __init__(self, stream: TextIO, masker: Masker) -> None:
        # rich takes longer to import than a plan takes to print: only a live display pays for it
        from rich.console import Console
        from rich.live import Live

        self._masker = masker
        self._console = Console(file=stream, force_terminal=True, highlight=False, markup=False)
        self._step = ""
        self._rows: tuple[Row, ...] = ()
        self._left: float | None = None
        self._notes: tuple[str, ...] = ()
        self._live = Live(
            console=self._console, refresh_per_second=8, transient=True, get_renderable=self.renderable
        )
        self._live.start()

    def step_began(self, name: str) -> None:
        self._step, self._rows, self._left, self._notes = name, (), None, ()

    def step_ended(self, name: str, result: StepResult, seconds: float) -> None:
        from rich.text import Text

        self._step = ""
        text = self._masker.text(ended(name, result, seconds))
        self._console.print(Text(text, _STYLES[result.status]))

    def pods(self, rows: Sequence[Row], seconds_left: float | None = None) -> None:
        self._rows, self._left = tuple(rows), seconds_left

    def note(self, text: str) -> None:
        self._notes = (*self._notes[1 - _EVENTS :], self._masker.text(text))

    def close(self) -> None:
        """Takes the table away; nothing is shown after that."""
        self._step = ""
        self._live.stop()

    def renderable(self) -> Any:
        """What stands below the ended steps now."""
        from rich.console import Group
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        if not self._step:
            return Text("")
        parts: list[Any] = [Spinner("dots", Text(self._masker.text(self._step) + _left(self._left)))]
        if self._rows:
            table = Table(*_COLUMNS, box=None, pad_edge=False)
            for row in self._rows:
                table.add_row(*(Text(self._masker.text(cell)) for cell in row))
            parts.append(table)
        parts += [Text(note, "dim", overflow="ellipsis", no_wrap=True) for note in self._notes]
        return Group(*parts)
