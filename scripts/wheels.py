"""Fills a folder with the wheels of requirements.txt for every platform of a release archive, and with pip's.

usage: python scripts/wheels.py FOLDER
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
# Tags that pip may take for a platform, newest first; it does not derive the older ones from the newer.
PLATFORMS = {
    f"{libc} {machine}": [f"{tag}_{machine}" for tag in tags]
    for machine in ("x86_64", "aarch64")
    for libc, tags in (
        ("glibc", ("manylinux_2_28", "manylinux_2_17", "manylinux2014", "manylinux_2_5", "manylinux1")),
        ("musl", ("musllinux_1_2", "musllinux_1_1")),
    )
}


def pins(file: str, python: str) -> list[str]:
    """The pins of a file that hold for this Python. pip itself judges them by the Python it runs on."""
    lines = [line for line in (ROOT / file).read_text().splitlines() if re.match(r"[A-Za-z]", line)]
    wanted = map(Requirement, lines)
    target = {"python_version": python, "python_full_version": f"{python}.0"}
    return [f"{r.name}{r.specifier}" for r in wanted if not r.marker or r.marker.evaluate(target)]


def download(folder: Path, python: str, tags: list[str], packages: list[str]) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--dest", str(folder), "--only-binary", ":all:", "--python-version", python]
    for tag in tags:
        command += ["--platform", tag]
    subprocess.run([*command, *packages], check=True)


def main(folder: Path) -> None:
    (pip,) = (pin for pin in pins("constraints.txt", PYTHONS[0]) if pin.startswith("pip=="))
    for python in PYTHONS:
        for name, tags in PLATFORMS.items():
            print(f"wheels: Python {python}, {name}", flush=True)
            download(folder, python, tags, [pip, *pins("requirements.txt", python)])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
