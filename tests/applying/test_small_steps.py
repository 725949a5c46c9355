"""Lock, meter, backup: what they find and how they say it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.run import done, failed, unknown
from helm_tyk_upgrade.applying.steps import backup, baseline, meter_off, meter_on, unlock
from helm_tyk_upgrade.gateway.availability import Availability
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.store.journal import RESUMED
from helm_tyk_upgrade.targets.metering import PROXY
from tests.applying.build import Scene, plan, scene
from tests.checks.build import baseline as known_baseline


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    return scene(tmp_path)


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
        (
            counted("https://api", 100, 7),
            StepStatus.DONE,
            "7 of 100 requests lost (HTTP 503 7), longest gap 1.5 s, answered in 10 ms, 99 % within 200 ms",
        ),
        (counted(PROXY, 100, 7), StepStatus.DONE, "7 of 100 requests lost"),
        (counted(PROXY, 100, 0), StepStatus.UNKNOWN, "what clients lost is not known"),
        (counted("https://api", 0, 0), StepStatus.UNKNOWN, "no request reached the gateway"),
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


def resumed(here: Scene) -> None:
    """The process that ran the meter was killed, and the run went on."""
    here.run.journal.append(Entry(1, "meter_on", "end", "t", done("10 requests a second from the test")))
    here.run.journal.append(Entry(2, "", RESUMED, "2026-11-23T21:00:00Z"))


def test_after_a_resume_only_the_rest_was_counted(here: Scene) -> None:
    resumed(here)
    here.target.counted = counted("https://api", 100, 7)
    result = meter_off.do(here.run)
    assert result.status is StepStatus.UNKNOWN
    assert "counted only since the run was resumed at 2026-11-23T21:00:00Z" in result.reason
    assert result.fact("since") == "2026-11-23T21:00:00Z"


def test_after_a_resume_without_a_meter_the_count_is_lost(here: Scene) -> None:
    resumed(here)
    result = meter_off.do(here.run)
    assert result.status is StepStatus.UNKNOWN
    assert "the count ended where the run was cut off" in result.reason


CLIENT = "https://api"
ZERO, SHARE, GAP = RunSettings(max_lost=0), RunSettings(max_lost_percent=5.0), RunSettings(max_gap=1.0)


@pytest.mark.parametrize(
    ("allowed", "found", "status", "words"),
    [
        (ZERO, counted(CLIENT, 100, 0), StepStatus.DONE, "0 of 100"),
        (ZERO, counted(CLIENT, 100, 1), StepStatus.FAILED, "1 requests lost, 0 allowed"),
        (SHARE, counted(CLIENT, 100, 5), StepStatus.DONE, "5 of 100"),
        (SHARE, counted(CLIENT, 100, 6), StepStatus.FAILED, "6 % of the requests lost, 5 % allowed"),
        (GAP, counted(CLIENT, 100, 1), StepStatus.FAILED, "1.5 s without an answer, 1 s allowed"),
        (RunSettings(max_gap=1.5), counted(CLIENT, 100, 1), StepStatus.DONE, "1 of 100"),
        (ZERO, counted(PROXY, 100, 1), StepStatus.FAILED, "1 requests lost, 0 allowed"),
        (ZERO, counted(PROXY, 100, 0), StepStatus.UNKNOWN, "0 allowed, but what clients lost is not known"),
        (ZERO, counted(CLIENT, 0, 0), StepStatus.UNKNOWN, "0 allowed, but so nothing is known"),
        (ZERO, None, StepStatus.UNKNOWN, "nothing is known of the budget"),
    ],
)
def test_a_budget_fails_by_what_was_seen_and_passes_by_nothing_less(
    tmp_path: Path, allowed: RunSettings, found: Availability | None, status: StepStatus, words: str
) -> None:
    here = scene(tmp_path, settings=allowed)
    here.target.counted = found
    result = meter_off.do(here.run)
    assert result.status is status, result.reason
    assert words in result.reason
    if found is not None and status is StepStatus.FAILED:
        assert [one["status"] for one in result.fact("budget")] == ["fail"]
    here.run.journal.append(Entry(1, "meter_off", "end", "t", result))


def test_trouble_on_the_way_is_no_loss_and_no_success(here: Scene) -> None:
    here.target.counted = replace(counted(CLIENT, 90, 0), not_asked=(("the proxy does not answer", 10),))
    result = meter_off.do(here.run)
    assert result.status is StepStatus.UNKNOWN
    assert "0 of 90 requests lost" in result.reason
    assert "10 more never reached the gateway (the proxy does not answer)" in result.reason


def test_a_budget_without_a_clients_view_is_told_before_anything_changes(tmp_path: Path) -> None:
    here = scene(tmp_path, settings=ZERO)
    here.target.vantage = PROXY
    assert "--probe-url" in meter_on.do(here.run).reason
    here.target.vantage = CLIENT
    assert "--probe-url" not in meter_on.do(here.run).reason


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
