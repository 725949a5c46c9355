"""Which bundle a rollback goes back to."""

from __future__ import annotations

import argparse
import io
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from helm_tyk_upgrade.errors import ClusterError, Exit, NotFound, UsageError
from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.targets.release import ReleaseTarget
from helm_tyk_upgrade.verbs.rollback import _bundle, _refused, add_arguments
from tests.applying.build import RELEASE, Scene, scene, stored_answer
from tests.checks.build import baseline
from tests.store.test_bundle import write


def test_the_newest_bundle_from_before_the_present_revision_is_taken(tmp_path: Path) -> None:
    for day, revision in ((20, 1), (21, 2), (22, 3)):  # the last one was made by `backup` after the upgrade
        write(tmp_path, bundle_id=f"202611{day}", facts={"revision": revision})
    write(tmp_path, bundle_id="20261123", release="other", facts={"revision": 1})
    assert RELEASE.revision == 3
    assert _bundle(tmp_path, RELEASE, "").id == "20261121"


def test_what_was_cut_off_is_undone_first(tmp_path: Path) -> None:
    """It may have written values files before Helm made a revision."""
    write(tmp_path, bundle_id="20261120", facts={"revision": 1, "command": "upgrade"})
    write(tmp_path, bundle_id="20261121", facts={"revision": RELEASE.revision, "command": "upgrade"})
    assert _bundle(tmp_path, RELEASE, "").id == "20261120"
    assert _bundle(tmp_path, RELEASE, "", frozenset({"20261121"})).id == "20261121"


def test_the_bundle_of_a_rollback_is_gone_back_to_only_by_name(tmp_path: Path) -> None:
    write(tmp_path, bundle_id="20261120", facts={"revision": 1, "command": "upgrade"})
    write(tmp_path, bundle_id="20261121", facts={"revision": 2, "command": "rollback"})
    assert _bundle(tmp_path, RELEASE, "").id == "20261120"
    assert _bundle(tmp_path, RELEASE, "20261121").id == "20261121"


def refused(here: Scene, *words: str) -> int | None:
    here.helm.answers["get"] = stored_answer()
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return _refused(parser.parse_args(list(words)), here.context, RELEASE)


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    return scene(tmp_path, back=True)


def holding(monkeypatch: pytest.MonkeyPatch, found: Baseline | Exception) -> None:
    def read(self: ReleaseTarget, manifest: str) -> Baseline:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(ReleaseTarget, "read_baseline", read)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), Exit.BLOCKED, "Nothing was changed. Give --restore-apis"),
        (("--policy", "apis-in-emptydir=warn"), None, "API a1 orders"),
        (("--policy", "apis-in-emptydir=ignore"), None, ""),
        (("--restore-apis",), None, ""),
    ],
)
def test_definitions_in_an_emptydir_are_lost_only_knowingly(
    here: Scene, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int | None, said: str
) -> None:
    holding(monkeypatch, replace(baseline().value, emptydir_apis=True))
    assert refused(here, *words) == code
    text = cast(io.StringIO, here.context.streams.stderr).getvalue()
    assert said in text
    assert bool(said) == bool(text)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (baseline().value, ""),
        (NotFound("no gateway"), ""),
        (ClusterError("no connection"), "apis-in-emptydir is unknown: no connection"),
    ],
)
def test_a_broken_release_can_be_left(
    here: Scene, monkeypatch: pytest.MonkeyPatch, found: Baseline | Exception, said: str
) -> None:
    holding(monkeypatch, found)
    assert refused(here) is None
    assert said in cast(io.StringIO, here.context.streams.stderr).getvalue()


def test_a_named_bundle_is_taken_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, bundle_id="20261120", facts={"revision": 1})
    write(tmp_path, bundle_id="20261121", facts={"revision": 2})
    assert _bundle(tmp_path, RELEASE, "20261120").facts["revision"] == 1


def test_a_bundle_of_another_release_is_refused(tmp_path: Path) -> None:
    write(tmp_path, bundle_id="20261120", release="other")
    with pytest.raises(UsageError, match="one of apis/other, not of apis/tyk"):
        _bundle(tmp_path, RELEASE, "2026")


@pytest.mark.parametrize("revisions", [[], [3], [3, 4]])
def test_without_one_from_before_helms_own_rollback_is_named(tmp_path: Path, revisions: list[int]) -> None:
    for revision in revisions:
        write(tmp_path, bundle_id=f"2026112{revision}", facts={"revision": revision})
    with pytest.raises(NotFound, match="no bundle of apis/tyk from before revision 3") as caught:
        _bundle(tmp_path, RELEASE, "")
    assert "helm rollback tyk -n apis" in caught.value.hint
