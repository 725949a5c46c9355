"""Bundles: everything that is needed to go back, written before anything is touched and read back at once.

A bundle is a folder NAMESPACE/RELEASE/ID under the bundle folder: `bundle.json` lists every file with its sha256,
mode and where it came from. The folder is 0700, its files 0600. It appears whole or not at all: it is built
beside its place and renamed into it.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from helm_tyk_upgrade.edge.files import private_folder, read_file, sha256, sync_folder, write_atomic
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError

INDEX = "bundle.json"
API_VERSION = "tyk-upgrade/v1"
IMPORTED = "imported"
"""A fact: somebody brought it from elsewhere, so it is gone back to only by name."""


@dataclass(frozen=True)
class BundleFile:
    """One file to keep. name: its path inside the bundle; origin: the user's path it came from, empty for what
    was asked from Helm or the cluster; mode: of the original."""

    name: str
    data: bytes = field(repr=False)
    origin: str = ""
    mode: int = 0o600


@dataclass(frozen=True)
class BundleInfo:
    """What `backup list` shows. facts: JSON values such as chart version, revision, gateway version."""

    id: str
    namespace: str
    release: str
    time: str
    path: Path
    files: tuple[dict[str, Any], ...]
    facts: dict[str, Any]

    def origins(self) -> list[dict[str, Any]]:
        """The entries of the user's own files."""
        return [entry for entry in self.files if entry["origin"]]


def write_bundle(
    store: Path,
    *,
    bundle_id: str,
    namespace: str,
    release: str,
    time: str,
    files: list[BundleFile],
    facts: dict[str, Any],
) -> BundleInfo:
    """Write, read back, compare. Raises TykUpgradeError when any byte could not be kept; then nothing is left."""
    final = place_of(store, namespace, release, bundle_id)
    parent = final.parent
    building = parent / f".{bundle_id}.building"
    if final.exists():
        raise TykUpgradeError(f"the bundle {final} exists already", "run the command again")
    shutil.rmtree(building, ignore_errors=True)
    private_folder(building)
    try:
        entries = [_write(building, file) for file in files]
        index = {
            "apiVersion": API_VERSION,
            "kind": "Bundle",
            "id": bundle_id,
            "namespace": namespace,
            "release": release,
            "time": time,
            "files": entries,
            "facts": facts,
        }
        write_atomic(
            building / INDEX, json.dumps(index, indent=2, sort_keys=True).encode() + b"\n", mode=0o600
        )
        verify(read_bundle(building))
        os.rename(building, final)
    except (OSError, TykUpgradeError) as error:
        shutil.rmtree(building, ignore_errors=True)
        why = error.message if isinstance(error, TykUpgradeError) else error.strerror
        raise TykUpgradeError(
            f"the bundle cannot be written to {parent}: {why}", "give another folder with --bundle-dir"
        ) from error
    sync_folder(parent)
    return read_bundle(final)


def place_of(store: Path, namespace: str, release: str, bundle_id: str) -> Path:
    """Where a bundle lies, its parents made where missing. Raises TykUpgradeError for names that lead elsewhere."""
    for name in (namespace, release, bundle_id):
        if len(PurePosixPath(name).parts) != 1 or name.startswith(".") or "/" in name:
            raise TykUpgradeError(f"{name!r} is no name for a folder of bundles")
    return private_folder(private_folder(private_folder(store) / namespace) / release) / bundle_id


def _write(folder: Path, file: BundleFile) -> dict[str, Any]:
    if not _stays_inside(file.name):
        raise TykUpgradeError(f"{file.name!r} is no name for a file in a bundle")
    path = folder / file.name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomic(path, file.data, mode=0o600)
    return {
        "name": file.name,
        "sha256": sha256(file.data),
        "size": len(file.data),
        "origin": file.origin,
        "mode": f"{file.mode:04o}",
    }


