"""Questions to many servers at once, none of which may keep us waiting."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from helm_tyk_upgrade.model.known import Maybe, Unknown

T = TypeVar("T")
AT_ONCE = 8


def side_by_side(
    jobs: Sequence[Callable[[], Maybe[T]]], seconds: float, *, late: str
) -> tuple[Maybe[T], ...]:
    """The answer of each job, in their order; Unknown(late) for those that have none after `seconds`.

    What does not answer in time is left behind in a daemon thread: a pool would wait for it at the end of the program.
    An exception of a job is raised here.
    """
    waiting: queue.SimpleQueue[tuple[int, Callable[[], Maybe[T]]]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Maybe[T] | BaseException]] = queue.SimpleQueue()
    for numbered in enumerate(jobs):
        waiting.put(numbered)

    def work() -> None:
        while True:
            try:
                number, job = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((number, job()))
            except BaseException as error:  # noqa: BLE001 - raised again by who waits
                done.put((number, error))

    for _ in range(min(AT_ONCE, len(jobs))):
        threading.Thread(target=work, name="side by side", daemon=True).start()
    return _collected(done, len(jobs), time.monotonic() + seconds, Unknown(late))


def _collected(
    done: queue.SimpleQueue[tuple[int, Maybe[T] | BaseException]], count: int, deadline: float, late: Unknown
) -> tuple[Maybe[T], ...]:
    found: dict[int, Maybe[T]] = {}
    while len(found) < count:
        try:
            number, answer = done.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if isinstance(answer, BaseException):
            raise answer
        found[number] = answer
    return tuple(found.get(number, late) for number in range(count))
