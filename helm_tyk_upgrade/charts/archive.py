"""A chart archive: got, checked against published digests, and read without trusting it.

An archive comes from a server. Nothing in it is unpacked to a path of its own choosing: it is read into
memory, and a name that leaves the chart, a link, or a size beyond reason is refused.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from helm_tyk_upgrade.edge.files import private_folder, read_file, sha256, write_atomic
from helm_tyk_upgrade.errors import CatalogueError, NotFound, TykUpgradeError
from helm_tyk_upgrade.helmyaml.read import read
from helm_tyk_upgrade.model.chart import ChartArchive, ChartFiles, ChartSource
from helm_tyk_upgrade.model.secrets import printable

LARGEST_ARCHIVE = 20 << 20
LARGEST_CHART = 100 << 20
LARGEST_FILE = 5 << 20
MOST_FILES = 10_000
"""Bounds of Helm's own loader (100 MiB a chart, 5 MiB a file); the count is ours."""
DEEPEST = 5
"""How many archives may lie inside each other."""

Pull = Callable[[ChartSource, str, Path], Path]
"""Downloads one version of a chart into a folder and returns the archive's path (Helm does it)."""

_DRIVE = re.compile(r"^[A-Za-z]:")


def get_archive(
    source: ChartSource, version: str, pull: Pull, cache: Path, published: Mapping[str, str]
) -> ChartArchive:
    """The archive of one version, from the cache where a published digest names it, else pulled by Helm.

    published: who published a sha256 -> that digest in hex (empty ones are ignored). An archive that differs
    from any of them raises CatalogueError. A chart in a folder of the user's is returned as it is.
    """
    if source.is_local:
        return local_archive(Path(source.reference))
    digests = {who: digest for who, digest in published.items() if digest}
    _check_agreement(source, version, digests)
    folder = private_folder(cache)
    for digest in set(digests.values()):
        kept = folder / f"{digest}.tgz"
        if kept.is_file() and sha256(kept.read_bytes()) == digest:
            return ChartArchive(source.name, version, str(kept), digest, tuple(sorted(digests)))
    with tempfile.TemporaryDirectory(prefix="pull-", dir=folder) as scratch:
        data = read_file(pull(source, version, Path(scratch)), what="chart", limit=LARGEST_ARCHIVE).data
    digest = sha256(data)
    for who, expected in sorted(digests.items()):
        if digest != expected:
            raise CatalogueError(
                f"chart {source.name} {version}: the archive's sha256 is {digest}, {who} says {expected}",
                "somebody changed the archive or the index; do not use it before the publisher explains",
            )
    files = read_archive(data, f"{source.name}-{version}.tgz")
    _check_identity(files, source, version)
    path = folder / f"{digest}.tgz"
    write_atomic(path, data, mode=0o600)
    return ChartArchive(files.name, files.version, str(path), digest, tuple(sorted(digests)))


def _check_agreement(source: ChartSource, version: str, digests: Mapping[str, str]) -> None:
    if len(set(digests.values())) > 1:
        said = "; ".join(f"{who}: {digest}" for who, digest in sorted(digests.items()))
        raise CatalogueError(
            f"chart {source.name} {version}: the catalogues publish different digests ({said})",
            "the version was published twice; take another one, or ask the publisher",
        )


def _check_identity(files: ChartFiles, source: ChartSource, version: str) -> None:
    """A repository that answers with another chart or version is broken; its digest would prove the wrong
    thing."""
    if version and files.version.removeprefix("v") != version.removeprefix("v"):
        raise CatalogueError(
            f"chart {source.name} {version}: the archive holds version {files.version}",
            "the repository's index is wrong; tell its owner",
        )
    if files.name != source.name and "://" not in source.reference:
        raise CatalogueError(
            f"chart {source.name} {version}: the archive holds the chart {files.name}",
            "the repository's index is wrong; tell its owner",
        )


def local_archive(path: Path) -> ChartArchive:
    """A chart of the user's: a .tgz (its sha256) or a folder (a sha256 over names and contents)."""
    if not path.exists():
        raise NotFound(f"chart {path} does not exist", "it is taken from the current folder")
    files = read_chart(path)
    if path.is_dir():
        digest = folder_digest(files.files)
    else:
        digest = read_file(path, what="chart", limit=LARGEST_ARCHIVE).digest
    return ChartArchive(files.name, files.version, str(path), digest)


def folder_digest(files: Mapping[str, bytes]) -> str:
    """sha256 over each path and its content's sha256, in order: independent of times and of the file
    system."""
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(f"{path}\0{sha256(files[path])}\n".encode())
    return whole.hexdigest()


def read_chart(path: Path) -> ChartFiles:
    """A chart on disk, archive or folder, read whole. Raises TykUpgradeError for one that is broken or
    unsafe."""
    if path.is_dir():
        return _chart(_folder(path), str(path))
    return read_archive(read_file(path, what="chart", limit=LARGEST_ARCHIVE).data, str(path))


