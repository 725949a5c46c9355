"""What a rollback says and refuses before it begins."""

from __future__ import annotations

import argparse
import io
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from helm_tyk_upgrade.errors import ClusterError, Exit, NotFound
from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.targets.release import ReleaseTarget
from helm_tyk_upgrade.verbs.rollback import _refused, add_arguments
from tests.applying.build import RELEASE, Scene, scene, stored_answer
from tests.checks.build import baseline


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
