"""The probe against a small gateway whose clock we hold."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.gateway.probe import Pace, probe
from helm_tyk_upgrade.model.gateway import GatewaySpec, Hello, NoHello

SPEC = GatewaySpec("gw", "tyk-gateway:v5.13.1", "v5.13.1", "5.13.1")


class FakeClock(Clock):
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 20, tzinfo=timezone.utc) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class FakeGateway:
    """Looks at its Redis every 10 s of the clock, from second 10 on; `redis` says how it is at a second."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.redis: Callable[[float], bool] = lambda second: True
        self.ready: Callable[[float], tuple[int, Any]] = lambda second: (200, {"status": "pass"})
        self.asked: list[str] = []

    def answer(self, path: str) -> tuple[int, Any]:
        self.asked.append(path)
        if path == "/ready":
            return self.ready(self.clock.seconds)
        if path != "/hello":
            return 404, {}
        look = self.clock.seconds // 10 * 10
        if look < 10:
            return 200, {"status": "pass", "version": "5.13.1"}
        status = "pass" if self.redis(look) else "fail"
        redis = {"status": status, "time": f"T{look}"}
        return 200, {"status": status, "version": "5.13.1", "details": {"redis": redis}}


@dataclass
class Set:
    clock: FakeClock
    gateway: FakeGateway
    url: str

    def probe(self, planned: str = "5.13.1", **options: Any) -> Any:
        pace = Pace(**({"deadline": 60.0} | options.pop("pace", {})))
        return probe(self.url, options.pop("spec", SPEC), planned, pace=pace, clock=self.clock, **options)


@pytest.fixture
def world() -> Iterator[Set]:
    clock = FakeClock()
    gateway = FakeGateway(clock)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, body = gateway.answer(self.path)
            data = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Set(clock, gateway, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


def test_a_new_pod_is_proven_at_its_first_look(world: Set) -> None:
    found = world.probe()
    assert found.decided
    assert world.clock.seconds == pytest.approx(10)
    assert found.ready.ready


def test_a_pod_that_runs_already_is_proven_at_the_next_look(world: Set) -> None:
    world.clock.seconds = 14.0
    assert world.probe().decided
    assert world.clock.seconds == pytest.approx(20)


def test_more_consecutive_looks_take_longer(world: Set) -> None:
    assert world.probe(pace={"consecutive": 3}).decided
    assert world.clock.seconds == pytest.approx(30)


def test_a_redis_that_died_behind_a_stale_pass_is_not_missed(world: Set) -> None:
    world.clock.seconds = 14.0
    world.gateway.redis = lambda second: second < 15
    found = world.probe()
    assert not found.decided
    last = found.readings[-1].answer
    assert isinstance(last, Hello)
    assert last.status == "fail"


def test_a_redis_that_comes_back_in_time_is_proven(world: Set) -> None:
    world.gateway.redis = lambda second: second >= 30
    assert world.probe().decided
    assert world.clock.seconds == pytest.approx(30)


def test_it_waits_for_readiness(world: Set) -> None:
    world.gateway.ready = lambda second: (
        (200, {"status": "pass"}) if second >= 25 else (503, {"status": "error"})
    )
    found = world.probe()
    assert found.decided
    assert world.clock.seconds == pytest.approx(25)


def test_a_gateway_without_readiness_is_not_waited_for(world: Set) -> None:
    world.gateway.ready = lambda second: (404, {})
    assert world.probe().decided
    assert world.clock.seconds == pytest.approx(10)


def test_another_version_ends_it_at_once(world: Set) -> None:
    found = world.probe("5.14.0")
    assert found.decided
    assert len(found.readings) == 1


def test_an_unknown_version_does_not(world: Set) -> None:
    assert world.probe("").decided
    assert world.clock.seconds == pytest.approx(10)


def test_the_deadline_ends_it_undecided(world: Set) -> None:
    world.gateway.redis = lambda second: False
    found = world.probe(pace={"deadline": 25.0})
    assert not found.decided
    assert found.seconds <= 25


def test_a_client_certificate_is_not_shown_and_nothing_asked(world: Set) -> None:
    found = world.probe(spec=GatewaySpec("gw", "i", mutual_tls=True))
    assert found.readings == ()
    assert world.gateway.asked == []


@dataclass(frozen=True)
class Trouble:
    kind: str
    message: str


def test_a_broken_tunnel_is_told_apart_from_a_gateway_that_does_not_listen(world: Set) -> None:
    world.url = "http://127.0.0.1:9"
    lost = world.probe(pace={"deadline": 1.0}, trouble=lambda: Trouble("api-lost", "the API server is away"))
    assert lost.readings[0].tunnel == "the API server is away"
    refused = world.probe(pace={"deadline": 1.0}, trouble=lambda: Trouble("port-refused", "nothing listens"))
    assert refused.readings[0].tunnel == ""
    assert refused.readings[0].answer == NoHello("refused", "nothing listens")
