"""Lock, meter, backup: what they find and how they say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.run import done, failed, unknown
from helm_tyk_upgrade.applying.steps import backup, baseline, lock, meter_off, meter_on, unlock
from helm_tyk_upgrade.gateway.availability import Availability
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.targets.metering import PROXY
from tests.applying.build import Scene, plan, scene
from tests.checks.build import baseline as known_baseline


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    return scene(tmp_path)


@pytest.mark.parametrize(
    ("held", "status", "words"),
    [
        (Known(""), StepStatus.DONE, "holds lease tyk-upgrade-tyk"),
        (Known("ann@host (run r-9)"), StepStatus.FAILED, "another run holds the release: ann@host (run r-9)"),
        (Unknown("leases is forbidden"), StepStatus.UNKNOWN, "no lock in the cluster: leases is forbidden"),
    ],
)
def test_the_lock_is_held_foreign_or_not_to_be_had(
    here: Scene, held: Maybe[str], status: StepStatus, words: str
) -> None:
    here.target.held = held
    result = lock.do(here.run)
    assert result.status is status
    assert words in result.reason


@pytest.mark.parametrize(
    ("locked", "status", "calls"),
    [
        (done("held"), StepStatus.DONE, ["unlock"]),
        (unknown("no right"), StepStatus.SKIPPED, []),
        (failed("foreign"), StepStatus.SKIPPED, []),
    ],
)
def test_only_a_lock_that_was_held_is_freed(
    here: Scene, locked: StepResult, status: StepStatus, calls: list[str]
) -> None:
    here.run.journal.append(Entry(1, "lock", "end", "t", locked))
    assert unlock.do(here.run).status is status
    assert here.target.calls == calls


def test_a_lease_that_was_lost_meanwhile_is_told(here: Scene) -> None:
    here.run.journal.append(Entry(1, "lock", "end", "t", done("held")))
    here.target.kept = False
    result = unlock.do(here.run)
    assert result.status is StepStatus.UNKNOWN
    assert "another run took the lease" in result.reason


def counted(vantage: str, sent: int, lost: int) -> Availability:
    return Availability(vantage, sent, lost, 1.5, 0.01, 0.2, (("HTTP 503", lost),) if lost else ())


@pytest.mark.parametrize(
    ("found", "status", "words"),
    [
        (None, StepStatus.SKIPPED, "no meter ran"),
        (counted("https://api", 100, 0), StepStatus.DONE, "0 of 100 requests lost"),
        (counted("https://api", 100, 7), StepStatus.DONE, "7 of 100 requests lost, longest gap 1.5 s"),
        (counted(PROXY, 100, 7), StepStatus.DONE, "7 of 100 requests lost"),
        (counted(PROXY, 100, 0), StepStatus.UNKNOWN, "what clients lost is not known"),
        (counted("https://api", 0, 0), StepStatus.UNKNOWN, "no request was sent"),
    ],
)
def test_no_loss_is_known_only_where_clients_are(
    here: Scene, found: Availability | None, status: StepStatus, words: str
) -> None:
    here.target.counted = found
    result = meter_off.do(here.run)
    assert result.status is status
    assert words in result.reason
    here.run.journal.append(Entry(1, "meter_off", "end", "t", result))  # its facts are JSON values


def test_the_meter_says_from_where_it_counts(here: Scene) -> None:
    assert meter_on.do(here.run).reason == "10 requests a second from the test"


def test_the_baseline_is_recorded_for_the_proof(tmp_path: Path) -> None:
    here = scene(tmp_path, intent=plan(baseline=known_baseline()))
    result = baseline.do(here.run)
    assert result.reason == "1 gateway pods, 5.3.8"
    assert result.fact("apis") == {"a1": "orders"}
    assert result.fact("policies") == {"p1": "gold"}
    assert result.fact("signatures") == []


def test_a_baseline_that_could_not_be_read_is_unknown(here: Scene) -> None:
    result = baseline.do(here.run)
    assert (result.status, result.facts) == (StepStatus.UNKNOWN, ())


def test_a_bundle_that_is_in_place_already_is_not_written_again(here: Scene) -> None:
    there = here.run.bundles / "apis" / "tyk" / here.run.id
    there.mkdir(parents=True)
    result = backup.do(here.run)
    assert (result.status, result.fact("bundle")) == (StepStatus.DONE, str(there))
