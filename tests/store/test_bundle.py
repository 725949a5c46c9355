"""Bundles: whole or not there, checked by digest, kept inside their folder, found by the beginning of their id."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.store.bundle import (
    INDEX,
    BundleFile,
    BundleInfo,
    contents,
    damaged_bundles,
    find_bundle,
    list_bundles,
    read_bundle,
    verify,
    write_bundle,
)

VALUES = BundleFile("values/01-values.yaml", b"a: 1\r\n\xff", "/home/me/values.yaml", 0o640)
MANIFEST = BundleFile("release/manifest.yaml", b"kind: Pod\n")


def write(store: Path, *files: BundleFile, **changed: Any) -> BundleInfo:
    given: dict[str, Any] = {
        "bundle_id": "20261123-200435-1a2b3c",
        "namespace": "apis",
        "release": "tyk",
        "time": "2026-11-23T20:04:35Z",
        "files": list(files or (VALUES, MANIFEST)),
        "facts": {"revision": 3},
    }
    return write_bundle(store, **{**given, **changed})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bundles"


def test_a_bundle_keeps_every_byte_and_where_it_came_from(store: Path) -> None:
    info = write(store)
    again = read_bundle(info.path)
    assert again == info
    assert contents(again, VALUES.name) == VALUES.data
    assert again.facts == {"revision": 3}
    (origin,) = again.origins()
    assert (origin["origin"], origin["mode"]) == ("/home/me/values.yaml", "0640")


def test_folders_and_files_are_only_the_owners(store: Path) -> None:
    write(store)
    for path in (store, *store.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_damaged_file_is_found(store: Path) -> None:
    info = write(store)
    path = info.path / VALUES.name
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))
    with pytest.raises(TykUpgradeError, match=r"values\.yaml is damaged: its digest"):
        verify(info)
    assert contents(info, MANIFEST.name) == MANIFEST.data


def test_a_missing_file_is_found(store: Path) -> None:
    info = write(store)
    (info.path / MANIFEST.name).unlink()
    with pytest.raises(NotFound, match=r"bundle file .*manifest\.yaml does not exist"):
        verify(info)


def test_the_same_id_is_not_written_over(store: Path) -> None:
    write(store)
    with pytest.raises(TykUpgradeError, match="exists already"):
        write(store, MANIFEST)
    assert len(list_bundles(store)[0].files) == 2


def test_a_bundle_that_fails_half_way_is_not_listed_and_not_left(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, count = os.fsync, iter(range(100))

    def full(descriptor: int) -> None:
        if next(count) == 2:  # the first file and its folder are there
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TykUpgradeError, match="No space left") as caught:
        write(store)
    assert "--bundle-dir" in caught.value.hint
    assert list_bundles(store) == []
    assert [path for path in store.rglob("*") if path.is_file()] == []


def test_a_bundle_of_a_killed_run_is_never_listed(store: Path) -> None:
    info = write(store)
    half = info.path.with_name(f".{info.id}x.building")
    info.path.rename(half)
    assert list_bundles(store) == []
    with pytest.raises(NotFound):
        find_bundle(store, info.id)


@pytest.mark.parametrize("name", ["../outside", "values/../../outside", "/outside", "", "."])
def test_a_name_that_leads_outside_is_not_written(store: Path, name: str) -> None:
    with pytest.raises(TykUpgradeError, match="no name for a file in a bundle"):
        write(store, BundleFile(name, b"x"))
    assert [path for path in store.rglob("*") if path.is_file()] == []


def test_a_name_that_leads_outside_is_not_read(store: Path) -> None:
    info = write(store)
    (store / "outside").write_text("x")
    index = json.loads((info.path / INDEX).read_text())
    index["files"][0]["name"] = "../../../outside"
    (info.path / INDEX).write_text(json.dumps(index))
    with pytest.raises(NotFound, match="has no file"):
        verify(read_bundle(info.path))


def test_a_bundle_is_found_by_the_beginning_of_its_id(store: Path) -> None:
    write(store, bundle_id="20261122-000000-aaaaaa")
    write(store, bundle_id="20261123-000000-bbbbbb")
    assert find_bundle(store, "20261123").id == "20261123-000000-bbbbbb"
    assert find_bundle(store, "20261122-000000-aaaaaa").id == "20261122-000000-aaaaaa"


@pytest.mark.parametrize(("wanted", "words"), [("2026", "several bundles are"), ("2025", "no bundle is")])
def test_an_id_that_is_not_one_bundle_names_the_newest(store: Path, wanted: str, words: str) -> None:
    write(store, bundle_id="20261122-000000-aaaaaa")
    write(store, bundle_id="20261123-000000-bbbbbb")
    with pytest.raises(NotFound, match=words) as caught:
        find_bundle(store, wanted)
    assert caught.value.hint.endswith("20261123-000000-bbbbbb, 20261122-000000-aaaaaa")


def test_bundles_are_listed_newest_first_of_one_release_where_given(store: Path) -> None:
    for number, (namespace, release) in enumerate((("apis", "tyk"), ("apis", "other"), ("b", "tyk"))):
        write(store, bundle_id=f"2026112{number}", namespace=namespace, release=release)
    assert [info.id for info in list_bundles(store)] == ["20261122", "20261121", "20261120"]
    assert [info.id for info in list_bundles(store, "apis", "tyk")] == ["20261120"]
    assert list_bundles(store / "absent") == []


@pytest.mark.parametrize("index", ["{", "[]", '{"kind": "Run"}', '{"kind": "Bundle"}'])
def test_a_damaged_index_hides_no_other_bundle_and_is_told(store: Path, index: str) -> None:
    broken, whole = write(store, bundle_id="20261122"), write(store, bundle_id="20261123")
    (broken.path / INDEX).write_text(index)
    assert list_bundles(store) == [whole]
    assert find_bundle(store, "2026") == whole
    (damage,) = damaged_bundles(store)
    assert "20261122/bundle.json is damaged" in damage


def test_a_store_that_cannot_be_made_is_said() -> None:
    with pytest.raises(TykUpgradeError, match="cannot make the folder /dev/null/bundles"):
        write(Path("/dev/null/bundles"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_store_is_said(store: Path) -> None:
    store.mkdir()
    store.chmod(0o500)
    with pytest.raises(TykUpgradeError, match="Permission denied"):
        write(store)


def test_no_data_is_in_the_text_of_a_bundle_file() -> None:
    assert "c4n4ry" not in repr(BundleFile("values/01-values.yaml", b"password: c4n4ry"))


def test_an_imported_bundle_is_found_only_by_its_whole_id_and_hides_no_other(store: Path) -> None:
    write(store, bundle_id="20261123-1")
    write(store, bundle_id="20261123-12", facts={"revision": 3, "imported": True})
    for words, found in (
        ("2026", "20261123-1"),
        ("20261123-1", "20261123-1"),
        ("20261123-12", "20261123-12"),
    ):
        assert find_bundle(store, words).id == found
