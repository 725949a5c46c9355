"""Looks at one gateway again and again, until enough is known or the time is up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.gateway.hello import read_hello, read_ready
from helm_tyk_upgrade.gateway.http import Asking, Loopback
from helm_tyk_upgrade.gateway.readings import healthy
from helm_tyk_upgrade.model.gateway import GatewaySpec, Hello, NoHello, Reading, Readings, Ready


class Trouble(Protocol):
    """Why the way to the pod failed, as the tunnel's owner knows it. kind `port-refused`: the pod itself
    refused."""

    @property
    def kind(self) -> str: ...
    @property
    def message(self) -> str: ...


@dataclass(frozen=True)
class Pace:
    """consecutive: how many fresh good readings in a row prove health; interval and deadline in seconds."""

    consecutive: int = 1
    interval: float = 1.0
    deadline: float = 120.0


def probe(
    base_url: str,
    spec: GatewaySpec,
    planned: str,
    *,
    pace: Pace,
    clock: Clock,
    trouble: Callable[[], Trouble | None] = lambda: None,
) -> Readings:
    """watch_health() of a gateway at the end of a tunnel. One that wants a client certificate is not asked."""
    if spec.mutual_tls:
        return Readings((), decided=True)
    with Loopback(base_url) as gateway:
        return watch_health(gateway, spec, planned, pace=pace, clock=clock, trouble=trouble)


def watch_health(
    gateway: Asking,
    spec: GatewaySpec,
    planned: str,
    *,
    pace: Pace,
    clock: Clock,
    trouble: Callable[[], Trouble | None],
) -> Readings:
    """Read the health path until `pace.consecutive` fresh readings in a row pass and the pod is ready, or
    another version than the planned one answers ("" when unknown), or the deadline. Never raises for the
    network."""
    start = clock.monotonic()
    readings: list[Reading] = []
    ready: Ready | NoHello | None = None
    while True:
        readings.append(_look(gateway, spec, clock, trouble))
        decided = _wrong_version(readings[-1], planned)
        if decided or healthy(readings, pace.consecutive):
            ready = read_ready(gateway, spec.readiness_path)
            decided = decided or not isinstance(ready, Ready) or ready.ready or not ready.exists
        passed = clock.monotonic() - start
        if decided or passed + pace.interval > pace.deadline:
            return Readings(tuple(readings), ready, decided, passed)
        clock.sleep(pace.interval)


def _look(gateway: Asking, spec: GatewaySpec, clock: Clock, trouble: Callable[[], Trouble | None]) -> Reading:
    at = clock.now()
    answer = read_hello(gateway, spec.health_path)
    problem = (
        trouble() if isinstance(answer, NoHello) and answer.kind in ("lost", "slow", "refused") else None
    )
    if problem is None:
        return Reading(at, answer)
    if problem.kind == "port-refused":
        return Reading(at, NoHello("refused", problem.message))
    return Reading(at, answer, tunnel=problem.message)


def _wrong_version(reading: Reading, planned: str) -> bool:
    return (
        bool(planned)
        and isinstance(reading.answer, Hello)
        and reading.answer.version != planned.removeprefix("v")
    )
