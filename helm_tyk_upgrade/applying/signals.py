"""Ctrl-C, SIGTERM and SIGHUP as one exception in the main thread, so that steps can end what they began."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from helm_tyk_upgrade.errors import Exit

_SIGNALS = {signal.SIGINT: Exit.SIGINT, signal.SIGTERM: Exit.SIGTERM, signal.SIGHUP: Exit.SIGHUP}


class Interrupted(BaseException):
    """Not an Exception: no step's error handling may swallow it. step: where it happened, once known."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.name = signal.Signals(number).name
        self.exit_code = _SIGNALS[signal.Signals(number)]
        self.step: str | None = None


@contextmanager
def interruptions() -> Iterator[None]:
    """While the block runs, the first of these signals raises Interrupted; later ones are ignored, so that the
    clean-up it started is not broken off half-way. One that is ignored already stays so: `nohup` asked for that.
    Outside the main thread nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
