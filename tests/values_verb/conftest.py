"""`values` as a user runs it: the real command line in a folder of its own, with a real Helm and packaged charts."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helm_tyk_upgrade import cli
from helm_tyk_upgrade.context import Streams
from testbed.catalogue import Catalogue
from testbed.chart import package


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def flat(self) -> str:
        """Both streams with every run of white space as one space: wrapping does not matter."""
        return " ".join((self.out + " " + self.err).split())


Values = Callable[..., Result]


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("charts")
    package.build(folder)
    return folder


@pytest.fixture(scope="session")
def hub(charts: Path) -> Iterator[Catalogue]:
    with Catalogue(charts) as catalogue:
        yield catalogue


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder, and the current one."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def values(folder: Path, helm_bin: Path, hub: Catalogue) -> Values:
    """`values("a.yaml", "--to", "5.3.0", answers="y\\n")`; with answers there is a terminal."""

    def run(*argv: str, answers: str | None = None, **env: str) -> Result:
        terminal = answers is not None
        stdin = Terminal(answers) if terminal else io.StringIO()
        streams = Streams(stdin, io.StringIO(), Terminal() if terminal else io.StringIO())
        whole = {**os.environ, "TYK_UPGRADE_CATALOGUE": hub.hub_url, **env}
        whole.pop("CI", None) if "CI" not in env else None
        code = cli.main(["values", *argv], whole, streams)
        assert isinstance(streams.stdout, io.StringIO)
        assert isinstance(streams.stderr, io.StringIO)
        return Result(code, streams.stdout.getvalue(), streams.stderr.getvalue())

    return run
