"""Bundles as one file, to carry them to another machine: written the same for the same bundle, read without trust."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from helm_tyk_upgrade.edge.files import private_folder, read_file, sha256, sync_folder, write_atomic
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.secrets import printable
from helm_tyk_upgrade.store.bundle import (
    IMPORTED,
    INDEX,
    BundleInfo,
    contents,
    place_of,
    read_bundle,
    revision_in,
    verify,
)

LARGEST = 256 << 20
MOST_FILES = 10_000
MOST_BYTES = LARGEST
"""Of all files together."""


def export_bundle(info: BundleInfo, target: Path) -> str:
    """Write a .tgz, 0600, in place at once or not at all; its sha256. Every file is checked on the way, and the archive
    is read back. Raises TykUpgradeError, also where `target` exists: another bundle may be in it."""
    verify(info)
    names = [INDEX, *(str(entry["name"]) for entry in info.files)]
    files = {name: _bytes(info, name) for name in sorted(names)}
    data = _packed(info.id, files)
    if _unpacked(data, str(target)) != (info.id, files):
        raise TykUpgradeError(f"{target} cannot be written: the archive does not read back as the bundle")
    _create(target, data)
    if read_file(target, what="archive", limit=LARGEST).data != data:
        raise TykUpgradeError(
            f"{target} is damaged: it does not read back as it was written", "try another disk"
        )
    return sha256(data)


def _bytes(info: BundleInfo, name: str) -> bytes:
    return read_file(info.path / INDEX, what="bundle index").data if name == INDEX else contents(info, name)


def _packed(top: str, files: dict[str, bytes]) -> bytes:
    """No times, owners or modes of the file system: the same bundle is always the same bytes."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size, member.mode = len(data), 0o600
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(tar.getvalue(), 9, mtime=0)


def _create(target: Path, data: bytes) -> None:
    """O_EXCL: of two exports to the same file one is refused."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise TykUpgradeError(
            f"{target} exists already", "name another file, or move that one away"
        ) from error
    except OSError as error:
        raise TykUpgradeError(f"{target} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o600)
            os.fsync(file.fileno())
    except OSError as error:
        target.unlink(missing_ok=True)
        raise TykUpgradeError(f"{target} cannot be written: {error.strerror}") from error
    sync_folder(target.parent)


def import_bundle(store: Path, archive: Path) -> BundleInfo:
    """Put an exported bundle into the store, checked by its digests, whole or not at all. Nothing is unpacked to a path
    of the archive's choosing: what is no plain file below one top folder, or not in the index, is refused. Its facts
    say that it was imported."""
    top, files = _unpacked(read_file(archive, what="archive", limit=LARGEST).data, str(archive))
    if INDEX not in files:
        raise _unsafe(str(archive), f"it has no {INDEX}")
    building = private_folder(store) / f".{sha256(files[INDEX])[:16]}.importing"
    try:
        for name, data in files.items():
            place = building / name
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomic(place, data, mode=0o600)
        found = read_bundle(building)
        if set(files) - {INDEX} != {entry["name"] for entry in found.files} or found.id != top:
            raise _unsafe(str(archive), "its files are not those of its index")
        if revision_in(found) is None:
            raise _unsafe(str(archive), f"its {INDEX} does not tell the release's revision")
        verify(found)
        write_atomic(building / INDEX, _marked(files[INDEX]), mode=0o600)
        return _put_in_place(read_bundle(building), store)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _marked(index: bytes) -> bytes:
    value = json.loads(index)
    value["facts"][IMPORTED] = True
    return json.dumps(value, indent=2, sort_keys=True).encode() + b"\n"


def _put_in_place(found: BundleInfo, store: Path) -> BundleInfo:
    final = place_of(store, found.namespace, found.release, found.id)
    if final.exists():
        raise TykUpgradeError(f"the bundle {final} exists already", "nothing was imported")
    os.rename(found.path, final)
    sync_folder(final.parent)
    return read_bundle(final)


def _unpacked(data: bytes, what: str) -> tuple[str, dict[str, bytes]]:
    """The one top folder and the files below it."""
    tops: set[str] = set()
    files: dict[str, bytes] = {}
    room = MOST_BYTES
    try:
        with tarfile.open(fileobj=io.BytesIO(_inflated(data, what)), mode="r:") as archive:
            for count, member in enumerate(archive, 1):
                if count > MOST_FILES:
                    raise _unsafe(what, f"more than {MOST_FILES} entries")
                if member.isdir():
                    continue
                top, name = _name(member, what)
                room -= member.size
                if room < 0:
                    raise _unsafe(what, f"more than {MOST_BYTES} bytes of files")
                tops.add(top)
                content = archive.extractfile(member)
                if name in files or content is None:
                    raise _unsafe(what, f"{printable(member.name)} is in it twice")
                files[name] = content.read()
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise TykUpgradeError(f"{printable(what)} is no bundle, or it is damaged") from error
    if len(tops) != 1:
        raise _unsafe(what, f"{len(tops)} top folders instead of one")
    return tops.pop(), files


def _name(member: tarfile.TarInfo, what: str) -> tuple[str, str]:
    path = PurePosixPath(member.name)
    if member.issparse():  # a hole of a few bytes may claim to be gigabytes
        raise _unsafe(what, f"{printable(member.name)} is a sparse file")
    if not member.isreg():
        raise _unsafe(what, f"{printable(member.name)} is a link or a device")
    if path.is_absolute() or ".." in path.parts or len(path.parts) < 2 or "\\" in member.name:
        raise _unsafe(what, f"the path {printable(member.name)} leaves the bundle")
    return path.parts[0], str(PurePosixPath(*path.parts[1:]))


def _inflated(data: bytes, what: str) -> bytes:
    """A few KB may claim to be gigabytes."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        tar = unzip.decompress(data, LARGEST)
    except zlib.error as error:
        raise TykUpgradeError(f"{printable(what)} is no bundle: not gzip") from error
    if unzip.unconsumed_tail or not unzip.eof:
        raise _unsafe(what, f"larger than {LARGEST >> 20} MiB unpacked, or cut off")
    return tar


def _unsafe(what: str, why: str) -> TykUpgradeError:
    return TykUpgradeError(f"{printable(what)} is refused: {why}", "`backup export` makes no such file")
