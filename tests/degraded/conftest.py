"""Worlds in which something is missing; what is there is real Helm and a real catalogue."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed.catalogue import Catalogue
from testbed.chart.package import build
from tests.conftest import BINARIES, CHOSEN_BINARY, NO_HELM
from tests.degraded.program import Program
from tests.degraded.proxy import FaultyServer, Upstream


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("charts")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def catalogue(charts: Path) -> Iterator[Catalogue]:
    with Catalogue(charts) as serving:
        yield serving


@pytest.fixture
def program(tmp_path: Path, catalogue: Catalogue) -> Program:
    chosen = CHOSEN_BINARY or (BINARIES[-1] if BINARIES else "")
    if not chosen:
        pytest.skip(NO_HELM)
    return Program(chosen, tmp_path, catalogue.hub_url)


@pytest.fixture
def broken_server() -> Iterator[FaultyServer]:
    """An API server with nothing behind it: all it can say is its trouble."""
    nothing = ssl.create_default_context()
    with FaultyServer(Upstream("127.0.0.1", 1, nothing, nothing)) as serving:
        yield serving
