"""A fake registry behind TLS under names of its own, and a client that trusts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helm_tyk_upgrade.edge.http import Http
from helm_tyk_upgrade.registries.reference import Reference, parse
from tests.registries.fake import FakeRegistry
from tests.registries.serving import make_certificate, serving

Named = Callable[[str], Reference]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def registry(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRegistry]:
    with serving(certificate, monkeypatch) as server:
        yield server


@pytest.fixture
def http(certificate: Path, registry: FakeRegistry) -> Http:
    return Http(ca_file=str(certificate), timeout=2.0)


@pytest.fixture
def named(registry: FakeRegistry) -> Named:
    """`team/tyk:v1` of the fake as a reference."""
    return lambda rest: parse(f"registry.test:{registry.port}/{rest}")
