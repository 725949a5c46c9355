"""Records of runs as Secrets: small answers, no lost race, no long wait, nothing of the data in an error."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from helm_tyk_upgrade.cluster.refusals import ApiRefused, Unreachable
from helm_tyk_upgrade.cluster.run_records import PATIENCE, TYPE, Record, RunRecords
from helm_tyk_upgrade.errors import ClusterError, NotFound
from tests.cluster.secrets_api import SecretsApi, serving

SECRET = "canary-8c1f"
RECORD = Record(
    "tyk", "20261123-200435-1a2b3c", "", {"state": "open"}, {"journal.gz": b"1", "file-00.gz": b"x" * 90_000}
)


@pytest.fixture
def api() -> SecretsApi:
    return SecretsApi()


@pytest.fixture
def records(api: SecretsApi) -> Iterator[RunRecords]:
    with serving(api) as cluster:
        yield RunRecords(cluster, "apis")


def test_what_was_written_is_read_back(api: SecretsApi, records: RunRecords) -> None:
    version = records.create(RECORD)
    assert records.read("tyk", RECORD.run) == replace(RECORD, version=version)
    (item,) = api.secrets.values()
    assert item["metadata"]["name"] == "tyk-upgrade-tyk-20261123-200435-1a2b3c"
    assert (item["type"], item["metadata"]["labels"]) == (
        TYPE,
        {
            "app.kubernetes.io/managed-by": "tyk-upgrade",
            "tyk-upgrade/release": "tyk",
            "tyk-upgrade/run": RECORD.run,
        },
    )


def test_a_change_sends_and_gets_little(api: SecretsApi, records: RunRecords) -> None:
    version = records.create(RECORD)
    newer = replace(RECORD, version=version, notes={"state": "ended"})
    again = records.change(newer, {"journal.gz": b"12"})
    assert again != version
    found = records.read("tyk", RECORD.run)
    assert (found.data["journal.gz"], found.notes["state"]) == (b"12", "ended")
    assert found.data["file-00.gz"] == RECORD.data["file-00.gz"]
    ((_, sent, answered),) = api.of("PATCH")
    assert (sent < 500, answered < 1000) == (True, True)
    assert api.of("POST")[0][2] < 1000


def test_a_list_has_no_data_and_only_our_runs(api: SecretsApi, records: RunRecords) -> None:
    for name in ("20261124-1", "20261123-1"):
        records.create(replace(RECORD, run=name))
    records.create(replace(RECORD, release="other"))
    api.calls.clear()
    assert [(item.run, item.data) for item in records.list("tyk")] == [("20261123-1", {}), ("20261124-1", {})]
    assert len(records.list()) == 3
    assert records.list("none") == ()
    assert all(answered < 2500 for _, _, answered in api.calls)
    assert records.metadata("tyk", "20261124-1").data == {}


def test_a_lost_race_is_a_conflict(records: RunRecords) -> None:
    first = replace(RECORD, version=records.create(RECORD))
    records.change(first, {"journal.gz": b"2"})
    with pytest.raises(ApiRefused) as caught:
        records.change(first, {"journal.gz": b"3"})
    assert caught.value.reason == "Conflict"
    with pytest.raises(ApiRefused) as caught:
        records.create(RECORD)
    assert caught.value.reason == "AlreadyExists"
    with pytest.raises(ApiRefused):
        records.delete(first)


def test_who_may_not_patch_replaces(api: SecretsApi, records: RunRecords) -> None:
    api.refuse["PATCH"] = 403
    made = replace(RECORD, version=records.create(RECORD), data={**RECORD.data, "journal.gz": b"2"})
    version = records.change(made, {"journal.gz": b"2"})
    records.change(replace(made, version=version), {"journal.gz": b"2"})
    assert records.read("tyk", RECORD.run).data == made.data
    assert (len(api.of("PATCH")), len(api.of("PUT"))) == (1, 2)


def test_a_deleted_one_is_not_there(records: RunRecords) -> None:
    made = replace(RECORD, version=records.create(RECORD))
    records.delete(made)
    for ask in (records.read, records.metadata):
        with pytest.raises(NotFound):
            ask("tyk", RECORD.run)
    with pytest.raises(NotFound):
        records.change(made, {})


@pytest.mark.parametrize("code", [403, 429, 500, 503])
def test_a_refused_write_is_not_repeated_and_says_nothing_of_the_data(
    api: SecretsApi, records: RunRecords, code: int
) -> None:
    api.refuse["POST"] = code
    began = time.monotonic()
    with pytest.raises(ApiRefused) as caught:
        records.create(replace(RECORD, data={"file-00.gz": SECRET.encode()}))
    assert (caught.value.code, len(api.of("POST"))) == (code, 1)
    assert time.monotonic() - began < 1.0
    assert SECRET not in repr(caught.value) + caught.value.message + repr(RECORD)


def test_too_much_is_refused_in_words(records: RunRecords) -> None:
    with pytest.raises(ApiRefused, match="Invalid"):
        records.create(replace(RECORD, data={"file-00.gz": b"x" * (1 << 20), "journal.gz": b"1"}))


def test_a_slow_server_does_not_hold_the_run_up(api: SecretsApi, records: RunRecords) -> None:
    api.delay = PATIENCE + 3
    began = time.monotonic()
    with pytest.raises(Unreachable, match="did not answer in time"):
        records.create(RECORD)
    assert time.monotonic() - began < PATIENCE + 1


def test_a_cut_answer_is_an_error_in_words(api: SecretsApi, records: RunRecords) -> None:
    api.lose = 1
    with pytest.raises(ClusterError):
        records.create(RECORD)


@pytest.mark.parametrize("broken", [{"data": {"journal.gz": "?"}}, {"metadata": {"labels": {}}}])
def test_a_secret_that_somebody_changed_is_no_record(
    api: SecretsApi, records: RunRecords, broken: dict[str, dict[str, object]]
) -> None:
    records.create(RECORD)
    (item,) = api.secrets.values()
    for part, changed in broken.items():
        item[part] |= changed
    if "data" in broken:
        item["data"]["journal.gz"] = "abc"
    with pytest.raises(ClusterError, match="is no record of a run"):
        records.read("tyk", RECORD.run)
