"""Start-up: what the program adds to an empty Python plugin, and `version` against `helm version`."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 30
ADDED_BAR_MS = 60.0
RATIO_BAR = 2.0
EMPTY_PLUGIN = """\
name: empty
version: 0.1.0
usage: "starts Python and ends"
description: "starts Python and ends"
platformCommand:
  - os: linux
    command: "{python} -I -c pass"
  - os: darwin
    command: "{python} -I -c pass"
"""


def milliseconds(command: list[str], env: Mapping[str, str]) -> float:
    """How long it takes; a command that fails has no time worth knowing."""
    began = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000


def alternating(commands: Mapping[str, list[str]], env: Mapping[str, str]) -> dict[str, float]:
    """Median of each, taken in turns so that a busy moment of the machine meets all of them."""
    for command in commands.values():
        milliseconds(command, env)  # the first run fills the caches
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            times[name].append(milliseconds(command, env))
    return {name: statistics.median(taken) for name, taken in times.items()}


def install(helm: str, folder: Path) -> tuple[dict[str, str], str]:
    """Both plugins in Helm folders of their own. The empty one starts the very Python that ours runs on."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("HELM_", "TYK_UPGRADE_"))
    }
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in ("cache", "config", "data"):
        env[f"HELM_{name.upper()}_HOME"] = str(folder / name)
    env["HELM_PLUGINS"] = str(folder / "data" / "plugins")
    (folder / "data" / "plugins").mkdir(parents=True)
    subprocess.run([helm, "plugin", "install", str(ROOT)], env=env, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([helm, "tyk-upgrade", "version"], env=env, check=True, stdout=subprocess.DEVNULL)
    (environment,) = (path.parent for path in folder.glob("cache/tyk-upgrade/*/requirements.txt"))
    python = os.path.realpath(environment / "bin" / "python")
    (folder / "empty").mkdir()
    (folder / "empty" / "plugin.yaml").write_text(EMPTY_PLUGIN.format(python=python))
    subprocess.run(
        [helm, "plugin", "install", str(folder / "empty")], env=env, check=True, stdout=subprocess.DEVNULL
    )
    return env, python


def find_helm() -> str:
    """HELM_BIN, else the newest of TYK_UPGRADE_HELM_BINARIES, else the one of the testbed."""
    chosen = os.environ.get("HELM_BIN") or os.environ.get("TYK_UPGRADE_HELM_BINARIES", "").split(":")[-1]
    if chosen:
        return shutil.which(chosen) or chosen
    command = [str(ROOT / "scripts" / "testbed"), "helm", "4.3.1"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main() -> int:
    helm = find_helm()
    with tempfile.TemporaryDirectory() as name:
        env, python = install(helm, Path(name))
        commands = {
            "plan --help": [helm, "tyk-upgrade", "plan", "--help"],
            "empty plugin": [helm, "empty"],
            "version": [helm, "tyk-upgrade", "version"],
            "helm version": [helm, "version"],
        }
        medians = alternating(commands, env)
    added = medians["plan --help"] - medians["empty plugin"]
    ratio = medians["version"] / medians["helm version"]
    ok = added <= ADDED_BAR_MS and ratio <= RATIO_BAR
    print(f"{helm}\n{python}\nmedian of {RUNS} alternating runs:")
    for what, median in medians.items():
        print(f"  {what:<14}{median:7.1f} ms")
    print(f"plan --help minus an empty Python plugin: {added:.1f} ms (bar {ADDED_BAR_MS:.0f} ms)")
    print(f"version / helm version: {ratio:.2f} (bar {RATIO_BAR:.1f})")
    result = {"name": "startup", "value": round(added, 1), "unit": "ms", "bar": ADDED_BAR_MS, "ok": ok}
    result |= {"version_ratio": round(ratio, 2), "version_ratio_bar": RATIO_BAR}
    result |= {"medians_ms": {what: round(median, 1) for what, median in medians.items()}}
    print(json.dumps(result))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
