"""The plugin, installed by real Helm binaries and run through them with its real packages."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from helm_tyk_upgrade import __version__
from tests.conftest import HelmBinary

pytestmark = pytest.mark.helm
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the real packages are installed, once for all tests (the launcher's own lock sees to it)."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "plugin-environments"
    command = [str(ROOT / "scripts" / "tyk-upgrade"), "version"]
    env = os.environ | {"TYK_UPGRADE_HOME": str(folder)}
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=280)
    return folder


@pytest.fixture
def installed(each_helm: HelmBinary, environments: Path, monkeypatch: pytest.MonkeyPatch) -> HelmBinary:
    monkeypatch.setenv("TYK_UPGRADE_HOME", str(environments))
    done = run(each_helm, "plugin", "install", str(ROOT))
    assert done.returncode == 0, done.stderr
    assert "Installed plugin: tyk-upgrade" in done.stdout
    return each_helm


def run(helm: HelmBinary, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(helm.path), *args], capture_output=True, text=True, timeout=60, check=False)


def test_version_is_that_of_the_package(installed: HelmBinary) -> None:
    done = run(installed, "tyk-upgrade", "version")
    assert (done.returncode, done.stderr) == (0, "")
    assert __version__ in done.stdout


def test_help_reaches_the_plugin(installed: HelmBinary) -> None:
    done = run(installed, "tyk-upgrade", "--help")
    assert done.returncode == 0, done.stderr
    assert "helm tyk-upgrade" in done.stdout
    assert "rollback" in done.stdout


def test_helm_lists_and_describes_it(installed: HelmBinary) -> None:
    listed = run(installed, "plugin", "list")
    assert listed.returncode == 0, listed.stderr
    row = next(line for line in listed.stdout.splitlines() if line.startswith("tyk-upgrade"))
    assert __version__ in row
    assert "upgrade Tyk Gateway releases" in run(installed, "--help").stdout


def test_exit_codes_pass_through_helm(installed: HelmBinary) -> None:
    done = run(installed, "tyk-upgrade", "no-such-command")
    assert done.returncode == 1
    assert "no-such-command" in done.stderr
    assert done.stdout == "", "Helm would show a warning about plugin.yaml here"


def test_it_can_be_uninstalled_and_installed_again(installed: HelmBinary) -> None:
    assert run(installed, "plugin", "uninstall", "tyk-upgrade").returncode == 0
    assert (ROOT / "plugin.yaml").exists(), "the folder itself was only linked"
    assert run(installed, "plugin", "install", str(ROOT)).returncode == 0
    assert run(installed, "tyk-upgrade", "version").returncode == 0
