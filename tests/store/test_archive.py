"""Bundles as one file: the same bytes for the same bundle, whole or refused."""

from __future__ import annotations

import gzip
import io
import json
import stat
import tarfile
from pathlib import Path

import pytest

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.store import archive
from helm_tyk_upgrade.store.archive import export_bundle, import_bundle
from helm_tyk_upgrade.store.bundle import INDEX, BundleInfo, contents, list_bundles
from tests.store.test_bundle import MANIFEST, VALUES, write


@pytest.fixture
def info(tmp_path: Path) -> BundleInfo:
    return write(tmp_path / "bundles")


def packed(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size, member.type = len(data), kind
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(tar.getvalue())


def test_an_exported_bundle_comes_back_byte_for_byte_and_says_that_it_was_imported(
    info: BundleInfo, tmp_path: Path
) -> None:
    export_bundle(info, tmp_path / "b.tgz")
    again = import_bundle(tmp_path / "elsewhere", tmp_path / "b.tgz")
    assert (again.id, again.files, again.facts) == (info.id, info.files, {**info.facts, "imported": True})
    assert contents(again, VALUES.name) == VALUES.data
    assert list_bundles(tmp_path / "elsewhere") == [again]
    for path in (tmp_path / "elsewhere", *(tmp_path / "elsewhere").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_same_bundle_is_the_same_file_for_its_owner_only(info: BundleInfo, tmp_path: Path) -> None:
    first, second = tmp_path / "a.tgz", tmp_path / "b.tgz"
    assert export_bundle(info, first) == export_bundle(info, second)
    assert first.read_bytes() == second.read_bytes()
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_never_written_over(info: BundleInfo, tmp_path: Path) -> None:
    (tmp_path / "b.tgz").write_text("mine")
    with pytest.raises(TykUpgradeError, match="exists already"):
        export_bundle(info, tmp_path / "b.tgz")
    assert (tmp_path / "b.tgz").read_text() == "mine"


def test_a_damaged_bundle_is_not_exported(info: BundleInfo, tmp_path: Path) -> None:
    (info.path / MANIFEST.name).write_bytes(b"kind: Job\n")
    with pytest.raises(TykUpgradeError, match="is damaged"):
        export_bundle(info, tmp_path / "b.tgz")
    assert not (tmp_path / "b.tgz").exists()


def test_a_bundle_that_is_there_is_not_imported_over(info: BundleInfo, tmp_path: Path) -> None:
    export_bundle(info, tmp_path / "b.tgz")
    with pytest.raises(TykUpgradeError, match="exists already"):
        import_bundle(tmp_path / "bundles", tmp_path / "b.tgz")
    assert contents(info, VALUES.name) == VALUES.data


def index(info: BundleInfo, **changed: object) -> bytes:
    return json.dumps({**json.loads((info.path / INDEX).read_bytes()), **changed}).encode()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../outside", "leaves the bundle"),
        ("/etc/outside", "leaves the bundle"),
        ("b/../../outside", "leaves the bundle"),
        ("outside", "leaves the bundle"),
        ("other/outside", "top folders"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(
    info: BundleInfo, tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / "b.tgz").write_bytes(packed((f"b/{INDEX}", index(info)), (name, b"x")))
    with pytest.raises(TykUpgradeError, match=words):
        import_bundle(tmp_path / "store", tmp_path / "b.tgz")
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


def test_a_sparse_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    member = tarfile.TarInfo("b/hole")
    member.type = tarfile.GNUTYPE_SPARSE
    head = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    head[483:495] = b"77777777777\0"  # 8 GiB, of which nothing is stored
    head[148:156] = b"        "
    head[148:156] = b"%06o\0 " % sum(head)
    (tmp_path / "b.tgz").write_bytes(gzip.compress(bytes(head) + bytes(1024)))
    with pytest.raises(TykUpgradeError, match="b/hole is a sparse file"):
        import_bundle(tmp_path / "store", tmp_path / "b.tgz")


def test_files_that_are_too_much_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    (tmp_path / "b.tgz").write_bytes(packed(*((f"b/{number}", b"x" * 300) for number in range(4))))
    with pytest.raises(TykUpgradeError, match="more than 1000 bytes of files"):
        import_bundle(tmp_path / "store", tmp_path / "b.tgz")


def test_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b.tgz").write_bytes(packed(("b/link", b""), kind=tarfile.SYMTYPE))
    with pytest.raises(TykUpgradeError, match="a link or a device"):
        import_bundle(tmp_path / "store", tmp_path / "b.tgz")


@pytest.mark.parametrize(
    "changed",
    [
        {"namespace": "../.."},
        {"release": "a/b"},
        {"id": ".."},
        {"id": 5},
        {"files": []},
        {"files": [{"name": "a"}]},
        {"kind": "Run"},
        {"facts": {}},
        {"facts": {"revision": "3"}},
        {"facts": [3]},
    ],
)
def test_an_index_that_lies_is_refused_and_leaves_nothing(
    info: BundleInfo, tmp_path: Path, changed: dict[str, object]
) -> None:
    files = [(f"{info.id}/{file.name}", file.data) for file in (VALUES, MANIFEST)]
    (tmp_path / "b.tgz").write_bytes(packed((f"{info.id}/{INDEX}", index(info, **changed)), *files))
    with pytest.raises(TykUpgradeError):
        import_bundle(tmp_path / "store", tmp_path / "b.tgz")
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("data", [b"", b"PK", gzip.compress(b"no tar at all" * 100)])
def test_what_is_no_archive_is_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "b.tgz").write_bytes(data)
    with pytest.raises(TykUpgradeError, match=r"no bundle|refused"):
        import_bundle(tmp_path / "store", tmp_path / "b.tgz")
