"""The files that Helm and pip read: what all supported Helm versions accept, and versions that agree."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from helm_tyk_upgrade import __version__

tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def plugin_yaml() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "plugin.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    loaded = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def pins(*names: str) -> dict[str, list[Version]]:
    """Package -> its pinned versions (one for each range of Python) in these files."""
    found: dict[str, list[Version]] = {}
    for name in names:
        for line in (ROOT / name).read_text().splitlines():
            if re.match(r"[A-Za-z]", line):
                requirement = Requirement(line)
                (pin,) = requirement.specifier
                assert pin.operator == "==", f"{name}: {line} is not a pin"
                found.setdefault(canonicalize_name(requirement.name), []).append(Version(pin.version))
    return found


def test_plugin_yaml_has_only_what_every_supported_helm_accepts(plugin_yaml: dict[str, Any]) -> None:
    """Helm before 3.18 refuses args and platformHooks, 3.18 command beside platformCommand, 3 apiVersion."""
    assert plugin_yaml.keys() <= {"name", "version", "usage", "description", "platformCommand"}
    for entry in plugin_yaml["platformCommand"]:
        assert entry.keys() == {"os", "command"}, "without os, Helm before 3.18 finds no command"
    assert [entry["os"] for entry in plugin_yaml["platformCommand"]] == ["linux", "darwin", "windows"]


def test_every_place_names_the_same_version(plugin_yaml: dict[str, Any]) -> None:
    assert plugin_yaml["version"] == __version__
    assert re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", __version__), "Helm 4.1.4 wants strict semver"


def test_there_is_one_plugin_yaml() -> None:
    """`helm plugin package` takes the first one that it meets for the plugin's own."""
    skipped = {".git", ".venv", ".testbed", "node_modules", "dist", "build"}
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in skipped]
        found += [Path(folder) / name for name in files if name == "plugin.yaml"]
    assert found == [ROOT / "plugin.yaml"]


def test_runtime_pins_satisfy_the_declared_dependencies(pyproject: dict[str, Any]) -> None:
    pinned = pins("requirements.txt")
    for text in pyproject["project"]["dependencies"]:
        wanted = Requirement(text)
        versions = pinned[canonicalize_name(wanted.name)]
        assert all(version in wanted.specifier for version in versions), text


def test_every_development_tool_is_pinned(pyproject: dict[str, Any]) -> None:
    wanted = {canonicalize_name(Requirement(text).name) for text in pyproject["dependency-groups"]["dev"]}
    assert wanted <= pins("constraints.txt").keys()
    assert not pins("constraints.txt").keys() & pins("requirements.txt").keys(), "pinned in two places"


SCRIPTS = [
    *(f"scripts/{name}" for name in ("tyk-upgrade", "check", "test", "bench", "dev-env", "release")),
    ".ci/run",
    "plugin.complete",
]


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_can_be_started(name: str) -> None:
    path = ROOT / name
    assert os.access(path, os.X_OK), f"chmod +x {name}"
    shell = "bash" if "bash" in path.read_text().splitlines()[0] else "sh"
    subprocess.run([shell, "-n", str(path)], check=True)
