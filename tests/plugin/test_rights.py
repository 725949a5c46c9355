"""The plugin in folders that its user cannot write: installed by root, run by somebody else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin.harness import copy_plugin, fill_with_wheels

NOBODY = 65534
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become another user"),
    pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv (util-linux)"),
]


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that other users can enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="tyk-upgrade-rights-") as name:
        Path(name).chmod(0o755)
        copy_plugin(Path(name) / "plugin")
        fill_with_wheels(Path(name) / "plugin" / "wheels")
        (Path(name) / "home").mkdir()
        os.chown(Path(name) / "home", NOBODY, NOBODY)
        yield Path(name)


def system_python() -> str:
    """A Python that every user can start: the test's own may be in somebody's home."""
    for candidate in ("/usr/bin/python3", "/usr/local/bin/python3"):
        check = [candidate, "-I", "-c", "import sys, ssl, venv, pip; sys.exit(sys.version_info < (3, 10))"]
        if (
            Path(candidate).exists()
            and subprocess.run(check, check=False, capture_output=True).returncode == 0
        ):
            return candidate
    pytest.skip("no Python 3.10 or newer with pip in /usr/bin or /usr/local/bin")


def run_as_nobody(public: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TYK_UPGRADE_PYTHON": system_python()}
    env |= {"HOME": str(public / "home"), "TMPDIR": str(public / "home")} | settings
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    command += [str(public / "plugin" / "scripts" / "tyk-upgrade"), "plan"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd="/")


def test_a_plugin_folder_of_root_is_used_and_not_written(public: Path) -> None:
    """The Python is the system's, which on Debian refuses pip for itself (PEP 668)."""
    before = sorted(public.joinpath("plugin").rglob("*"))
    done = run_as_nobody(public)
    assert done.returncode == 0, done.stderr
    environment = Path(json.loads(done.stdout)["environment"])
    assert environment.parent == public / "home" / ".cache" / "helm" / "tyk-upgrade"
    assert sorted(public.joinpath("plugin").rglob("*")) == before
    compiled = environment / "pycache" / str(public / "plugin" / "helm_tyk_upgrade").lstrip("/")
    assert list(compiled.glob("cli.*.pyc"))


def test_root_leaves_nothing_in_a_plugin_folder_of_somebody_else(public: Path) -> None:
    for path in [public / "plugin", *public.joinpath("plugin").rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    env = {
        "PATH": os.environ["PATH"],
        "HELM_CACHE_HOME": str(public / "root"),
        "TYK_UPGRADE_PYTHON": system_python(),
    }
    command = [str(public / "plugin" / "scripts" / "tyk-upgrade"), "plan"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.stat().st_uid for path in public.joinpath("plugin").rglob("*")} == {NOBODY}


def test_an_unwritable_cache_folder_falls_back_to_a_private_one(public: Path) -> None:
    public.joinpath("cache").mkdir(mode=0o755)
    done = run_as_nobody(public, HELM_CACHE_HOME=str(public / "cache"))
    assert done.returncode == 0, done.stderr
    assert "Permission denied" in done.stderr
    spare = public / "home" / f"tyk-upgrade-{NOBODY}"
    assert (spare.stat().st_uid, spare.stat().st_mode & 0o777) == (NOBODY, 0o700)


def test_an_environment_made_by_root_serves_everybody(public: Path) -> None:
    home = {"TYK_UPGRADE_HOME": str(public / "shared")}
    env = {"PATH": os.environ["PATH"], "TYK_UPGRADE_PYTHON": system_python()} | home
    command = [str(public / "plugin" / "scripts" / "tyk-upgrade"), "plan"]
    made = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    done = run_as_nobody(public, **home)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["environment"] == json.loads(made.stdout)["environment"]
