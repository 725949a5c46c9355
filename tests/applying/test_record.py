"""The record follows the journal, and says so when it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.record import ClusterRecord
from helm_tyk_upgrade.cluster.run_records import RunRecords
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.store.journal import ENDED, Journal, RunHeader, create
from helm_tyk_upgrade.store.records import read_record
from tests.cluster.secrets_api import SecretsApi, serving
from tests.store.test_bundle import write


class Machine:
    """One process with a journal and a bundle, beside an API server."""

    def __init__(self, folder: Path, records: RunRecords, run: str = "20261123-200435-1a2b3c") -> None:
        header = RunHeader(run, "upgrade", "apis", "tyk", 3, "tyk-oss-2.2.0", "tyk-oss-5.3.0", "t", "1")
        self.bundle = write(folder / "bundles", bundle_id=run).path
        self.journal: Journal = create(folder / "runs", header)
        self.record = ClusterRecord(records, self.journal)

    def line(self, step: str, event: str = "begin") -> str:
        result = None
        if event == "end":
            result = StepResult(StepStatus.DONE, "ok", (("bundle", str(self.bundle)),))
        self.journal.append(Entry(len(self.journal.entries) + 1, step, event, "t", result))
        return self.record.follow()

    def backed_up(self) -> str:
        self.line("lock")
        return self.line("backup", "end")


@pytest.fixture
def api() -> SecretsApi:
    return SecretsApi()


@pytest.fixture
def records(api: SecretsApi) -> Iterator[RunRecords]:
    with serving(api) as cluster:
        yield RunRecords(cluster, "apis")


@pytest.fixture
def machine(tmp_path: Path, records: RunRecords) -> Machine:
    return Machine(tmp_path, records)


def kept(records: RunRecords, machine: Machine) -> tuple[Entry, ...]:
    found = records.read("tyk", machine.journal.header.run)
    return read_record(found.notes, found.data).entries


def test_nothing_is_recorded_before_the_backup(api: SecretsApi, machine: Machine) -> None:
    machine.line("lock")
    machine.line("backup")
    assert api.calls == []


def test_each_line_is_in_the_cluster_when_the_run_goes_on(machine: Machine, records: RunRecords) -> None:
    assert machine.backed_up() == ""
    assert kept(records, machine) == machine.journal.entries
    assert machine.line("upgrade") == ""
    assert kept(records, machine) == machine.journal.entries
    machine.line("", ENDED)
    assert records.metadata("tyk", machine.journal.header.run).notes["state"] == "ended"


def test_while_the_server_is_away_it_is_behind_and_catches_up(
    api: SecretsApi, machine: Machine, records: RunRecords
) -> None:
    machine.backed_up()
    api.refuse["PATCH"] = 500
    assert "refused: 500" in machine.line("upgrade")
    assert machine.line("upgrade", "end") == ""  # said once
    assert machine.record.trouble
    api.refuse.clear()
    assert machine.line("watch") == ""
    assert (machine.record.trouble, kept(records, machine)) == ("", machine.journal.entries)


def test_a_server_that_was_away_at_the_backup_gets_all_of_it_later(
    api: SecretsApi, machine: Machine, records: RunRecords
) -> None:
    api.refuse["POST"] = 503
    assert machine.backed_up()
    api.refuse.clear()
    assert machine.line("upgrade") == ""
    assert kept(records, machine) == machine.journal.entries


def test_without_the_right_nothing_more_is_tried(api: SecretsApi, machine: Machine) -> None:
    api.refuse["POST"] = 403
    assert "Forbidden" in machine.backed_up()
    machine.line("upgrade")
    assert len(api.calls) == 1
    assert machine.record.trouble


def test_an_answer_that_was_lost_is_no_other_machine(
    api: SecretsApi, machine: Machine, records: RunRecords
) -> None:
    machine.backed_up()
    api.lose = 1
    assert machine.line("upgrade")
    assert machine.line("upgrade", "end") == ""
    assert kept(records, machine) == machine.journal.entries


def test_a_lost_answer_to_the_first_write_is_none_either(
    api: SecretsApi, machine: Machine, records: RunRecords
) -> None:
    api.lose = 1
    assert machine.backed_up()
    assert machine.line("upgrade") == ""
    assert kept(records, machine) == machine.journal.entries


def test_what_another_machine_goes_on_with_is_not_overwritten(
    tmp_path: Path, machine: Machine, records: RunRecords
) -> None:
    machine.backed_up()
    other = Machine(tmp_path / "other", records)
    other.backed_up()
    assert "another process went on" in machine.line("upgrade")
    other.line("upgrade")
    machine.line("upgrade", "end")
    assert kept(records, other) == other.journal.entries


def test_a_deleted_record_is_made_again(api: SecretsApi, machine: Machine, records: RunRecords) -> None:
    machine.backed_up()
    api.secrets.clear()
    assert machine.line("upgrade") == ""
    assert kept(records, machine) == machine.journal.entries


def runs_of(records: RunRecords) -> list[str]:
    return [item.run for item in records.list("tyk")]


def test_the_last_three_stay(tmp_path: Path, records: RunRecords) -> None:
    for day in range(1, 6):
        machine = Machine(tmp_path / str(day), records, f"2026112{day}")
        machine.backed_up()
        machine.line("", ENDED)
    assert runs_of(records) == ["20261123", "20261124", "20261125"]


def test_a_run_that_is_resumed_takes_no_younger_one_away(tmp_path: Path, records: RunRecords) -> None:
    for day in (6, 7, 8):
        Machine(tmp_path / str(day), records, f"2026112{day}").backed_up()
    Machine(tmp_path / "2", records, "20261122").backed_up()
    assert runs_of(records) == ["20261122", "20261126", "20261127", "20261128"]


def test_records_that_cannot_be_deleted_are_said(
    api: SecretsApi, tmp_path: Path, records: RunRecords
) -> None:
    api.refuse["DELETE"] = 403
    for day in range(1, 5):
        machine = Machine(tmp_path / str(day), records, f"2026112{day}")
        assert machine.backed_up() == ""
    assert "Forbidden" in machine.record.pruning
    assert len(runs_of(records)) == 4
