"""The journal: what was recorded is there after a crash, and a torn line harms nothing."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.store.journal import (
    HEADER,
    LINES,
    LOCK,
    Journal,
    RunHeader,
    create,
    damaged_runs,
    list_runs,
    open_journal,
)

DONE = StepResult(StepStatus.DONE, "bundle b ☃", (("bundle", "/b"), ("count", 2)))
BEGIN = Entry(1, "backup", "begin", "2026-11-23T20:04:35Z")
END = Entry(2, "backup", "end", "2026-11-23T20:04:36Z", DONE, 1.25)


def header(run: str = "20261123-200435-1a2b3c") -> RunHeader:
    return RunHeader(
        run, "upgrade", "apis", "tyk", 3, "tyk-oss-2.2.0", "tyk-oss-5.3.0", "2026-11-23T20:04:35Z", "1"
    )


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "state" / "runs"


@pytest.fixture
def journal(runs: Path) -> Journal:
    return create(runs, header())


def test_what_was_appended_is_read_back(journal: Journal, runs: Path) -> None:
    journal.append(BEGIN)
    journal.append(END)
    again = open_journal(runs, journal.header.run)
    assert again.header == header()
    assert again.entries == journal.entries == (BEGIN, END)


def test_a_line_is_synced_before_append_returns(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        sizes.append(os.fstat(descriptor).st_size)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    journal.append(BEGIN)
    assert sizes == [(journal.folder / LINES).stat().st_size]
    assert sizes[0] > 0


@pytest.mark.parametrize("cut", [1, 20, -1])
def test_a_torn_last_line_never_happened(journal: Journal, runs: Path, cut: int) -> None:
    journal.append(BEGIN)
    journal.append(END)
    path = journal.folder / LINES
    first = path.read_bytes().index(b"\n") + 1
    path.write_bytes(path.read_bytes()[: first + cut] if cut > 0 else path.read_bytes()[:cut])
    assert open_journal(runs, journal.header.run).entries == (BEGIN,)


def test_an_entry_after_a_torn_line_is_not_glued_to_it(journal: Journal, runs: Path) -> None:
    journal.append(BEGIN)
    path = journal.folder / LINES
    path.write_bytes(path.read_bytes() + b'{"event": "end", "st')
    again = open_journal(runs, journal.header.run)
    again.append(END)
    assert open_journal(runs, journal.header.run).entries == (BEGIN, END)
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["begin", "end"]


def test_a_full_disk_leaves_no_part_of_a_line(
    journal: Journal, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append(BEGIN)
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) < 50:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[:40])  # a short write first, as real disks do

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(TykUpgradeError, match="No space left"):
            journal.append(END)
    assert journal.entries == (BEGIN,)
    assert open_journal(runs, journal.header.run).entries == (BEGIN,)


KILLED = """
import os, signal, sys
from pathlib import Path
from helm_tyk_upgrade.store.journal import open_journal
from helm_tyk_upgrade.model.outcome import Entry
journal = open_journal(Path(sys.argv[1]), sys.argv[2])
for number in range(1, 4):
    journal.append(Entry(number, "backup", "begin", "t"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_appended_before_kill_9_is_there(journal: Journal, runs: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(runs), journal.header.run]
    done = subprocess.run(command, cwd=Path(__file__).resolve().parents[2], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert len(open_journal(runs, journal.header.run).entries) == 3


def test_folders_and_files_are_only_the_owners(journal: Journal, runs: Path) -> None:
    journal.append(BEGIN)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (runs, *runs.rglob("*"))}
    assert modes == {"runs": 0o700, journal.header.run: 0o700, HEADER: 0o600, LINES: 0o600, LOCK: 0o600}


def test_a_run_id_is_used_once(journal: Journal, runs: Path) -> None:
    with pytest.raises(TykUpgradeError, match="File exists"):
        create(runs, header())


@pytest.mark.parametrize("run", ["nothing", "", ".", "..", "../runs/20261123-200435-1a2b3c", "/etc"])
def test_a_run_is_a_name_and_not_a_path(journal: Journal, runs: Path, run: str) -> None:
    with pytest.raises(NotFound, match="there is no run"):
        open_journal(runs, run)


def test_a_damaged_line_in_the_middle_is_named(journal: Journal, runs: Path) -> None:
    (journal.folder / LINES).write_text('{"step": "lock"}\n')
    with pytest.raises(TykUpgradeError, match=f"{LINES}:1 is damaged"):
        open_journal(runs, journal.header.run)


def test_runs_are_listed_oldest_first_and_a_damaged_one_hides_no_other(runs: Path) -> None:
    for run in ("20261124-1", "20261122-1", "20261123-1"):
        create(runs, header(run))
    (runs / "20261123-1" / HEADER).write_text("{")
    assert [found.run for found in list_runs(runs)] == ["20261122-1", "20261124-1"]
    (damage,) = damaged_runs(runs)
    assert "20261123-1 is damaged" in damage


def test_no_folder_means_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "absent") == []
    assert damaged_runs(tmp_path / "absent") == []


def test_a_state_folder_that_cannot_be_made_is_said() -> None:
    with pytest.raises(TykUpgradeError, match="cannot make the folder /dev/null/state"):
        create(Path("/dev/null/state"), header())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said_with_the_way_out(runs: Path) -> None:
    runs.mkdir(parents=True)
    runs.chmod(0o500)
    with pytest.raises(TykUpgradeError, match="Permission denied") as caught:
        create(runs, header())
    assert "TYK_UPGRADE_STATE_DIR" in caught.value.hint
