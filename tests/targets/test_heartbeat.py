"""Signs of life: given on time, through misses, until the lease is somebody else's."""

from __future__ import annotations

import threading

from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.targets.heartbeat import Heartbeat


def test_it_beats_until_it_is_stopped() -> None:
    beats = threading.Semaphore(0)

    def renew() -> bool:
        beats.release()
        return True

    heart = Heartbeat(renew, 0.01)
    heart.start()
    for _ in range(3):
        assert beats.acquire(timeout=5.0)
    assert heart.stop()


def test_a_cluster_that_does_not_answer_is_asked_again() -> None:
    again = threading.Event()
    answers = iter([ClusterError("no connection"), ClusterError("no connection")])

    def renew() -> bool:
        error = next(answers, None)
        if error is not None:
            raise error
        again.set()
        return True

    heart = Heartbeat(renew, 0.01)
    heart.start()
    assert again.wait(5.0)
    assert heart.stop()


def test_a_lost_lease_is_told_and_not_asked_for_again() -> None:
    asked: list[int] = []

    def renew() -> bool:
        asked.append(1)
        return False

    heart = Heartbeat(renew, 0.01)
    heart.start()
    heart._thread.join(5.0)
    assert heart.lost
    assert not heart.stop()
    assert asked == [1]


def test_stopping_does_not_wait_for_the_next_beat() -> None:
    heart = Heartbeat(lambda: True, 3600.0)
    heart.start()
    assert heart.stop()
