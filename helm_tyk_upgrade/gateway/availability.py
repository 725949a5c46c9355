"""A meter: asks at a steady rate in a thread and counts what was lost. It judges nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from helm_tyk_upgrade.edge.clock import Clock

Ask = Callable[[], str]
"""One request; "" when it was answered, else the kind of failure in a few words. Raises NotAsked; any other exception
counts as lost."""
_WORKERS = 128
"""Requests under way at once: ten a second that each hang for ten seconds are still sent on time."""


class NotAsked(Exception):
    """The request did not get as far as the gateway: that it went unanswered says nothing, so it is no loss. Its text
    tells whose trouble it was, in a few words."""


@dataclass(frozen=True)
class Reading:
    """One request: when it was sent (monotonic seconds), how long it took, and how it failed ("" when it did
    not)."""

    sent: float
    seconds: float
    failure: str


@dataclass(frozen=True)
class Availability:
    """vantage: from where it was measured, in words; longest_gap: seconds from the last answered request
    before a loss to the first one after it; p50, p99: seconds of the answered requests; losses: (kind,
    count), most first; not_asked: the same for requests that never reached the gateway, which are not in `sent`."""

    vantage: str
    sent: int
    lost: int
    longest_gap: float
    p50: float
    p99: float
    losses: tuple[tuple[str, int], ...]
    not_asked: tuple[tuple[str, int], ...] = ()

    @property
    def lost_percent(self) -> float:
        """Of the requests sent; 0 where none was."""
        return 100.0 * self.lost / self.sent if self.sent else 0.0


class Meter:
    """Runs from start() to stop(). Requests are sent on time even while earlier ones hang."""

    def __init__(self, ask: Ask, vantage: str, *, rate: float, clock: Clock) -> None:
        self._ask = ask
        self._vantage = vantage
        self._pause = 1.0 / rate
        self._clock = clock
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._readings: list[Reading] = []
        self._not_asked: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._run, name="meter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> Availability:
        """Ends the requests, waits for those under way, and sums up. Those that were due but not sent yet are left
        out: they were never asked."""
        self._stopping.set()
        self._thread.join()
        return summary(self._vantage, self._readings, self._not_asked)

    def _run(self) -> None:
        pool = ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="meter")
        due = self._clock.monotonic()
        while not self._stopping.is_set():
            pool.submit(self._one)
            due += self._pause
            self._stopping.wait(max(0.0, due - self._clock.monotonic()))
        pool.shutdown(cancel_futures=True)

    def _one(self) -> None:
        sent = self._clock.monotonic()
        try:
            failure = self._ask()
        except NotAsked as trouble:
            with self._lock:
                self._not_asked[str(trouble)] += 1
            return
        except Exception as error:  # noqa: BLE001 - not answered is lost, whatever the reason
            failure = type(error).__name__
        reading = Reading(sent, self._clock.monotonic() - sent, failure)
        with self._lock:
            self._readings.append(reading)


def summary(
    vantage: str, readings: list[Reading], not_asked: Mapping[str, int] | None = None
) -> Availability:
    """Pure."""
    ordered = sorted(readings, key=lambda reading: reading.sent)
    answered = sorted(reading.seconds for reading in ordered if not reading.failure)
    losses = Counter(reading.failure for reading in ordered if reading.failure)
    return Availability(
        vantage=vantage,
        sent=len(ordered),
        lost=losses.total(),
        longest_gap=_longest_gap(ordered),
        p50=_percentile(answered, 0.50),
        p99=_percentile(answered, 0.99),
        losses=tuple(losses.most_common()),
        not_asked=tuple(Counter(not_asked or {}).most_common()),
    )


def _longest_gap(ordered: list[Reading]) -> float:
    longest, last_good, lost_since = 0.0, ordered[0].sent if ordered else 0.0, False
    for reading in ordered:
        if reading.failure:
            lost_since = True
            longest = max(longest, reading.sent - last_good)
            continue
        if lost_since:
            longest = max(longest, reading.sent - last_good)
        last_good, lost_since = reading.sent, False
    return longest


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
