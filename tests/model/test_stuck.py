"""Who may free a pending release, from what is seen of it: a table of situations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.stuck import HELMS_TIMEOUT, Pending, advise, duration

GONE = Pending(
    release="tyk",
    namespace="apis",
    revision=4,
    status="pending-upgrade",
    age=Known(3600.0),
    holder=Known(None),
    alive=False,
    moving=Known(()),
    unfinished=Known(()),
    good=3,
)
BUSY = Known(("Deployment apis/gw (0 of 1 new pods are ready)",))
MOVED = Known(("Deployment apis/gw changed while it was watched",))


@pytest.mark.parametrize(
    ("changed", "action", "words"),
    [
        ({}, "free", "nothing has moved, 60 min after it was written"),
        ({"age": Known(31.0)}, "free", "nothing has moved, 31 s after"),
        ({"unfinished": BUSY}, "free", "nothing has moved"),
        ({"age": Known(29.0)}, "wait", "written only 29 s ago"),
        ({"age": Known(60.0), "unfinished": BUSY}, "wait", "a Helm that waits for Deployment apis/gw"),
        ({"age": Known(HELMS_TIMEOUT), "unfinished": BUSY}, "free", "nothing has moved"),
        ({"moving": MOVED}, "wait", "Deployment apis/gw changed"),
        ({"age": Known(864000.0), "moving": MOVED}, "wait", "somebody seems to be at work"),
        ({"alive": True}, "wait", "it is held by ann"),
        ({"alive": True, "run": "r-1"}, "wait", "it is held by ann"),
        ({"working": "r-1"}, "wait", "run r-1 is being carried out on this machine"),
        ({"run": "r-1"}, "resume", "run r-1 of this machine was cut off at it"),
        ({"run": "r-1", "age": Known(1.0), "moving": MOVED}, "resume", "run r-1"),
        ({"owner": Known("Flux HelmRelease tyk")}, "refuse", "Flux HelmRelease tyk owns it"),
        ({"owner": Known("Flux HelmRelease tyk"), "run": "r-1"}, "refuse", "Flux"),
        ({"owner": Unknown("no gateway")}, "free", "nothing has moved"),
        ({"age": Unknown("two clocks disagree")}, "unknown", "how old it is cannot be told: two clocks"),
        (
            {"moving": Unknown("pods is forbidden")},
            "unknown",
            "whether its pods move cannot be told: pods is",
        ),
        ({"holder": Unknown("leases is forbidden")}, "free", "nothing has moved"),
    ],
)
def test_what_is_seen_decides(changed: dict[str, Any], action: str, words: str) -> None:
    advice = advise(replace(GONE, **changed), "ann")
    assert advice.action == action
    assert words in advice.reason


@pytest.mark.parametrize(
    ("changed", "command"),
    [
        ({}, "helm rollback tyk 3 -n apis"),
        ({"status": "pending-rollback", "revision": 9, "good": 7}, "helm rollback tyk 7 -n apis"),
        ({"status": "pending-install", "revision": 1, "good": 0}, "helm rollback tyk 1 -n apis"),
        ({"run": "r-1"}, "helm tyk-upgrade resume r-1"),
        ({"working": "r-1"}, "helm tyk-upgrade runs r-1"),
        ({"alive": True}, ""),
    ],
)
def test_the_way_out_is_a_command_of_helm_or_of_the_run(changed: dict[str, Any], command: str) -> None:
    assert advise(replace(GONE, **changed), "ann").command == command


def test_all_evidence_is_shown_with_what_is_unknown() -> None:
    unknown = replace(GONE, age=Unknown("no clock"), moving=Unknown("no pods"), good=0)
    assert advise(unknown, "leases is forbidden").evidence == (
        "written: unknown (no clock)",
        "lease: leases is forbidden",
        "workloads: unknown (no pods)",
        "last revision that worked: none; helm rollback to 4 keeps what is there",
        "run of this machine: none",
    )
    assert "workloads: nothing moves; all complete" in advise(GONE, "").evidence


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (119.0, "119 s"), (150.0, "2 min"), (7200.0, "2 h"), (2e5, "2 days")]
)
def test_durations_are_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
