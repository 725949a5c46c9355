"""What observations of one pod prove, question by question."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from helm_tyk_upgrade.gateway.readings import fresh, healthy
from helm_tyk_upgrade.gateway.verdict import Expected, Observed, prove
from helm_tyk_upgrade.model.gateway import (
    ApiDefinition,
    GatewaySpec,
    Hello,
    Inventory,
    NoHello,
    Policy,
    Reading,
    Readings,
    Ready,
)
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Status, Verdict
from tests.gateway.test_loglines import NEW, OLD, POLICIES, REDIS, RFC

PASS, FAIL, UNKNOWN, NONE = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE
T0 = datetime(2026, 11, 23, 20, 0, tzinfo=timezone.utc)
SPEC = GatewaySpec("gateway-tyk-gateway", "tyk-gateway:v5.13.1", "v5.13.1", "5.13.1")
TUNNEL = "the connection to the API server was lost"


def hello(redis: str = "pass", looked: int | None = 0, **changes: Any) -> Hello:
    """looked: the second of the gateway's look at its Redis, None for none yet."""
    status = "fail" if redis == "fail" else "pass"
    time = "" if looked is None else f"2026-11-23T20:00:{looked:02}Z"
    found = Hello(200, status, "5.13.1", "absent" if looked is None else redis, time)  # type: ignore[arg-type]
    return replace(found, **changes)


def readings(*answers: Hello | NoHello | str, ready: Ready | NoHello | None = None) -> Readings:
    """A text is trouble with the tunnel."""
    found = tuple(
        Reading(T0 + timedelta(seconds=at), NoHello("lost", "lost"), tunnel=answer)
        if isinstance(answer, str)
        else Reading(T0 + timedelta(seconds=at), answer)
        for at, answer in enumerate(answers)
    )
    return Readings(found, ready)


READY = Ready(200, True, True)
WELL = readings(hello(looked=None), hello(looked=10), ready=READY)
INVENTORY = Inventory((ApiDefinition("a", "First", "classic", {}),), (Policy("p", "Gold", {}),))
EXPECTED = Expected(Known("5.13.1"), signatures=Known(frozenset()), inventory=Known(INVENTORY))
OBSERVED = Observed("pod-1", SPEC, WELL, log=Known(RFC), inventory=Known(INVENTORY))


def verdict(check: str, observed: Observed = OBSERVED, expected: Expected = EXPECTED) -> Verdict:
    [found] = [item for item in prove(observed, expected) if item.check == check]
    return found


def seen(*answers: Hello | NoHello | str, ready: Ready | NoHello | None = None) -> Observed:
    return replace(OBSERVED, readings=readings(*answers, ready=ready))


def test_a_healthy_pod_passes_every_question() -> None:
    found = prove(OBSERVED, EXPECTED)
    assert [item.check for item in found] == [
        "health-endpoint",
        "gateway-version",
        "redis-connected",
        "ready-endpoint",
        "startup-log",
        "log-errors",
        "restarts",
        "apis-kept",
        "policies-kept",
    ]
    assert {item.status for item in found} == {PASS}
    assert all(item.reason for item in found)


class TestFreshReadings:
    @pytest.mark.parametrize(
        ("answers", "looks"),
        [
            ([hello(looked=None), hello(looked=10)], 1),
            ([hello(looked=3)], 0),
            ([hello(looked=3), hello(looked=3)], 0),
            ([hello(looked=3), hello(looked=13)], 1),
            ([hello(looked=3), hello(looked=13), hello(looked=13), hello(looked=23)], 2),
            ([hello(looked=3), TUNNEL, hello(looked=13)], 1),
            ([NoHello("refused", ""), hello(looked=3)], 0),
            ([NoHello("refused", ""), hello(looked=None), hello(looked=3)], 1),
        ],
    )
    def test_only_a_look_made_after_the_first_question_counts(self, answers: list[Any], looks: int) -> None:
        assert len(fresh(readings(*answers).readings)) == looks

    @pytest.mark.parametrize(
        ("answers", "consecutive", "well"),
        [
            ([hello(looked=None), hello(looked=10)], 1, True),
            ([hello(looked=None), hello(looked=10)], 2, False),
            ([hello(looked=None), hello(looked=10), hello(looked=20)], 2, True),
            ([hello(looked=None), hello("fail", 10), hello(looked=20)], 2, False),
            ([hello(looked=None), hello("fail", 10), hello(looked=20)], 1, True),
            ([hello(looked=None), hello(looked=10), hello("fail", 20)], 1, False),
            ([hello(looked=None), hello(looked=10), NoHello("slow", "")], 1, False),
            ([], 1, False),
        ],
    )
    def test_health_needs_as_many_good_looks_in_a_row(
        self, answers: list[Any], consecutive: int, well: bool
    ) -> None:
        assert healthy(readings(*answers).readings, consecutive) is well


