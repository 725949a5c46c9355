"""Runs scripts/testbed and single functions of its shell parts, each with folders of the test's own."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
# Read before any test runs: the guard of every test takes HOME and our own settings away.
CACHE_SETTINGS = {
    name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME", "TYK_UPGRADE_CACHE") if name in os.environ
}

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Kubectl = Callable[..., str]
NAMESPACE = "testbed-self-test"


@pytest.fixture
def repo() -> Path:
    """This checkout."""
    return REPO


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder that does not exist yet, with a space in its path."""
    return tmp_path / "a state" / "of mine"


@pytest.fixture
def testbed(state: Path, tmp_path: Path) -> Run:
    """Runs scripts/testbed; nothing of the developer's cluster or caches is in its reach."""

    def run(*args: str, **settings: str) -> subprocess.CompletedProcess[str]:
        own = {"TYK_UPGRADE_TESTBED_STATE": str(state), "TYK_UPGRADE_CACHE": str(tmp_path / "a cache")}
        return execute([str(REPO / "scripts" / "testbed"), *args], {**own, **settings})

    return run


@pytest.fixture
def real_testbed(state: Path) -> Run:
    """Runs scripts/testbed with a state of its own and the developer's downloads, for cluster tests."""

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        own = {**CACHE_SETTINGS, "TYK_UPGRADE_TESTBED_STATE": str(state)}
        return execute([str(REPO / "scripts" / "testbed"), *args], own)

    return run


@pytest.fixture
def kubectl(kubeconfig: Path, home: Path, real_testbed: Run) -> Iterator[Kubectl]:
    """kubectl on the test cluster, with a namespace of the test's own; scripts/testbed knows the cluster."""
    up = real_testbed("up", "--kubeconfig", str(kubeconfig))
    assert up.returncode == 0, up.stderr
    program = real_testbed("kubectl").stdout.strip()

    def run(*args: str, given: str | None = None) -> str:
        argv = [program, "--kubeconfig", str(kubeconfig), "--namespace", NAMESPACE, *args]
        done = subprocess.run(argv, input=given, capture_output=True, text=True, check=False, timeout=150)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("create", "namespace", NAMESPACE)
    yield run
    run("delete", "namespace", NAMESPACE, "--wait=true")


@pytest.fixture
def shell(state: Path, tmp_path: Path) -> Run:
    """Runs a piece of bash with all functions of scripts/testbed; `path` comes first in PATH."""

    def run(code: str, path: Path | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        lines = ["set -euo pipefail", "shopt -s inherit_errexit", f"repo='{REPO}'"]
        lines += [f". '{part}'" for part in sorted((REPO / "testbed" / "sh").glob("*.sh"))]
        own = {"TYK_UPGRADE_TESTBED_STATE": str(state), "TYK_UPGRADE_CACHE": str(tmp_path / "a cache")}
        if path is not None:
            own["PATH"] = f"{path}:{os.environ['PATH']}"
        return execute(["bash", "-c", "\n".join([*lines, code])], {**own, **settings})

    return run


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Path]:
    """Writes a program into a folder that is meant for PATH; it records its arguments in NAME.log there."""
    folder = tmp_path / "programs"
    folder.mkdir()

    def write(name: str, body: str = "") -> Path:
        file = folder / name
        file.write_text(f'#!/bin/sh\necho "$@" >>"{folder}/{name}.log"\n{body}\n')
        file.chmod(0o755)
        return folder

    return write


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Return when the condition is true; fail when it is not within these seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not true within {seconds} s"
        time.sleep(0.5)


def execute(
    argv: list[str], settings: dict[str, str], folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """A program with these variables on top of the environment, its output as text."""
    environment = {**os.environ, **settings}
    return subprocess.run(
        argv, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=280
    )
