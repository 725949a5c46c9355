"""What every test gets: no HOME, no cluster, no network, unless it asks; and fixtures to ask with."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# A shell starts what it sends to the background with Ctrl-C ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Read before any test runs: the guard below hides the environment from the tests.
BINARIES = [path for path in os.environ.get("TYK_UPGRADE_HELM_BINARIES", "").split(":") if path]
CHOSEN_BINARY = os.environ.get("HELM_BIN", "")
KUBECONFIG = os.environ.get("TYK_UPGRADE_TEST_KUBECONFIG", "")
# What scripts/test and scripts/testbed say to the tests; scripts/testbed itself needs its folders.
KEPT = {
    "TYK_UPGRADE_HELM_BINARIES",
    "TYK_UPGRADE_TEST_KUBECONFIG",
    "TYK_UPGRADE_TEST_GATEWAY",
    "TYK_UPGRADE_TESTBED_STATE",
    "TYK_UPGRADE_CACHE",
    "TYK_UPGRADE_CORPUS",
    "TYK_UPGRADE_FULL",
}
NO_HELM = "no Helm binary: set TYK_UPGRADE_HELM_BINARIES (scripts/test does)"
# Not even root can make a folder below a device.
NOWHERE = "/dev/null/this-test-did-not-ask-for-it"


@dataclass(frozen=True)
class HelmBinary:
    """A real Helm: its version without the leading v, and where it is."""

    version: str
    path: Path

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])


def helm_binary(path: str) -> HelmBinary:
    """Asks the binary for its version: a list of paths cannot be wrong about it."""
    command = [path, "version", "--template", "{{.Version}}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return HelmBinary(done.stdout.strip().removeprefix("v"), Path(path).resolve())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`each_helm` runs a test once with every binary that was given."""
    if "each_helm" in metafunc.fixturenames:
        metafunc.parametrize("each_helm", BINARIES or [""], indirect=True)


def refuse_other_hosts(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps socket.connect: this machine is fine (loopback, Unix sockets), everything else is a bug."""

    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if not (host.startswith("127.") or host in ("::1", "localhost")):
                raise AssertionError(
                    f"this test connects to {host}; ask for the fixture `network` if it must"
                )
        return original(self, address)

    return connect


@pytest.fixture(autouse=True)
def guarded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes HOME, kubeconfig, Helm's settings, our own and the network away from a test and its children."""
    for name in list(os.environ):
        if name.startswith(("HELM_", "KUBE", "XDG_", "TYK_UPGRADE_")) and name not in KEPT:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", NOWHERE)
    monkeypatch.setenv("KUBECONFIG", NOWHERE)
    if "network" in request.fixturenames or request.node.get_closest_marker("cluster"):
        return
    for method in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, method, refuse_other_hosts(getattr(socket.socket, method)))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # for child processes: port 9 answers to nobody
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost,::1")


@pytest.fixture
def network() -> None:
    """A test that names this fixture may use the network."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HOME of the test's own."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def helm_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Helm's folders, empty and the test's own, with a HOME: Helm 3.13 stops where that is no folder.

    HELM_PLUGINS is set too, because Helm 4 installs to one folder and reads another.
    """
    folder = tmp_path / "helm"
    for name in ("cache", "config", "data"):
        (folder / name).mkdir(parents=True)
        monkeypatch.setenv(f"HELM_{name.upper()}_HOME", str(folder / name))
    (folder / "data" / "plugins").mkdir()
    monkeypatch.setenv("HELM_PLUGINS", str(folder / "data" / "plugins"))
    return folder


@pytest.fixture(scope="session")
def helm_binaries() -> list[tuple[str, Path]]:
    """(version, path) of every Helm binary that was given."""
    if not BINARIES:
        pytest.skip(NO_HELM)
    return [(binary.version, binary.path) for binary in map(helm_binary, BINARIES)]


@pytest.fixture
def each_helm(request: pytest.FixtureRequest, helm_home: Path) -> HelmBinary:
    """One of the Helm binaries given, with empty Helm folders; the test runs once for each."""
    if not request.param:
        pytest.skip(NO_HELM)
    return helm_binary(request.param)


@pytest.fixture
def helm_bin(helm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Helm that scripts/test chose for this pass (HELM_BIN), else the last one given. Sets HELM_BIN."""
    chosen = CHOSEN_BINARY or (BINARIES[-1] if BINARIES else "")
    if not chosen:
        pytest.skip(NO_HELM)
    monkeypatch.setenv("HELM_BIN", chosen)
    return Path(chosen)


@pytest.fixture
def kubeconfig(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The kubeconfig of the test cluster; never a developer's own, as tests install and delete things."""
    if not KUBECONFIG:
        pytest.skip("no test cluster: set TYK_UPGRADE_TEST_KUBECONFIG (scripts/test does)")
    monkeypatch.setenv("KUBECONFIG", KUBECONFIG)
    return Path(KUBECONFIG)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the repository; absent in most clones."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"no {folder.name} folder beside the repository")
    return folder
