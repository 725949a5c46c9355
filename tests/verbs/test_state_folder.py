"""A pipeline without a home that can be written."""

from __future__ import annotations

import io
import stat
from pathlib import Path

from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.verbs.state_folder import use_writable


def context(**env: str) -> Context:
    return Context(env, Streams(io.StringIO(), io.StringIO(), io.StringIO()))


def test_a_home_that_cannot_be_written_gives_way_to_a_private_folder(tmp_path: Path) -> None:
    here, blocked = context(), tmp_path / "file"
    blocked.write_text("")
    here.state_folder = blocked / "tyk-upgrade"
    note = use_writable(here)
    assert str(blocked) in note
    assert str(here.state_folder) in note
    assert stat.S_IMODE(here.state_folder.stat().st_mode) == 0o700
    assert here.runs_folder.parent == here.bundle_folder().parent == here.state_folder
    here.state_folder.rmdir()


def test_a_home_that_can_be_written_is_used(tmp_path: Path) -> None:
    here = context()
    here.state_folder = tmp_path / "state"
    assert use_writable(here) == ""
    assert here.state_folder == tmp_path / "state"


def test_a_folder_that_was_named_is_never_replaced(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    here = context(TYK_UPGRADE_STATE_DIR=str(blocked / "state"))
    assert use_writable(here) == ""
    assert here.state_folder == blocked / "state"
