"""Files out of Debian packages, without installing them: no service starts, the machine stays as it is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


class PackagesUnavailableError(Exception):
    """The packages could not be had; the message says why and what to do."""


def unpack(packages: list[str], folder: Path) -> Path:
    """Download packages with all they depend on and unpack them; the folder that is their root.

    apt is shown an empty list of installed packages, so that the libraries come from the same
    release as the program, whatever this machine has.
    """
    for program in ("apt-get", "dpkg"):
        if shutil.which(program) is None:
            raise PackagesUnavailableError(
                f"{program} is not in PATH: the images of Redis and busybox are made of Debian packages; "
                "run on Debian or Ubuntu, or name a cluster that has them with --kubeconfig"
            )
    archives, root = folder / "archives", folder / "root"
    (archives / "partial").mkdir(parents=True)
    root.mkdir()
    (folder / "status").touch()
    _download(packages, folder)
    for package in sorted(archives.glob("*.deb")):
        if not package.name.endswith("_all.deb"):  # those hold no programs and no libraries
            _run(["dpkg", "-x", str(package), str(root)])
    return root


def _download(packages: list[str], folder: Path) -> None:
    options = [
        "-o", f"Dir::State::status={folder / 'status'}",
        "-o", f"Dir::Cache::archives={folder / 'archives'}",
        "-o", "Debug::NoLocking=1",
    ]  # fmt: skip
    install = ["apt-get", *options, "install", "-y", "-q", "--download-only", "--no-install-recommends"]
    try:
        _run([*install, *packages])
    except PackagesUnavailableError:  # the package lists may be missing or old
        _run(["apt-get", "update", "-q"])
        _run([*install, *packages])


def _run(argv: list[str]) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-8:])
        raise PackagesUnavailableError(
            f"{' '.join(argv[:2])} failed with exit code {done.returncode}:\n{tail}"
        )
