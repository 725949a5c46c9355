"""kill -9 of the tool at every line of its journal: `resume` and, separately, `rollback` come to the end state of a run
that nobody disturbed."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from typing import Any

import pytest

from helm_tyk_upgrade.applying.machine import BACK, FORWARD
from tests.conftest import CHOSEN_BINARY
from tests.faults.end_state import differences, end_state
from tests.live.conftest import NewSite
from tests.live.harness import FAST, Site

BEFORE_BACKUP = ("lock:begin", "lock:end", "baseline:begin", "baseline:end", "backup:begin")
MOMENTS = (
    *(
        f"{step}:{event}"
        for step in FORWARD
        if step not in ("post_apis", "soak")
        for event in ("begin", "end")
    ),
    "upgrade:begin+0.3",
    "upgrade:begin+0.6",
    "upgrade:begin+0.9",
    "watch:begin+2",
)
FIRST_AND_LAST = ("lock:begin", "unlock:end")
"""Of the run's own lines; tried in every run."""
MOMENTS_BACK = (
    *(f"{step}:{event}" for step in BACK if step != "restore_apis" for event in ("begin", "end")),
    "rollback:begin+0.2",
    "rollback:begin+0.5",
)
SHARE, SHARE_BACK = 5, 2
"""Of the moments so many are tried in a normal run, others each time; all of them with --full."""
UP = ("upgrade", "--yes", *FAST, "--version", "4.0.0", "--gateway-version", "5.13.1")
DOOMED = (*UP[:-1], "5.13.99")
"""There is no such image."""


def chosen() -> tuple[str, ...]:
    between = tuple(moment for moment in MOMENTS if moment not in FIRST_AND_LAST)
    drawn = {*FIRST_AND_LAST, *share_of(between, SHARE)}
    return tuple(moment for moment in MOMENTS if moment in drawn)


def share_of(moments: tuple[str, ...], number: int) -> tuple[str, ...]:
    if "TYK_UPGRADE_FULL" in os.environ:
        return moments
    seed = os.environ.get("TYK_UPGRADE_SEED") or os.environ.get("PYTEST_XDIST_TESTRUNUID") or CHOSEN_BINARY
    return tuple(sorted(random.Random(seed).sample(moments, number), key=moments.index))


@dataclass(frozen=True)
class Known:
    """The end states of undisturbed runs."""

    site: Site
    before: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(scope="module")
def known(new_site: NewSite) -> Known:
    site = new_site("killed")
    site.install("4.0.0", site.world.values(tag="v5.9.1"))
    values = site.file.read_bytes()
    done = site.run(*UP)
    assert done.code == 0, done
    after = end_state(site)
    back = site.run("rollback", "--yes", *FAST)
    assert back.code == 0, back
    assert site.file.read_bytes() == values
    return Known(site, end_state(site), after)


@pytest.fixture
def fresh(known: Known) -> Known:
    """As before every run, whatever the last test left."""
    site = known.site
    if end_state(site) != known.before:
        site.world.helm("uninstall", "tyk", "-n", site.namespace, "--wait")
        site.install("4.0.0", site.world.values(tag="v5.9.1"))
    return known


@pytest.mark.parametrize("moment", chosen())
def test_resume_comes_to_the_end_of_an_undisturbed_run(fresh: Known, moment: str) -> None:
    site = fresh.site
    killed = site.run(moment, *UP, module="tests.faults.killed")
    assert killed.code == -9, killed
    resumed = site.run("resume", "--yes")
    if moment in BEFORE_BACKUP:
        assert (resumed.code, "it has changed nothing" in resumed.err) == (1, True), resumed
        resumed = site.run(*UP)
    assert resumed.code == 0, resumed
    assert differences(end_state(site), fresh.after) == []
    again = site.run("resume", "--yes")
    assert again.code == 1, again


@pytest.mark.parametrize("moment", [moment for moment in chosen() if moment not in BEFORE_BACKUP])
def test_rollback_comes_to_the_state_before_the_run(fresh: Known, moment: str) -> None:
    site = fresh.site
    killed = site.run(moment, *UP, module="tests.faults.killed")
    assert killed.code == -9, killed
    back = site.run("rollback", "--yes", *FAST)
    assert back.code == 0, back
    assert differences(end_state(site), fresh.before) == []


@pytest.mark.parametrize("moment", share_of(MOMENTS_BACK, SHARE_BACK))
def test_resume_of_an_upgrade_on_its_way_back_comes_to_the_state_before(fresh: Known, moment: str) -> None:
    site = fresh.site
    killed = site.run(moment, *DOOMED, module="tests.faults.killed")
    assert killed.code == -9, killed
    resumed = site.run("resume", "--yes")
    assert resumed.code == 4, resumed
    assert differences(end_state(site), fresh.before) == []
