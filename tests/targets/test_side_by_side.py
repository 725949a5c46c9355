"""Many questions at once, none of which keeps the others waiting."""

from __future__ import annotations

import threading
import time

import pytest

from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.targets.side_by_side import AT_ONCE, side_by_side


def test_answers_come_in_the_order_of_the_questions() -> None:
    def slow() -> Known[int]:
        time.sleep(0.05)
        return Known(1)

    assert side_by_side([slow, lambda: Known(2)], 5, late="late") == (Known(1), Known(2))
    assert side_by_side([], 5, late="late") == ()


def test_who_does_not_answer_is_left_behind() -> None:
    stop = threading.Event()

    def silent() -> Known[int]:
        stop.wait(5)
        return Known(0)

    jobs = [silent] * (AT_ONCE - 1) + [lambda: Known(1)] * 3
    began = time.monotonic()
    found = side_by_side(jobs, 0.3, late="no answer")
    stop.set()
    assert time.monotonic() - began < 2
    assert found == (Unknown("no answer"),) * (AT_ONCE - 1) + (Known(1),) * 3


def test_an_error_of_a_question_is_raised_where_it_was_asked() -> None:
    def broken() -> Known[int]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        side_by_side([lambda: Known(1), broken], 5, late="late")