def read_archive(data: bytes, what: str) -> ChartFiles:
    """The chart in a .tgz. `what` names it in errors."""
    return _chart(_unpacked(data, what, 1), what)


def _chart(files: dict[str, bytes], what: str) -> ChartFiles:
    if "Chart.yaml" not in files:
        raise TykUpgradeError(f"{printable(what)} holds no Chart.yaml", "is it a Helm chart?")
    metadata = read(files["Chart.yaml"], 3)
    name, version = metadata.get("name"), metadata.get("version")
    if not isinstance(name, str) or not isinstance(version, str) or not name:
        raise TykUpgradeError(f"{printable(what)}: its Chart.yaml names no chart and version")
    return ChartFiles(printable(name), printable(version), metadata, files)


def _unpacked(data: bytes, what: str, depth: int) -> dict[str, bytes]:
    """Path inside the chart -> content; the archive's top folder is dropped."""
    if depth > DEEPEST:
        raise _unsafe(what, f"archives inside archives, more than {DEEPEST} deep")
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_inflated(data, what)), mode="r:") as archive:
            for count, member in enumerate(archive, 1):
                if count > MOST_FILES:
                    raise _unsafe(what, f"more than {MOST_FILES} entries")
                _add(files, archive, member, what)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise TykUpgradeError(
            f"{printable(what)} is no chart archive, or it is damaged", "download it again"
        ) from error
    return _with_subcharts(files, what, depth)


def _inflated(data: bytes, what: str) -> bytes:
    """The tar in a gzip, at most as large as Helm accepts: a few KB may claim to be gigabytes."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        tar = unzip.decompress(data, LARGEST_CHART)
    except zlib.error as error:
        raise TykUpgradeError(
            f"{printable(what)} is no chart archive: not gzip", "download it again"
        ) from error
    if unzip.unconsumed_tail:
        raise _unsafe(what, f"larger than {LARGEST_CHART >> 20} MiB unpacked")
    if not unzip.eof:
        raise TykUpgradeError(f"{printable(what)} was cut off", "download it again")
    return tar


def _add(files: dict[str, bytes], archive: tarfile.TarFile, member: tarfile.TarInfo, what: str) -> None:
    if member.isdir() or member.name in ("pax_global_header", ""):
        return
    path = _safe_path(member.name, what)
    if not member.isreg():
        raise _unsafe(what, f"{printable(member.name)} is a link or a device")
    if member.size > LARGEST_FILE:
        raise _unsafe(what, f"{printable(member.name)} is larger than {LARGEST_FILE >> 20} MiB")
    content = archive.extractfile(member)
    if content is not None and path:
        files[path] = content.read()


def _safe_path(name: str, what: str) -> str:
    """The path below the chart's top folder (empty for the folder's own files beside it, which Helm
    ignores)."""
    if name.startswith("/") or "\\" in name or _DRIVE.match(name) or "\0" in name:
        raise _unsafe(what, f"the path {printable(name)} is not relative")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise _unsafe(what, f"the path {printable(name)} leaves the chart")
    return "/".join(parts[1:])


def _with_subcharts(files: dict[str, bytes], what: str, depth: int) -> dict[str, bytes]:
    """Archives in a `charts/` folder opened in place, as Helm does. Raises for two subcharts of one name."""
    opened = dict(files)
    for path in sorted(files):
        folder, _, name = path.rpartition("/")
        if not name.endswith(".tgz") or folder.split("/")[-1] != "charts" or name.startswith(("_", ".")):
            continue
        del opened[path]
        inner = _unpacked(files[path], f"{what}:{path}", depth + 1)
        home = f"{folder}/{_chart(inner, f'{what}:{path}').name}"
        if any(other.startswith(home + "/") for other in opened):
            home = f"{folder}/{name[: -len('.tgz')]}"
        opened.update({f"{home}/{inside}": content for inside, content in inner.items()})
    total = sum(map(len, opened.values()))
    if total > LARGEST_CHART or len(opened) > MOST_FILES:
        raise _unsafe(what, "its subcharts make it too large")
    return opened


def _folder(root: Path) -> dict[str, bytes]:
    """A chart folder as it is, without what never belongs to a chart (`.git`). Links are followed only
    inside."""
    files: dict[str, bytes] = {}
    real_root = root.resolve()
    for path in _walk(root):
        if not path.resolve().is_relative_to(real_root):
            raise _unsafe(str(root), f"{path} links to a place outside of the chart")
        if len(files) >= MOST_FILES:
            raise _unsafe(str(root), f"more than {MOST_FILES} files")
        name = path.relative_to(root).as_posix()
        files[name] = read_file(path, what="chart file", limit=LARGEST_ARCHIVE).data
    return _with_subcharts(files, str(root), 1)


def _walk(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name != ".git" and not path.is_symlink():
                yield from _walk(path)
        elif path.is_file():
            yield path


def _unsafe(what: str, why: str) -> TykUpgradeError:
    return TykUpgradeError(f"{printable(what)} is refused: {why}", "no chart of good faith looks like that")