@pytest.mark.parametrize(
    ("observed", "health", "redis"),
    [
        (OBSERVED, PASS, PASS),
        (seen(hello(looked=None), hello("fail", 10)), FAIL, FAIL),
        (seen(hello(looked=None), hello("fail", 10, status_code=503)), FAIL, FAIL),
        (seen(hello(looked=3), hello(looked=3)), UNKNOWN, UNKNOWN),
        (seen(hello(looked=None), hello(looked=None)), UNKNOWN, UNKNOWN),
        (seen(TUNNEL, TUNNEL), UNKNOWN, UNKNOWN),
        (seen(NoHello("refused", "nothing listens on the port")), FAIL, FAIL),
        (seen(NoHello("slow", "no answer")), FAIL, FAIL),
        (seen(NoHello("strange", "HTML")), FAIL, FAIL),
        (seen(NoHello("lost", "cut")), UNKNOWN, UNKNOWN),
        (seen(NoHello("certificate", "wanted")), UNKNOWN, UNKNOWN),
        (seen(TUNNEL, NoHello("refused", "x")), FAIL, FAIL),
        (seen(), UNKNOWN, UNKNOWN),
        (seen(hello(looked=None), hello(looked=10, status="warn")), UNKNOWN, PASS),
        (replace(OBSERVED, readings=readings(), spec=replace(SPEC, mutual_tls=True)), UNKNOWN, UNKNOWN),
        (
            replace(seen(NoHello("strange", "x")), spec=replace(SPEC, unread=("TYK_GW_LISTENPORT",))),
            UNKNOWN,
            UNKNOWN,
        ),
    ],
)
def test_health_and_redis(observed: Observed, health: Status, redis: Status) -> None:
    assert verdict("health-endpoint", observed).status is health
    assert verdict("redis-connected", observed).status is redis


@pytest.mark.parametrize(
    ("expected", "observed", "status"),
    [
        (Expected(Known("5.13.1")), OBSERVED, PASS),
        (Expected(Known("v5.13.1")), OBSERVED, PASS),
        (Expected(Known("5.14.0")), OBSERVED, FAIL),
        (Expected(Known("5.13.1")), seen(hello(looked=None), hello(version="5.8.1")), FAIL),
        (Expected(Known("5.13.1")), seen(TUNNEL), UNKNOWN),
        (Expected(Unknown("a company tag")), OBSERVED, UNKNOWN),
        (Expected(Unknown("x"), digest="sha256:a"), replace(OBSERVED, digest="sha256:a"), PASS),
        (Expected(Unknown("x"), digest="sha256:a"), replace(OBSERVED, digest="sha256:b"), FAIL),
        (Expected(Unknown("x"), digest="sha256:a"), OBSERVED, UNKNOWN),
        (
            Expected(Known("5.13.1")),
            replace(OBSERVED, readings=readings(), spec=replace(SPEC, mutual_tls=True)),
            UNKNOWN,
        ),
    ],
)
def test_version(expected: Expected, observed: Observed, status: Status) -> None:
    found = verdict("gateway-version", observed, expected)
    assert found.status is status
    assert status is PASS or found.reason


