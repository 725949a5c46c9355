"""Fixtures: plugin folders to run the launcher of."""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.plugin.harness import Plugin, copy_plugin, fill_with_wheels


@pytest.fixture
def bare_plugin(tmp_path: Path) -> Plugin:
    """A plugin without wheels; its paths have spaces, as on some machines."""
    folder = tmp_path / "plug ins" / "helm-tyk-upgrade"
    copy_plugin(folder)
    (tmp_path / "a home").mkdir()
    python = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    return Plugin(folder, tmp_path / "a home", {"TYK_UPGRADE_PYTHON": python, "PIP_DEFAULT_TIMEOUT": "2"})


@pytest.fixture
def plugin(bare_plugin: Plugin) -> Plugin:
    """A plugin as it comes out of a release archive: with its wheels."""
    fill_with_wheels(bare_plugin.folder / "wheels")
    return bare_plugin


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name that the base class chose)
        """A line per request would drown the test's output."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """The address of a package index on this machine that has every package: folders of wheels, served."""
    fill_with_wheels(tmp_path / "wheels")
    for wheel in sorted((tmp_path / "wheels").iterdir()):
        name = wheel.name.split("-")[0].replace("_", "-").lower()
        (tmp_path / "simple" / name).mkdir(parents=True, exist_ok=True)
        wheel.rename(tmp_path / "simple" / name / wheel.name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/simple"
    server.shutdown()
    server.server_close()
