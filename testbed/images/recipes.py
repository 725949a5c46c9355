"""What is in each image of the test cluster."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from testbed.images.elf import resolve, shared_files
from testbed.images.oci import Entry, Image, layer

NONROOT = 65532  # the user of distroless "nonroot" images

REDIS = "tyk-upgrade.test/redis:7"
BUSYBOX = "docker.io/library/busybox:1.32"
PAUSE = "tyk-upgrade.test/pause:1"
GATEWAY = "tyk-upgrade.test/tyk-gateway:v{version}"

# First patch of each minor whose published image does not run as root, by the Dockerfiles at Tyk's
# release tags; every minor from 5.13 on is non-root. 5.3.2 alone of its early patches was.
NONROOT_FROM = {(5, 3): 13, (5, 4): 0, (5, 8): 13, (5, 12): 1}
NONROOT_ALONE = {(5, 3, 2)}

PASSWD = f"root:x:0:0:root:/:/sbin/nologin\nnonroot:x:{NONROOT}:{NONROOT}::/:/sbin/nologin\n".encode()
BASE = (
    Entry("/tmp", mode=0o1777),  # noqa: S108  the image's folder, not this machine's
    Entry("/etc/passwd", mode=0o644, data=PASSWD),
)


def pause(program: Path) -> Image:
    """The container that holds a pod's namespaces open."""
    files = [*BASE, Entry("/pause", source=program)]
    return Image(PAUSE, (layer(files),), user=str(NONROOT), entrypoint=("/pause",))


def redis(root: Path) -> Image:
    """Debian's redis-server and redis-cli with the libraries they load, from an unpacked root."""
    files = [*BASE, Entry("/data", owner=NONROOT)]
    for name in ("redis-server", "redis-cli"):
        files += program_entries(resolve(root, f"/usr/bin/{name}"), f"/usr/bin/{name}", root)
    # As in Docker's own image: without a password Redis would refuse every other pod.
    command = ("redis-server", "--protected-mode", "no")
    return Image(REDIS, (layer(files),), user=str(NONROOT), command=command, working_dir="/data")


def busybox(root: Path) -> Image:
    """Debian's static busybox under the name of each of its applets, for the charts' init containers."""
    program = resolve(root, "/bin/busybox")
    listed = subprocess.run([str(program), "--list"], capture_output=True, text=True, check=True)
    applets = [name for name in listed.stdout.split() if name != "busybox"]
    files = [*BASE, Entry("/bin/busybox", source=program)]
    files += [Entry(f"/bin/{name}", target="busybox") for name in applets]
    return Image(BUSYBOX, (layer(files),), user="0", command=("sh",))


def standins(program: Path, versions: list[str]) -> list[Image]:
    """One image a version, all of the same stand-in: only their configuration differs."""
    shared = (layer(list(BASE)), layer([Entry("/opt/tyk-gateway/tyk", source=program)]))
    return [_gateway(version, shared, (f"STANDIN_VERSION={version}",)) for version in versions]


def real_gateway(program: Path, version: str) -> Image:
    """A real gateway program, with the `templates` and `js` folders beside it, and the tyk.conf that the published
    images carry: without one the gateway writes a default, which a read-only root forbids."""
    files = program_entries(program, "/opt/tyk-gateway/tyk", Path("/"))
    conf = program.parent / "tyk.conf"
    files.append(
        Entry("/opt/tyk-gateway/tyk.conf", mode=0o644, source=conf)
        if conf.is_file()
        else Entry("/opt/tyk-gateway/tyk.conf", mode=0o644, data=b"{}\n")
    )
    for folder in ("templates", "js"):
        for source in sorted((program.parent / folder).rglob("*")):
            if source.is_file():
                inside = source.relative_to(program.parent).as_posix()
                files.append(Entry(f"/opt/tyk-gateway/{inside}", mode=0o644, source=source))
    return _gateway(version, (layer(list(BASE)), layer(files)), ())


def program_entries(program: Path, path: str, root: Path) -> list[Entry]:
    """A program at `path` and all that it loads from `root`."""
    needed = shared_files(program, root)
    return [Entry(path, source=program), *(Entry(name, source=file) for name, file in needed.items())]


def gateway_user(version: str) -> str:
    """The user id that the published image of a version runs as, "0" or "65532"."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if found is None:
        raise ValueError(f"{version!r} is no gateway version such as 5.9.1")
    major, minor, patch = (int(part) for part in found.groups())
    first = NONROOT_FROM.get((major, minor))
    patched = first is not None and patch >= first
    nonroot = (major, minor) >= (5, 13) or patched or (major, minor, patch) in NONROOT_ALONE
    return str(NONROOT) if nonroot else "0"


def _gateway(version: str, layers: tuple[bytes, ...], environment: tuple[str, ...]) -> Image:
    return Image(
        name=GATEWAY.format(version=version),
        layers=layers,
        user=gateway_user(version),
        entrypoint=("/opt/tyk-gateway/tyk",),
        environment=environment,
        working_dir="/opt/tyk-gateway",
    )
