"""A run as it is kept in the cluster: header, journal, and what of its bundle another machine needs.

A Secret holds at most 1 MiB. What does not fit is left out, the last of this order first, and the record says so: the
release's history, the values files that the run edits, its other values files, what it set out to do, its chart.
API definitions, policies and the gateway's configuration never are in it.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.store import intents
from helm_tyk_upgrade.store.bundle import BundleFile, BundleInfo, contents, find_bundle, write_bundle
from helm_tyk_upgrade.store.encode import entry_line, entry_of
from helm_tyk_upgrade.store.journal import Journal, RunHeader, adopt, has_ended

API_VERSION = "tyk-upgrade/v1"
LIMIT = 1 << 20
"""Bytes of all data of a Secret, as the API server counts them."""
FOR_JOURNAL = 160 << 10
"""Kept free for the journal: a run of hours writes some 20 KiB."""
HISTORY = "release/history.json"
JOURNAL, INDEX = "journal.gz", "bundle.gz"
_LARGEST = 64 << 20
_DAMAGED = "the cluster's record of the run is damaged"


@dataclass(frozen=True)
class KeptRecord:
    """A record, read. files: those of the bundle that are in it; left_out: the names of those that did not fit."""

    header: RunHeader
    entries: tuple[Entry, ...]
    time: str
    facts: Mapping[str, Any]
    files: tuple[BundleFile, ...] = field(repr=False)
    left_out: tuple[str, ...] = ()

    def file(self, name: str) -> bytes | None:
        return next((file.data for file in self.files if file.name == name), None)


def notes_of(header: RunHeader, entries: tuple[Entry, ...], writer: str) -> dict[str, str]:
    """What a list of records shows without reading them; nothing of it is secret."""
    return {
        "header": json.dumps(header.__dict__, sort_keys=True),
        "state": "ended" if has_ended(entries) else "open",
        "last": f"{entries[-1].step} {entries[-1].event} {entries[-1].time}".strip() if entries else "",
        "writer": writer,
    }


def header_of(notes: Mapping[str, str]) -> RunHeader:
    """Raises TykUpgradeError for notes that notes_of did not make."""
    try:
        found = RunHeader(**json.loads(notes["header"]))
    except (KeyError, ValueError, TypeError) as error:
        raise TykUpgradeError(f"{_DAMAGED}: {type(error).__name__}") from error
    if any(_no_name(name) for name in (found.run, found.namespace, found.release)):
        raise TykUpgradeError(f"{_DAMAGED}: {found.run!r} is no name of a run")
    return found


def _no_name(text: object) -> bool:
    """These become names of folders here."""
    return not isinstance(text, str) or not text or Path(text).name != text or text.startswith(".")


def journal_data(entries: Iterable[Entry]) -> dict[str, bytes]:
    return {JOURNAL: _packed(b"".join(map(entry_line, entries)))}


def bundle_data(info: BundleInfo) -> dict[str, bytes]:
    """What of a bundle goes into the record. Raises TykUpgradeError where the bundle is damaged."""
    data: dict[str, bytes] = {}
    kept: list[dict[str, Any]] = []
    left_out: list[str] = []
    room = LIMIT - FOR_JOURNAL - (64 << 10)  # the index and its own list
    for entry in _in_order(info):
        packed = _packed(contents(info, entry["name"]))
        if len(packed) > room:
            left_out.append(entry["name"])
            continue
        room -= len(packed)
        key = f"file-{len(kept):02d}.gz"
        data[key] = packed
        kept.append({**entry, "key": key})
    index = {
        "apiVersion": API_VERSION,
        "time": info.time,
        "facts": info.facts,
        "files": kept,
        "leftOut": left_out,
    }
    return {INDEX: _packed(json.dumps(index, sort_keys=True).encode()), **data}


def _in_order(info: BundleInfo) -> list[dict[str, Any]]:
    edited = info.facts.get("edited", {})
    ranks = {HISTORY: 0, intents.NAME: 3, intents.CHART: 4}

    def rank(entry: dict[str, Any]) -> int | None:
        if entry["origin"]:
            return 1 if entry["origin"] in edited else 2
        return ranks.get(entry["name"])

    ranked = [(place, entry) for entry in info.files if (place := rank(entry)) is not None]
    return [entry for _, entry in sorted(ranked, key=lambda pair: pair[0])]


def read_record(notes: Mapping[str, str], data: Mapping[str, bytes]) -> KeptRecord:
    """Every digest compared. Raises TykUpgradeError for a record that is damaged or of another version."""
    header = header_of(notes)
    try:
        index = json.loads(_unpacked(data[INDEX]))
        if index["apiVersion"] != API_VERSION:
            raise TykUpgradeError(f"the cluster's record of the run is of version {index['apiVersion']!r}")
        lines = _unpacked(data[JOURNAL]).splitlines()
        return KeptRecord(
            header,
            tuple(entry_of(json.loads(line)) for line in lines),
            str(index["time"]),
            dict(index["facts"]),
            tuple(_file(entry, data[entry["key"]]) for entry in index["files"]),
            tuple(map(str, index["leftOut"])),
        )
    except (KeyError, ValueError, TypeError, zlib.error) as error:
        raise TykUpgradeError(f"{_DAMAGED}: {type(error).__name__} {error}") from error


def _file(entry: Mapping[str, Any], packed: bytes) -> BundleFile:
    data = _unpacked(packed)
    if sha256(data) != entry["sha256"]:
        raise ValueError(f"the digest of {entry['name']} is not the recorded one")
    return BundleFile(str(entry["name"]), data, str(entry["origin"]), int(entry["mode"], 8))


def install(record: KeptRecord, runs: Path, bundles: Path) -> Journal:
    """The run on this machine: its journal, locked by this process, and a bundle of what the record has, unless the
    whole one is here. Raises TykUpgradeError."""
    header = record.header
    info = install_bundle(record, bundles)
    return adopt(runs, header, tuple(_here(entry, info.path) for entry in record.entries))


def install_bundle(record: KeptRecord, bundles: Path) -> BundleInfo:
    header = record.header
    try:
        found = find_bundle(bundles, header.run)
        if (found.namespace, found.release) == (header.namespace, header.release):
            return found
    except NotFound:
        pass  # not here yet
    return write_bundle(
        bundles,
        bundle_id=header.run,
        namespace=header.namespace,
        release=header.release,
        time=record.time,
        files=list(record.files),
        facts={**record.facts, "from": "the record in the cluster", "left_out": list(record.left_out)},
    )


def reachable(path: Path) -> bool:
    """Whether a run that was begun elsewhere may write this file: it is here, below the present folder. The path comes
    from the record, and whoever may write Secrets could have put any there."""
    return path.is_file() and path.resolve().is_relative_to(Path.cwd().resolve())


def _here(entry: Entry, bundle: Path) -> Entry:
    """The journal names the folder of the bundle, which is another one on each machine."""
    if entry.step != "backup" or entry.result is None or not entry.result.fact("bundle"):
        return entry
    facts = dict(entry.result.facts) | {"bundle": str(bundle)}
    return replace(entry, result=replace(entry.result, facts=tuple(sorted(facts.items()))))


def _packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _unpacked(data: bytes) -> bytes:
    """Bounded: whoever may write Secrets could have put anything there."""
    inflating = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    found = inflating.decompress(data, _LARGEST)
    if not inflating.eof:
        raise ValueError("it is cut off, or too large")
    return found
