"""When the second of two equal renders begins."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.errors import HelmError
from helm_tyk_upgrade.model.release import Rendered
from helm_tyk_upgrade.planning.asking import TICK, a_tick_later


class Watched(Clock):
    """A clock that only a sleep moves on."""

    time = 0.0

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def test_a_render_of_the_time_is_repeated_when_whole_seconds_differ() -> None:
    clock, first = Watched(), Future[Rendered]()
    first.set_result(Rendered(str(int(clock.time)), ""))
    second = a_tick_later(lambda: Rendered(str(int(clock.time)), ""), first, clock)
    assert (first.result().manifest, second.manifest) == ("0", "1")
    assert TICK > 1


def test_what_cannot_be_rendered_is_not_tried_again() -> None:
    clock, first = Watched(), Future[Rendered]()
    first.set_exception(HelmError("no template", ""))
    with pytest.raises(HelmError, match="no template"):
        a_tick_later(lambda: Rendered("", ""), first, clock)
    assert clock.time == 0
