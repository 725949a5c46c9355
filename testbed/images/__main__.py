"""Builds image archives, each once: `python3 -m testbed.images --cache DIR KIND...` prints their paths.

The name of an archive holds a digest of all that it is made of, so that a change of an input, or of
the code here, makes a new one.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from testbed.images import debian, recipes
from testbed.images.oci import Image, architecture, write_archive


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="testbed.images", description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder of the archives")
    parser.add_argument("--pause", type=Path, metavar="PROGRAM")
    parser.add_argument("--debian", action="store_true", help="Redis and busybox")
    parser.add_argument("--standin", type=Path, metavar="PROGRAM", help="the gateway stand-in")
    parser.add_argument("--versions", type=Path, metavar="FILE", help="gateway versions, one a line")
    parser.add_argument("--gateway", default="", metavar="VERSION=PATH,...", help="real gateway programs")
    options = parser.parse_args(argv)
    options.cache.mkdir(parents=True, exist_ok=True)
    try:
        for path in build(options):
            print(path)
    except (debian.PackagesUnavailableError, ValueError, OSError) as error:
        print(f"testbed: cannot build the images: {error}", file=sys.stderr)
        return 1
    return 0


def build(options: argparse.Namespace) -> Iterator[Path]:
    """The archive of each kind that was asked for."""
    cache: Path = options.cache
    if options.pause:
        program: Path = options.pause
        yield once(cache, "pause", [program.read_bytes()], lambda: [recipes.pause(program)])
    if options.debian:
        yield once(cache, "debian", [], debian_images)
    real = parse_gateways(options.gateway)
    if options.standin:
        standin: Path = options.standin
        versions = [item for item in read_versions(options.versions) if item not in real]
        inputs = [standin.read_bytes(), "\n".join(versions).encode()]
        yield once(cache, "standin", inputs, lambda: recipes.standins(standin, versions))
    for version, gateway in real.items():
        yield real_archive(cache, version, gateway)


def real_archive(cache: Path, version: str, program: Path) -> Path:
    """The archive of one real gateway; its size and time stand for its content (it may be 200 MB)."""
    stat = program.stat()
    inputs = [str(program.resolve()).encode(), f"{stat.st_size} {stat.st_mtime_ns}".encode()]
    return once(cache, f"gateway-{version}", inputs, lambda: [recipes.real_gateway(program, version)])


def debian_images() -> list[Image]:
    with tempfile.TemporaryDirectory() as folder:
        root = debian.unpack(["redis-server", "busybox-static"], Path(folder))
        return [recipes.redis(root), recipes.busybox(root)]


def once(cache: Path, name: str, inputs: list[bytes], make: Callable[[], list[Image]]) -> Path:
    """The archive of these inputs, built if it is not in the cache; older ones of the name are removed."""
    path = cache / f"{name}-{digest(inputs)}.tar"
    with locked(cache / f"{name}.lock"):
        if not path.exists():
            write_archive(path, make())
            for old in cache.glob(f"{name}-{'[0-9a-f]' * 16}.tar"):
                if old != path:
                    old.unlink()
    return path


def digest(inputs: list[bytes]) -> str:
    """16 hexadecimal digits for the inputs, the code of this folder and the architecture."""
    code = [file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))]
    total = hashlib.sha256()
    for item in [*code, architecture().encode(), *inputs]:
        total.update(hashlib.sha256(item).digest())
    return total.hexdigest()[:16]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one process builds an archive; the others wait and find it."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def read_versions(path: Path) -> list[str]:
    """The versions of a file with one a line; `#` starts a comment."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def parse_gateways(text: str) -> dict[str, Path]:
    """`VERSION=PATH,VERSION=PATH` as a table; raises ValueError for anything else."""
    table: dict[str, Path] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        version, equals, path = item.partition("=")
        if not (equals and path):
            raise ValueError(f"TYK_UPGRADE_TEST_GATEWAY: {item!r} is not VERSION=PATH")
        version = version.removeprefix("v")
        recipes.gateway_user(version)  # refuses what is no version
        table[version] = Path(path)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
