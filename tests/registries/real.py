"""The Docker project's own registry, as Debian packages it, without installing or starting its service."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

PACKAGE = "docker-registry"
PASSWORD_FILE = "ann:$2b$04$oK/co7nK84G76/er.BRiPO1cLvEeb8aYzLdbVgFa2JHQuG9dFyESy\n"
"""htpasswd's line for ann and canary-pass."""


@cache
def program() -> Path:
    """The registry's program: in PATH, else in the development cache, to which the package is unpacked once. First
    called by a fixture of a module, when HOME is still the developer's."""
    installed = shutil.which(PACKAGE)
    if installed:
        return Path(installed)
    folder = Path(os.environ.get("TYK_UPGRADE_CACHE") or Path.home() / ".cache" / "tyk-upgrade-dev")
    kept = folder / PACKAGE
    if not (kept / "usr" / "bin" / PACKAGE).exists():
        _unpack(folder, kept)
    return kept / "usr" / "bin" / PACKAGE


def _unpack(folder: Path, kept: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        pytest.skip(f"no {PACKAGE}: install it, or run where apt-get can fetch it")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        fetch = ["apt-get", "download", "-q", PACKAGE]
        done = subprocess.run(fetch, cwd=scratch, capture_output=True, text=True, timeout=120)
        packages = list(Path(scratch).glob("*.deb"))
        if done.returncode != 0 or not packages:
            pytest.skip(f"apt-get cannot fetch {PACKAGE}: {done.stderr.strip()[-200:]}")
        unpacked = Path(scratch) / "unpacked"
        subprocess.run(["dpkg-deb", "-x", str(packages[0]), str(unpacked)], check=True, timeout=60)
        shutil.rmtree(kept, ignore_errors=True)
        unpacked.rename(kept)


@contextmanager
def running(folder: Path, auth: str = "") -> Iterator[str]:
    """Host and port of a registry that keeps its content in `folder`. auth: its configuration's section, as YAML."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = folder / "config.yml"
    storage = f"storage: {{filesystem: {{rootdirectory: {folder / 'data'}}}, delete: {{enabled: true}}}}"
    config.write_text(f"version: 0.1\nlog: {{level: warn}}\n{storage}\nhttp: {{addr: '{address}'}}\n{auth}")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program(), "serve", config], stdout=log, stderr=log, env={"PATH": "/usr/bin:/bin"}
        )
        try:
            _wait(address, folder / "log")
            yield address
        finally:
            process.terminate()
            process.wait(timeout=10)


def _wait(address: str, log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(100):
        try:
            direct.open(f"http://{address}/v2/", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return  # it wants credentials
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the registry does not answer: {log.read_text()}")
