"""Which release is meant: none, one, several, a legacy chart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helm_tyk_upgrade.errors import NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.planning.release import find_release
from helm_tyk_upgrade.planning.way_back import newest_good
from tests.applying.build import Scene, scene
from tests.checks.build import revision


def metadata(name: str, chart: str) -> bytes:
    found = {"name": name, "namespace": "apis", "revision": 3, "status": "deployed", "chart": chart}
    return json.dumps(found).encode()


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    return scene(tmp_path)


def listed(here: Scene, **charts: str) -> None:
    items = [
        {"name": name, "namespace": "apis", "revision": "3", "status": "deployed", "chart": chart}
        for name, chart in charts.items()
    ]
    here.helm.answers["list"] = json.dumps(items).encode()


def test_the_only_tyk_release_is_meant(here: Scene) -> None:
    listed(here, redis="redis-20.1.0", tyk="tyk-oss-2.2.0")
    here.helm.answers["get"] = metadata("tyk", "tyk-oss")
    assert find_release(here.context.helm, "apis", "").name == "tyk"


def test_a_named_release_is_not_searched_for(here: Scene) -> None:
    here.helm.answers["get"] = metadata("mine", "umbrella")
    assert find_release(here.context.helm, "apis", "mine").chart == "umbrella"


def test_several_are_named_to_choose_from(here: Scene) -> None:
    listed(here, one="tyk-oss-2.2.0", two="tyk-gateway-3.0.0")
    with pytest.raises(UsageError, match=r"one \(tyk-oss 2.2.0\), two \(tyk-gateway 3.0.0\)"):
        find_release(here.context.helm, "apis", "")


@pytest.mark.parametrize(("charts", "there"), [({}, "none"), ({"redis": "redis-20.1.0"}, "redis (redis)")])
def test_none_says_what_is_there(here: Scene, charts: dict[str, str], there: str) -> None:
    listed(here, **charts)
    with pytest.raises(NotFound, match="namespace apis has no release of a Tyk chart") as caught:
        find_release(here.context.helm, "apis", "")
    assert there in caught.value.hint


@pytest.mark.parametrize(
    ("chart", "successor"),
    [("tyk-headless", "tyk-oss"), ("tyk-pro", "tyk-stack"), ("tyk-hybrid", "tyk-data-plane")],
)
def test_a_legacy_chart_is_refused_with_its_successor(here: Scene, chart: str, successor: str) -> None:
    here.helm.answers["get"] = metadata("tyk", chart)
    with pytest.raises(TykUpgradeError, match=f"cannot become {successor}"):
        find_release(here.context.helm, "apis", "tyk")


@pytest.mark.parametrize(
    ("history", "goes_to"),
    [
        ((), 0),
        (((1, "failed"), (2, "pending-upgrade")), 0),
        (((1, "superseded"), (2, "superseded"), (3, "deployed")), 3),
        (((1, "superseded"), (2, "deployed"), (3, "failed")), 2),
        (((1, "superseded"), (2, "failed"), (3, "failed")), 1),
        (((1, "uninstalled"),), 0),
    ],
)
def test_a_rollback_goes_to_the_newest_revision_that_worked(
    history: tuple[tuple[int, str], ...], goes_to: int
) -> None:
    assert newest_good(tuple(revision(number, status) for number, status in history)) == goes_to