@pytest.mark.parametrize(
    ("ready", "version", "status"),
    [
        (READY, "5.13.1", PASS),
        (Ready(503, True, False, "Redis connection not available"), "5.13.1", FAIL),
        (Ready(404, False, False), "5.8.1", NONE),
        (Ready(404, False, False), "5.8.3", UNKNOWN),
        (Ready(404, False, False), "5.13.1", UNKNOWN),
        (Ready(404, False, False), "company", NONE),
        (NoHello("strange", "HTML"), "5.13.1", UNKNOWN),
        (None, "5.13.1", UNKNOWN),
    ],
)
def test_readiness(ready: Ready | NoHello | None, version: str, status: Status) -> None:
    observed = seen(hello(looked=None, version=version), hello(looked=10, version=version), ready=ready)
    assert verdict("ready-endpoint", observed).status is status


@pytest.mark.parametrize(
    ("log", "level", "planned", "status"),
    [
        (Known(RFC), "info", Known("5.13.1"), PASS),
        (Known(RFC), "info", Known("v5.13.1"), PASS),
        (Known(OLD), "info", Known("5.13.1"), FAIL),
        (Known(OLD + "\n" + RFC), "info", Known("5.13.1"), FAIL),
        (Known(NEW), "info", Known("5.14.0"), PASS),
        (Known("nothing"), "info", Known("5.13.1"), UNKNOWN),
        (Known("nothing"), "error", Known("5.13.1"), NONE),
        (Known(RFC), "info", Unknown("a company tag"), UNKNOWN),
        (Unknown("403"), "info", Known("5.13.1"), UNKNOWN),
    ],
)
def test_the_start_up_log(log: Any, level: str, planned: Any, status: Status) -> None:
    observed = replace(OBSERVED, log=log, spec=replace(SPEC, log_level=level))
    assert verdict("startup-log", observed, replace(EXPECTED, version=planned)).status is status


USUAL = "error: Redis health check failed (storage: Redis is either down or was not configured)"


@pytest.mark.parametrize(
    ("log", "before", "status"),
    [
        (Known(RFC), Known(frozenset()), PASS),
        (Known(POLICIES), Known(frozenset()), PASS),
        (Known(REDIS), Known(frozenset({USUAL})), PASS),
        (Known(REDIS), Known(frozenset()), FAIL),
        (Known(REDIS), Unknown("no baseline"), UNKNOWN),
        (Known(RFC), Unknown("no baseline"), PASS),
        (Unknown("403"), Known(frozenset()), UNKNOWN),
    ],
)
def test_new_errors(log: Any, before: Any, status: Status) -> None:
    found = verdict("log-errors", replace(OBSERVED, log=log), replace(EXPECTED, signatures=before))
    assert found.status is status
    if status is FAIL:
        assert "Redis cannot be reached" in found.reason
        assert found.evidence == (REDIS,)


def test_many_new_errors_are_shortened_and_made_printable() -> None:
    log = "\n".join(f'level=error msg="{word}\x1b[2J"' for word in ("a", "b", "c", "d", "e", "f", "g"))
    found = verdict("log-errors", replace(OBSERVED, log=Known(log)))
    assert len(found.evidence) == 6
    assert found.evidence[-1] == "and 2 more"
    assert not any("\x1b" in line for line in found.evidence)


@pytest.mark.parametrize(
    ("count", "usual", "status"), [(0, 0, PASS), (2, 0, FAIL), (2, 2, PASS), (3, 2, FAIL)]
)
def test_restarts(count: int, usual: int, status: Status) -> None:
    found = verdict("restarts", replace(OBSERVED, restarts=count), replace(EXPECTED, restarts=usual))
    assert found.status is status


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (Known(INVENTORY), Known(INVENTORY), PASS),
        (Known(Inventory()), Known(INVENTORY), PASS),
        (Known(Inventory()), Known(Inventory()), PASS),
        (Known(INVENTORY), Known(Inventory()), FAIL),
        (Known(INVENTORY), Unknown("403"), UNKNOWN),
        (Unknown("403"), Known(INVENTORY), UNKNOWN),
    ],
)
@pytest.mark.parametrize("check", ["apis-kept", "policies-kept"])
def test_what_was_loaded_is_still_there(check: str, before: Any, after: Any, status: Status) -> None:
    found = verdict(check, replace(OBSERVED, inventory=after), replace(EXPECTED, inventory=before))
    assert found.status is status
    if status is FAIL:
        assert found.evidence in (("a First",), ("p Gold",))
        assert "--restore-apis" in found.hint
