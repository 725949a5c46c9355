"""What of a run fits into a Secret, and that another machine gets the run from it as it was."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.store import intents
from helm_tyk_upgrade.store.bundle import BundleFile, contents, find_bundle, verify
from helm_tyk_upgrade.store.journal import ENDED, Journal, create, open_journal
from helm_tyk_upgrade.store.records import (
    FOR_JOURNAL,
    HISTORY,
    LIMIT,
    KeptRecord,
    bundle_data,
    install,
    journal_data,
    notes_of,
    reachable,
    read_record,
)
from tests.store.test_bundle import VALUES, write
from tests.store.test_journal import header

RUN = "20261123-200435-1a2b3c"
EDITED = BundleFile("values/02-prod.yaml", b"b: 2\n", "/home/me/prod.yaml", 0o600)
INTENT = BundleFile(intents.NAME, b"{}")
SECRET = BundleFile("gateway/apis.json", b"canary-of-the-definitions")
KEPT = StepResult(StepStatus.DONE, "bundle", (("bundle", f"/there/bundles/apis/tyk/{RUN}"),))
LINES = (
    Entry(1, "lock", "begin", "2026-11-23T20:04:35Z"),
    Entry(2, "backup", "end", "2026-11-23T20:04:36Z", KEPT, 1.25),
)


def noise(size: int) -> bytes:
    return os.urandom(size)


def packed(folder: Path, *files: BundleFile, **facts: Any) -> dict[str, bytes]:
    edited = {"revision": 3, "edited": {EDITED.origin: "digest"}}
    info = write(folder, *files, facts=edited | facts)
    return {**bundle_data(info), **journal_data(LINES)}


def record_of(data: dict[str, bytes]) -> KeptRecord:
    return read_record(notes_of(header(), LINES, "w"), data)


def names(record: KeptRecord) -> list[str]:
    return [file.name for file in record.files]


def test_a_record_has_what_another_machine_needs_and_no_definitions(tmp_path: Path) -> None:
    files = (SECRET, BundleFile(HISTORY, b"[]"), VALUES, EDITED, INTENT, BundleFile(intents.CHART, b"chart"))
    data = packed(tmp_path, *files)
    record = record_of(data)
    assert names(record) == [HISTORY, EDITED.name, VALUES.name, intents.NAME, intents.CHART]
    assert (record.header, record.entries, record.left_out) == (header(), LINES, ())
    assert record.facts["revision"] == 3
    assert next(file for file in record.files if file.name == VALUES.name) == VALUES
    assert b"canary" not in b"".join(data.values())


@pytest.mark.parametrize(
    ("sizes", "left_out"),
    [
        ({"intent": 200, "chart": 900}, [intents.CHART]),
        ({"intent": 900, "chart": 200}, [intents.NAME]),
        ({"intent": 900, "chart": 900}, [intents.NAME, intents.CHART]),
        ({"values": 900, "intent": 100, "chart": 10}, [VALUES.name]),
    ],
)
def test_what_does_not_fit_is_left_out_and_named(
    tmp_path: Path, sizes: dict[str, int], left_out: list[str]
) -> None:
    size = {name: noise(kib << 10) for name, kib in sizes.items()}
    data = packed(
        tmp_path,
        EDITED,
        replace(VALUES, data=size.get("values", b"a")),
        BundleFile(intents.NAME, size["intent"]),
        BundleFile(intents.CHART, size["chart"]),
    )
    assert list(record_of(data).left_out) == left_out
    assert sum(map(len, data.values())) + FOR_JOURNAL <= LIMIT


def test_a_long_journal_fits_in_what_is_kept_free(tmp_path: Path) -> None:
    """Some 2,000 lines with a proof each."""
    result = StepResult(StepStatus.DONE, "1 of 1 gateway pods answer as planned", (("proof", ["x" * 400]),))
    lines = [Entry(number, "prove", "end", f"{number}", result) for number in range(2000)]
    assert len(journal_data(lines)["journal.gz"]) < FOR_JOURNAL


def test_installed_it_is_a_run_of_this_machine(tmp_path: Path) -> None:
    record = record_of(packed(tmp_path / "there", VALUES, INTENT))
    runs, bundles = tmp_path / "runs", tmp_path / "bundles"
    journal = install(record, runs, bundles)
    info = find_bundle(bundles, RUN)
    verify(info)
    assert contents(info, VALUES.name) == VALUES.data
    assert info.facts["from"] == "the record in the cluster"
    result = open_journal(runs, RUN).entries[1].result
    assert result is not None
    assert result.fact("bundle") == str(info.path)
    journal.append(Entry(3, "", ENDED, "t"))
    assert len(open_journal(runs, RUN).entries) == 3


def test_what_this_machine_knew_gives_way_but_not_its_whole_bundle(tmp_path: Path) -> None:
    record = record_of(packed(tmp_path / "there", VALUES))
    whole = write(tmp_path / "bundles", VALUES, SECRET)
    old = create(tmp_path / "runs", header())
    old.append(LINES[0])
    del old
    journal = install(record, tmp_path / "runs", tmp_path / "bundles")
    assert len(journal.entries) == 2
    assert find_bundle(tmp_path / "bundles", RUN) == whole


def test_a_process_that_is_still_at_it_is_not_disturbed(tmp_path: Path) -> None:
    record = record_of(packed(tmp_path / "there", VALUES))
    working: Journal = create(tmp_path / "runs", header())
    with pytest.raises(TykUpgradeError, match="still being carried out"):
        install(record, tmp_path / "runs", tmp_path / "bundles")
    assert working.entries == ()


def damaged(data: dict[str, bytes], how: str) -> dict[str, bytes]:
    if how == "missing":
        return {name: value for name, value in data.items() if name != "file-00.gz"}
    other = journal_data(())["journal.gz"] if how == "another" else data["file-00.gz"][:-4]
    return {**data, "file-00.gz": other}


@pytest.mark.parametrize("how", ["missing", "another", "cut"])
def test_a_damaged_record_is_not_believed(tmp_path: Path, how: str) -> None:
    data = packed(tmp_path, VALUES)
    with pytest.raises(TykUpgradeError, match="damaged"):
        record_of(damaged(data, how))


@pytest.mark.parametrize("run", ["../x", ".hidden", "a/b", ""])
def test_a_name_that_leaves_its_folder_is_not_believed(tmp_path: Path, run: str) -> None:
    notes = notes_of(replace(header(), run=run), LINES, "w")
    with pytest.raises(TykUpgradeError, match="damaged"):
        read_record(notes, packed(tmp_path, VALUES))


def test_the_notes_say_how_far_it_is() -> None:
    assert notes_of(header(), LINES, "w")["state"] == "open"
    ended = notes_of(header(), (*LINES, Entry(3, "", ENDED, "t")), "w")
    assert (ended["state"], ended["writer"]) == ("ended", "w")


def test_only_files_below_the_present_folder_are_in_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = tmp_path / "work" / "values.yaml", tmp_path / "authorized_keys"
    inside.parent.mkdir()
    for path in (inside, outside):
        path.write_text("")
    (inside.parent / "link.yaml").symlink_to(outside)
    monkeypatch.chdir(inside.parent)
    assert reachable(inside)
    assert not reachable(outside)
    assert not reachable(inside.parent / "link.yaml")
    assert not reachable(inside.parent / "missing.yaml")
