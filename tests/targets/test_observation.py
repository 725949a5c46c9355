"""One look at a rollout: what is missing, what is doomed, and what was broken before."""

from __future__ import annotations

from helm_tyk_upgrade.model.pods import Evidence
from helm_tyk_upgrade.targets.observation import Observation
from tests.applying.build import doom, look, pod

DENIED = Evidence("terminal", "admission-denied", "", None, "denied by policy")
WAITING = Evidence("waiting", "unschedulable", "a", None, "0/3 nodes")


def test_nothing_to_watch_is_complete() -> None:
    assert Observation((), ()).complete
    assert Observation((), ()).summary == "0 workloads complete"


def test_only_terminal_evidence_dooms() -> None:
    assert look(pod("a"), evidence=(WAITING,)).doom == ""
    assert look(pod("a"), evidence=(doom("a"),)).doom == "a: image-not-found: manifest unknown"
    assert look(pod("a"), evidence=(DENIED,)).doom == "the workload: admission-denied: denied by policy"


def test_the_summary_says_what_is_missing_and_why() -> None:
    found = look(pod("a"), evidence=(WAITING,))
    assert found.summary == (
        "Deployment apis/gateway: 0 of 1 new pods are ready; a: unschedulable: 0/3 nodes"
    )


def test_pods_that_were_doomed_before_say_nothing_of_the_change() -> None:
    before = look(pod("a", "u1"), evidence=(doom("a"),))
    assert before.doom_since(before) == ""
    after = look(pod("a", "u1"), pod("b", "u2"), generation=2, evidence=(doom("a"), doom("b")))
    assert after.doom_since(before) == "b: image-not-found: manifest unknown"


def test_a_pod_of_the_same_name_is_told_apart_by_its_uid() -> None:
    before = look(pod("gateway-0", "u1"))
    after = look(pod("gateway-0", "u2"), evidence=(doom("gateway-0"),))
    assert after.doom_since(before) != ""


def test_a_workload_speaks_once_it_has_changed() -> None:
    before = look(pod("a"))
    assert look(pod("a"), evidence=(DENIED,)).doom_since(before) == ""
    assert look(pod("a"), generation=2, evidence=(DENIED,)).doom_since(before) != ""


def test_without_a_look_from_before_nothing_is_called_doomed() -> None:
    assert look(pod("a"), evidence=(doom("a"),)).doom_since(None) == ""


def test_until_the_workload_changes_its_pods_are_the_old_ones() -> None:
    before = look(pod("a"))
    assert look(pod("a")).rows(before) == [("a", "old", "ready", "0", "Running")]
    changed = look(pod("b"), generation=2)
    assert changed.rows(before) == [("b", "new", "ready", "0", "Running")]


def test_rows_are_the_pods_as_they_are() -> None:
    assert look(pod("a"), pod("b", ready=False)).rows() == [
        ("a", "new", "ready", "0", "Running"),
        ("b", "new", "not ready", "0", "Running"),
    ]
