"""What `resume` refuses where the lock cannot be asked for."""

from __future__ import annotations

import argparse
import io
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from helm_tyk_upgrade.applying import locking
from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.planning import elsewhere
from helm_tyk_upgrade.planning.elsewhere import Recorded
from helm_tyk_upgrade.planning.resuming import Found
from helm_tyk_upgrade.targets.release import ReleaseTarget
from helm_tyk_upgrade.verbs.resume import _take_lock
from tests.applying.build import RELEASE, Scene, scene
from tests.planning.test_moved import HEADER, LINES, RUN, kept, record

HERE = Found(HEADER, LINES, kept(), "upgrade")
THERE = replace(HERE, record=record(kept()))
OWN, OTHER = Recorded(HEADER, False, "7", ""), Recorded(replace(HEADER, run="20261124"), False, "8", "")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(locking, "take_lock", lambda *given: Unknown("leases is forbidden"))
    return scene(tmp_path)


def take(here: Scene, found: Found, run: str) -> None:
    args = argparse.Namespace(run=run, lock_wait=0.0)
    _take_lock(ReleaseTarget(here.context, RELEASE), found, args, here.context)


@pytest.mark.parametrize(
    ("found", "listed", "open_run"),
    [
        (HERE, Known((OWN,)), ""),
        (HERE, Known((OWN, replace(OTHER, ended=True))), ""),
        (HERE, Unknown("secrets is forbidden"), ""),
        (HERE, Known((OWN, OTHER)), "20261124"),
        (THERE, Known((OWN,)), RUN),
        (THERE, Unknown("secrets is forbidden"), RUN),
    ],
)
def test_without_a_lock_an_open_record_is_gone_on_with_only_by_name(
    here: Scene,
    monkeypatch: pytest.MonkeyPatch,
    found: Found,
    listed: Maybe[tuple[Recorded, ...]],
    open_run: str,
) -> None:
    monkeypatch.setattr(elsewhere, "recorded", lambda context, release: listed)
    if open_run:
        with pytest.raises(UsageError, match=f"may still be at run {open_run} of apis/tyk") as caught:
            take(here, found, "")
        assert f"resume {RUN}" in caught.value.hint
    else:
        take(here, found, "")
    take(here, found, RUN)
    said = cast(io.StringIO, here.context.streams.stderr).getvalue()
    assert "No lock in the cluster: leases is forbidden" in said
