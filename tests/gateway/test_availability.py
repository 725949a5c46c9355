"""Counting requests: the summary as a table, and the meter with requests that answer, fail, hang and break."""

from __future__ import annotations

import threading
import time
from itertools import count

import pytest

from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.gateway.availability import Availability, Meter, NotAsked, Reading, summary


def readings(text: str, every: float = 1.0) -> list[Reading]:
    """One letter a request: `.` answered, another letter a kind of failure."""
    return [
        Reading(index * every, 0.1, "" if letter == "." else f"kind {letter}")
        for index, letter in enumerate(text)
    ]


@pytest.mark.parametrize(
    ("text", "lost", "gap"),
    [
        ("", 0, 0.0),
        (".", 0, 0.0),
        ("........", 0, 0.0),
        ("...x....", 1, 2.0),  # last answered at 2 s, answered again at 4 s
        ("...xxx..", 3, 4.0),
        ("..x....xx.", 3, 3.0),  # the longest one counts
        ("....xx", 2, 2.0),  # never answered again: as far as was seen
        ("xx....", 2, 2.0),  # never answered before
        ("xxxx", 4, 3.0),
    ],
)
def test_losses_and_the_longest_gap(text: str, lost: int, gap: float) -> None:
    found = summary("here", readings(text))
    assert (found.sent, found.lost, found.longest_gap) == (len(text), lost, gap)


def test_readings_count_in_the_order_they_were_sent() -> None:
    assert summary("here", readings("...xxx..")[::-1]) == summary("here", readings("...xxx.."))


def test_kinds_of_losses_are_counted_most_first() -> None:
    assert summary("here", readings(".aab.a")).losses == (("kind a", 3), ("kind b", 1))


def test_percentiles_are_of_the_answered_requests_only() -> None:
    found = [Reading(float(index), index / 100, "") for index in range(1, 101)]
    found.append(Reading(200.0, 30.0, "timed out"))
    result = summary("here", found)
    assert (result.p50, result.p99) == (0.51, 1.0)


def test_nothing_was_sent_is_all_zero() -> None:
    assert summary("here", []) == Availability("here", 0, 0, 0.0, 0.0, 0.0, ())


def run_for(meter: Meter, seconds: float) -> Availability:
    meter.start()
    time.sleep(seconds)
    return meter.stop()


def test_the_meter_counts_what_its_requests_say() -> None:
    number, lock = count(), threading.Lock()

    def ask() -> str:
        with lock:
            return "HTTP 503" if next(number) % 5 == 4 else ""

    found = run_for(Meter(ask, "the test", rate=100.0, clock=Clock()), 0.3)
    assert found.vantage == "the test"
    assert found.sent > 10
    assert found.losses == (("HTTP 503", found.sent // 5),)


def test_a_request_that_breaks_is_lost_and_not_forgotten() -> None:
    def ask() -> str:
        raise ConnectionResetError("peer")

    found = run_for(Meter(ask, "here", rate=50.0, clock=Clock()), 0.1)
    assert found.sent == found.lost > 0
    assert found.losses[0][0] == "ConnectionResetError"


def test_a_request_that_never_reached_the_gateway_is_counted_apart() -> None:
    def ask() -> str:
        raise NotAsked("the proxy does not answer")

    found = run_for(Meter(ask, "here", rate=50.0, clock=Clock()), 0.1)
    assert (found.sent, found.lost) == (0, 0)
    assert found.not_asked[0][0] == "the proxy does not answer"
    assert found.not_asked[0][1] > 0


def test_the_share_of_the_lost_ones() -> None:
    assert summary("here", readings("...x")).lost_percent == 25.0
    assert summary("here", []).lost_percent == 0.0


def test_requests_are_sent_on_time_while_others_hang() -> None:
    released = threading.Event()

    def ask() -> str:
        released.wait(5.0)
        return ""

    meter = Meter(ask, "here", rate=100.0, clock=Clock())
    meter.start()
    time.sleep(0.4)
    released.set()
    found = meter.stop()
    assert found.sent >= 20
    assert found.lost == 0


def test_stop_does_not_send_what_was_still_waiting() -> None:
    def ask() -> str:
        time.sleep(0.3)
        return ""

    meter = Meter(ask, "here", rate=2000.0, clock=Clock())
    started = time.monotonic()
    meter.start()
    time.sleep(0.2)
    began = time.monotonic()
    found = meter.stop()
    assert found.sent < 2000.0 * (began - started), "all that was due was sent"
