"""A catalogue of the packaged test charts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed.catalogue import Catalogue
from testbed.chart import package
from tests.testbed_catalogue.client import Client


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("charts")
    package.build(out)
    return out


@pytest.fixture(scope="session")
def running(charts: Path) -> Iterator[Catalogue]:
    with Catalogue(charts) as catalogue:
        yield catalogue


@pytest.fixture
def catalogue(running: Catalogue) -> Catalogue:
    running.faults()
    running.forget_requests()
    return running


@pytest.fixture
def hub(catalogue: Catalogue) -> Client:
    return Client(catalogue.hub_url)


@pytest.fixture
def repo(catalogue: Catalogue) -> Client:
    return Client(catalogue.repo_url)
