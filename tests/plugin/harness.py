"""A copy of the plugin with a program that tells its arguments; wheels that install fast and offline."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Names under which some packages are imported; the others are called as their package.
MODULES = {"PyYAML": "yaml", "ruamel.yaml": "ruamel/yaml"}
# The program: says how it was started; its exit code is its argument after "exit".
PROGRAM = """
import json, sys
def main():
    import yaml
    print(json.dumps({"argv": sys.argv[1:], "environment": sys.executable.rsplit("/", 2)[0]}))
    return int(sys.argv[2]) if sys.argv[1:2] == ["exit"] else 0
"""


def write_wheel(folder: Path, name: str, version: str, module: str, source: str = "") -> None:
    """A wheel with one module."""
    stem = f"{re.sub(r'[-_.]+', '_', name)}-{version}"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{module}/__init__.py", source)
        wheel.writestr(
            f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{stem}.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{stem}.dist-info/RECORD", "")


def fill_with_wheels(folder: Path) -> None:
    """One tiny wheel for each line of requirements.txt."""
    folder.mkdir()
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        pin = re.match(r"([A-Za-z0-9._-]+)==([^;]+)", line)
        if pin:
            name, version = pin.group(1), pin.group(2).strip()
            write_wheel(folder, name, version, MODULES.get(name, name.replace("-", "_")))


@dataclass(frozen=True)
class Plugin:
    """A plugin folder, and the folders and settings that its launcher is run with."""

    folder: Path
    home: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def environments(self) -> Path:
        return self.home / "cache" / "tyk-upgrade"

    @property
    def settings(self) -> dict[str, str]:
        inherited = {
            name: os.environ[name] for name in ("PATH", "http_proxy", "https_proxy") if name in os.environ
        }
        own = {"HOME": str(self.home), "HELM_CACHE_HOME": str(self.home / "cache"), "TMPDIR": str(self.home)}
        return inherited | own | self.env

    def run(
        self, *args: str, env: Mapping[str, str | None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs the launcher with `args`; a setting of None is taken away."""
        settings = {k: v for k, v in (self.settings | dict(env or {})).items() if v is not None}
        command = [str(self.folder / "scripts" / "tyk-upgrade"), *args]
        return subprocess.run(command, env=settings, capture_output=True, text=True, timeout=120, check=False)

    def ready(self) -> list[Path]:
        """The finished environments."""
        return sorted(path.parent for path in self.environments.glob("*/requirements.txt"))


def copy_plugin(folder: Path) -> None:
    """The launcher and what belongs to it, with the program that tells its arguments."""
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("plugin.yaml", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / "helm_tyk_upgrade").mkdir()
    (folder / "helm_tyk_upgrade" / "__init__.py").touch()
    (folder / "helm_tyk_upgrade" / "cli.py").write_text(PROGRAM)
