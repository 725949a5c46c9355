"""Files written in one step, with everything about them kept."""

from __future__ import annotations

import os
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from helm_tyk_upgrade.edge.clock import Clock, stamp
from helm_tyk_upgrade.edge.files import (
    Replacement,
    private_folder,
    read_file,
    replace_files,
    sha256,
    write_atomic,
)
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError

AS_ROOT = os.geteuid() == 0


def test_bytes_are_kept_exactly(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    data = b"\xef\xbb\xbfa: 1\r\nb: \xff\n\n"
    write_atomic(path, data)
    read = read_file(path, what="values file")
    assert (read.data, read.digest, read.mode) == (data, sha256(data), 0o600)


def test_the_mode_of_an_existing_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_atomic(path, b"new", mode=0o600)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o640)


def test_a_link_stays_and_its_target_changes(tmp_path: Path) -> None:
    target = tmp_path / "real" / "values.yaml"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link = tmp_path / "values.yaml"
    link.symlink_to(target)
    write_atomic(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(b"theirs")
    with pytest.raises(TykUpgradeError, match="changed since"):
        write_atomic(path, b"ours", expected_digest=sha256(b"what we read"))
    assert path.read_bytes() == b"theirs"
    write_atomic(path, b"ours", expected_digest=sha256(b"theirs"))
    assert path.read_bytes() == b"ours"


def test_a_file_that_changes_while_it_is_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(b"read")
    monkeypatch.setattr(os, "fsync", lambda _: path.write_bytes(b"theirs"))
    with pytest.raises(TykUpgradeError, match="changed since"):
        write_atomic(path, b"ours", expected_digest=sha256(b"read"))
    assert [item.read_bytes() for item in tmp_path.iterdir()] == [b"theirs"]


def test_of_several_files_none_is_written_where_one_has_changed(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"1")
    two.write_bytes(b"theirs")
    with pytest.raises(TykUpgradeError, match=r"two changed since"):
        replace_files([Replacement(one, b"1", b"new"), Replacement(two, b"2", b"new")])
    assert (one.read_bytes(), two.read_bytes()) == (b"1", b"theirs")


def test_files_written_before_the_one_that_fails_are_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for path in (one, two):
        path.write_bytes(b"old")
    real = os.replace

    def refuse(source: str, target: Path) -> None:
        if target.name == "two":
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(TykUpgradeError, match="No space left") as caught:
        replace_files([Replacement(one, b"old", b"new"), Replacement(two, b"old", b"new")])
    assert "were put back" in caught.value.hint
    assert (one.read_bytes(), two.read_bytes()) == (b"old", b"old")


def test_several_files_are_written(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for path in (one, two):
        path.write_bytes(b"old")
    replace_files([Replacement(one, b"old", b"1"), Replacement(two, b"old", b"2")])
    assert (one.read_bytes(), two.read_bytes()) == (b"1", b"2")


def test_a_file_that_went_away_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(TykUpgradeError, match="cannot be read again"):
        write_atomic(tmp_path / "gone", b"ours", expected_digest=sha256(b"x"))
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(TykUpgradeError, match="No space left") as caught:
        write_atomic(path, b"new")
    assert "untouched" in caught.value.hint
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["values.yaml"]


def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    import threading

    path = tmp_path / "values.yaml"
    contents = (b"a" * 100_000, b"b" * 200_000)
    write_atomic(path, contents[0])
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for content in contents:
                write_atomic(path, content)

    writer = threading.Thread(target=write)
    writer.start()
    seen = {path.read_bytes() for _ in range(200)}
    stop.set()
    writer.join()
    assert seen <= set(contents)


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_a_read_only_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(b"old")
    path.chmod(0o400)
    with pytest.raises(TykUpgradeError):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="values file"):
        read_file(tmp_path / "none", what="values file")
    with pytest.raises(TykUpgradeError, match="is a folder"):
        read_file(tmp_path, what="values file")
    (tmp_path / "large").write_bytes(b"x" * 11)
    with pytest.raises(TykUpgradeError, match="larger than"):
        read_file(tmp_path / "large", what="values file", limit=10)


def test_a_private_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) & 0o077 == 0
    folder.chmod(0o755)
    assert stat.S_IMODE(private_folder(folder).stat().st_mode) == 0o755, (
        "an existing one is the user's business"
    )
    (tmp_path / "file").write_text("x")
    with pytest.raises(TykUpgradeError, match="cannot make the folder"):
        private_folder(tmp_path / "file" / "below")


def test_stamps_are_in_utc() -> None:
    zone = timezone(timedelta(hours=2))
    assert stamp(datetime(2026, 11, 23, 22, 4, 35, 999, tzinfo=zone)) == "2026-11-23T20:04:35Z"
    assert Clock().now().tzinfo is timezone.utc


def test_the_clock_sleeps() -> None:
    clock = Clock()
    before = clock.monotonic()
    clock.sleep(0.02)
    assert clock.monotonic() - before >= 0.02
