"""The packaged test charts, a catalogue of them that misbehaves on request, and a polite client for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from helm_tyk_upgrade.charts.polite import Polite
from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.edge.http import Http
from helm_tyk_upgrade.model.chart import ChartSource
from testbed.catalogue import Catalogue as StandIn
from testbed.chart import package


class StoppedClock(Clock):
    """A clock that moves only when somebody sleeps or the test says so."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 20, 0, tzinfo=timezone.utc)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def charts_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All test charts, packaged; its index.yaml gives the published dates."""
    folder = tmp_path_factory.mktemp("charts")
    package.build(folder)
    return folder


@pytest.fixture
def stand_in(charts_folder: Path) -> Iterator[StandIn]:
    with StandIn(charts_folder) as catalogue:
        yield catalogue


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def polite(clock: StoppedClock, tmp_path: Path) -> Polite:
    return Polite(Http(timeout=1.0), clock, tmp_path / "cache")


@pytest.fixture
def tyk_oss(stand_in: StandIn) -> ChartSource:
    """tyk-oss as in Tyk's own repository: known to the hub, pulled from the repository."""
    return ChartSource("tyk-oss", "tyk-oss", stand_in.repo_url, "tyk-helm/tyk-oss")
