"""The journal of a run: one line before each step and one after it, on disk before the program goes on.

A line is durable once `append` returns (write, fsync); kill -9 in the middle of a write leaves a last line
without its newline, which reading leaves out and the next append takes away.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from helm_tyk_upgrade.edge.files import append_line, lock_file, private_folder, sync_folder, write_atomic
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.store.encode import entry_line, entry_of

LINES = "journal.jsonl"
HEADER = "run.json"
LOCK = "lock"
RESUMED, ENDED = "resumed", "ended"
"""Events that belong to no step."""


@dataclass(frozen=True)
class RunHeader:
    """What a run set out to do; written once, before the first step. time: RFC 3339."""

    run: str
    command: str
    namespace: str
    release: str
    from_revision: int
    from_chart: str
    to_chart: str
    time: str
    tool: str


class Journal:
    """One run's journal in a folder of its own, 0700. lock: held by the process that carries the run out."""

    def __init__(
        self, folder: Path, header: RunHeader, entries: tuple[Entry, ...] = (), lock: IO[bytes] | None = None
    ) -> None:
        self.folder = folder
        self.header = header
        self._entries = list(entries)
        self._lock = lock

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def append(self, entry: Entry) -> None:
        """Durable when it returns. Raises TykUpgradeError when the disk refuses."""
        try:
            append_line(self.folder / LINES, entry_line(entry))
        except OSError as error:
            raise TykUpgradeError(
                f"the journal {self.folder} cannot be written: {error.strerror}",
                "without a journal nobody could tell where a broken run stopped; free some space, or set "
                "TYK_UPGRADE_STATE_DIR to another folder",
            ) from error
        self._entries.append(entry)


def create(runs: Path, header: RunHeader) -> Journal:
    """A new run's folder under `runs`. Raises TykUpgradeError when it cannot be made or exists."""
    folder = private_folder(runs) / header.run
    try:
        folder.mkdir(mode=0o700)
        # Before the header: the sync of the folder after the header then covers this name too.
        (folder / LINES).touch(mode=0o600)
    except OSError as error:
        raise TykUpgradeError(
            f"cannot make the run folder {folder}: {error.strerror}",
            "set TYK_UPGRADE_STATE_DIR to a folder that can be written",
        ) from error
    write_atomic(folder / HEADER, json.dumps(header.__dict__, indent=2).encode() + b"\n", mode=0o600)
    sync_folder(runs)
    return Journal(folder, header, lock=_locked(folder, header.run))


def open_journal(runs: Path, run: str) -> Journal:
    """An existing run with what it recorded. Raises NotFound, or TykUpgradeError when the files are damaged."""
    return Journal(runs / run, _read_header(runs, run), _read_lines(runs / run / LINES))


def reopen(runs: Path, run: str) -> Journal:
    """The same, to go on with. Raises TykUpgradeError where a process is still at it."""
    header = _read_header(runs, run)
    lock = _locked(runs / run, run)
    return Journal(runs / run, header, _read_lines(runs / run / LINES), lock)


def bundle_of(entries: tuple[Entry, ...]) -> str:
    """The folder of the run's bundle, empty while it has none."""
    results = [entry.result for entry in entries if entry.step == "backup" and entry.result is not None]
    return str(results[-1].fact("bundle", "")) if results else ""


def has_ended(entries: tuple[Entry, ...]) -> bool:
    return bool(entries) and entries[-1].event == ENDED


def adopt(runs: Path, header: RunHeader, entries: tuple[Entry, ...]) -> Journal:
    """A run that another machine recorded, to go on with here; what this machine knew of it gives way. Raises
    TykUpgradeError where a process is still at it, or the folder cannot be written."""
    folder = runs / header.run
    journal = reopen(runs, header.run) if folder.exists() else create(runs, header)
    write_atomic(folder / LINES, b"".join(map(entry_line, entries)), mode=0o600)
    return Journal(folder, header, entries, journal._lock)


def is_at_work(runs: Path, run: str) -> bool:
    """Whether a process on this machine carries the run out. A lock that cannot be asked for tells nothing."""
    try:
        lock = lock_file(runs / run / LOCK)
    except OSError:
        return False
    if lock is None:
        return True
    lock.close()
    return False


def _locked(folder: Path, run: str) -> IO[bytes]:
    try:
        lock = lock_file(folder / LOCK)
    except OSError as error:
        raise TykUpgradeError(f"{folder / LOCK} cannot be locked: {error.strerror}") from error
    if lock is None:
        raise TykUpgradeError(
            f"run {run} is still being carried out by a process on this machine",
            f"wait for it; `helm tyk-upgrade runs {run}` shows how far it is",
        )
    return lock


def list_runs(runs: Path) -> list[RunHeader]:
    """Every readable run, oldest first (run ids begin with their time)."""
    return [found for found in _headers(runs) if isinstance(found, RunHeader)]


def damaged_runs(runs: Path) -> list[str]:
    """What is wrong with the runs that list_runs leaves out, in words."""
    return [found.message for found in _headers(runs) if isinstance(found, TykUpgradeError)]


def _headers(runs: Path) -> list[RunHeader | TykUpgradeError]:
    """One damaged record must not hide the others: they are needed most when something went wrong."""
    found: list[RunHeader | TykUpgradeError] = []
    for name in sorted(path.parent.name for path in runs.glob(f"*/{HEADER}")):
        try:
            found.append(_read_header(runs, name))
        except TykUpgradeError as error:
            found.append(error)
    return found


def _read_header(runs: Path, run: str) -> RunHeader:
    missing = NotFound(f"there is no run {run}", "`helm tyk-upgrade runs` lists them")
    if Path(run).name != run:  # a run is a name, never a way to another folder
        raise missing
    try:
        return RunHeader(**json.loads((runs / run / HEADER).read_bytes()))
    except FileNotFoundError as error:
        raise missing from error
    except (OSError, ValueError, TypeError) as error:
        raise TykUpgradeError(f"the record of run {run} is damaged: {error}") from error


def _read_lines(path: Path) -> tuple[Entry, ...]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise TykUpgradeError(f"{path} cannot be read: {error.strerror}") from error
    complete = lines[:-1]  # what follows the last newline was cut off by a crash: it never happened
    entries: list[Entry] = []
    for number, line in enumerate(complete, start=1):
        value: dict[str, Any]
        try:
            value = json.loads(line)
            entries.append(entry_of(value))
        except (ValueError, KeyError, TypeError) as error:
            raise TykUpgradeError(
                f"{path}:{number} is damaged: {error}", "the bundle of the run is untouched"
            ) from error
    return tuple(entries)