def read_bundle(path: Path) -> BundleInfo:
    """Raises NotFound, or TykUpgradeError when the index is no bundle's."""
    try:
        index = json.loads((path / INDEX).read_bytes())
        if index["kind"] != "Bundle":
            raise ValueError("not a bundle")
        names = (index["id"], index["namespace"], index["release"], index["time"])
        files, facts = tuple(index["files"]), index["facts"]
        if not all(isinstance(text, str) for text in names) or not isinstance(facts, dict):
            raise TypeError("id, namespace, release, time or facts are not what they should be")
        if not all(
            isinstance(entry[key], str) for entry in files for key in ("name", "origin", "mode", "sha256")
        ):
            raise TypeError("an entry of its files is not what it should be")
        return BundleInfo(*names, path, files, facts)
    except FileNotFoundError as error:
        raise NotFound(
            f"there is no bundle at {path}", "`helm tyk-upgrade backup list` shows the bundles"
        ) from error
    except OSError as error:
        raise TykUpgradeError(f"{path / INDEX} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TykUpgradeError(f"{path / INDEX} is damaged: {type(error).__name__} {error}") from error


def revision_in(info: BundleInfo) -> int | None:
    """The release's revision when the bundle was made; None where it does not tell."""
    found = info.facts.get("revision")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def is_imported(info: BundleInfo) -> bool:
    return bool(info.facts.get(IMPORTED))


def verify(info: BundleInfo) -> None:
    """Compare every file with its digest. Raises TykUpgradeError naming the first that differs."""
    for entry in info.files:
        contents(info, entry["name"])


def contents(info: BundleInfo, name: str) -> bytes:
    """A file's bytes, checked against its digest."""
    entry = next((entry for entry in info.files if entry["name"] == name), None)
    if entry is None or not _stays_inside(name):
        raise NotFound(f"bundle {info.id} has no file {name}")
    data = read_file(info.path / name, what="bundle file", limit=256 << 20).data
    if sha256(data) != entry["sha256"]:
        raise TykUpgradeError(
            f"{info.path / name} is damaged: its digest is not the recorded one",
            "use another bundle: `backup list`",
        )
    return data


def list_bundles(store: Path, namespace: str = "", release: str = "") -> list[BundleInfo]:
    """The readable ones, newest first; of one namespace or release where given."""
    found = [info for info in _read_all(store, namespace, release) if isinstance(info, BundleInfo)]
    return sorted(found, key=lambda info: info.id, reverse=True)


def damaged_bundles(store: Path) -> list[str]:
    """What is wrong with the bundles that list_bundles leaves out, in words."""
    return [found.message for found in _read_all(store) if isinstance(found, TykUpgradeError)]


def _read_all(store: Path, namespace: str = "", release: str = "") -> list[BundleInfo | TykUpgradeError]:
    """One damaged bundle must not hide the others: they are needed most when something went wrong."""
    found: list[BundleInfo | TykUpgradeError] = []
    for path in sorted(store.glob(f"{namespace or '*'}/{release or '*'}/*/{INDEX}")):
        if path.parent.name.startswith("."):
            continue  # half-made
        try:
            found.append(read_bundle(path.parent))
        except TykUpgradeError as error:
            found.append(error)
    return found


def find_bundle(store: Path, bundle_id: str) -> BundleInfo:
    """By id, or by an unambiguous beginning of it; one that was imported only by its whole id. Raises NotFound."""
    known_ones = list_bundles(store)
    matches = [info for info in known_ones if info.id == bundle_id] or [
        info for info in known_ones if info.id.startswith(bundle_id) and not is_imported(info)
    ]
    if len(matches) != 1:
        known = ", ".join(info.id for info in known_ones[:5]) or "none"
        what = "no bundle is" if not matches else "several bundles are"
        raise NotFound(f"{what} named {bundle_id}", f"the newest bundles: {known}")
    return matches[0]


def _stays_inside(name: str) -> bool:
    """Whether a name leads to a file of the bundle, and to nothing outside of it."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts
