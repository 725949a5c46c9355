"""Verdicts on what a gateway answers: health, version, Redis, readiness. Pure."""

from __future__ import annotations

from helm_tyk_upgrade.gateway.evidence import Expected, Observed
from helm_tyk_upgrade.gateway.readings import fresh, healthy
from helm_tyk_upgrade.model.gateway import Hello, NoHello
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.secrets import printable
from helm_tyk_upgrade.model.verdict import Verdict, failed, not_applicable, passed, unknown
from helm_tyk_upgrade.model.version import compare, is_version

_READY_SINCE = "5.8.3"


def health_endpoint(observed: Observed, expected: Expected) -> Verdict:
    check = "health-endpoint"
    silent = _silence(check, observed)
    if silent is not None:
        return silent
    if healthy(observed.readings.readings, expected.consecutive):
        return passed(
            check, f"{observed.spec.health_path} says pass, from a fresh look", *_evidence(observed)
        )
    last = _hellos(observed)[-1]
    if last.status == "fail":
        return failed(
            check,
            f"{observed.spec.health_path} says fail: {last.output or 'no reason given'}",
            *_evidence(observed),
            hint="see the gateway's log",
        )
    if last.status == "warn":
        return unknown(check, "the gateway says warn: one of its other services fails", *_evidence(observed))
    return unknown(
        check,
        "the gateway did not look at its Redis again in time",
        *_evidence(observed),
        hint="give the proof more time with --proof-timeout",
    )


def gateway_version(observed: Observed, expected: Expected) -> Verdict:
    check = "gateway-version"
    running = {hello.version for hello in _hellos(observed)}
    if isinstance(expected.version, Unknown):
        return _by_digest(check, observed, expected, expected.version.reason)
    planned = expected.version.value.removeprefix("v")
    if not running:
        return _silence(check, observed) or unknown(check, "no answer told a version")
    if running == {planned}:
        return passed(check, f"{planned} answers")
    return failed(
        check,
        f"{', '.join(sorted(running))} answers, planned was {planned}",
        f"image {printable(observed.spec.image)}",
        hint="a floating tag or an image kept on the node may be older than its name",
    )


def _by_digest(check: str, observed: Observed, expected: Expected, reason: str) -> Verdict:
    if expected.digest and observed.digest:
        if expected.digest == observed.digest:
            return passed(check, "the planned image runs", observed.digest)
        return failed(
            check, "another image than the planned one runs", f"planned {expected.digest}", observed.digest
        )
    return unknown(check, f"the planned version is not known: {reason}", hint="give it with --expect-version")


def redis_connected(observed: Observed, expected: Expected) -> Verdict:
    check = "redis-connected"
    silent = _silence(check, observed)
    if silent is not None:
        return silent
    looks = fresh(observed.readings.readings)[-expected.consecutive :]
    if not looks:
        return unknown(
            check,
            "the gateway did not report on its Redis again in time",
            hint="it looks every 10 s unless TYK_GW_LIVENESSCHECK_CHECKDURATION says otherwise",
        )
    last = looks[-1]
    if last.redis == "fail":
        return failed(
            check, f"Redis: {last.output or 'fails'}", f"looked at {last.redis_time}", hint=_REDIS_HINT
        )
    if len(looks) < expected.consecutive or any(look.redis != "pass" for look in looks):
        return unknown(
            check, f"not yet {expected.consecutive} good looks in a row", f"looked at {last.redis_time}"
        )
    return passed(check, "connected", f"looked at {last.redis_time}")


_REDIS_HINT = "check the Redis settings of the new values, and that Redis runs"


def ready_endpoint(observed: Observed, expected: Expected) -> Verdict:
    check, ready, path = "ready-endpoint", observed.readings.ready, observed.spec.readiness_path
    if ready is None:
        return _silence(check, observed) or unknown(
            check, f"{path} was not asked: the health proof was not reached"
        )
    if isinstance(ready, NoHello):
        return unknown(check, f"{path}: {ready.reason}")
    if not ready.exists:
        version = next((hello.version for hello in _hellos(observed)), "")
        if is_version(version) and compare(version, _READY_SINCE) >= 0:
            return unknown(check, f"{path} answers 404, though {version} has such a path")
        return not_applicable(
            check, f"{version or 'this version'} has no {path}; it came with {_READY_SINCE}"
        )
    if ready.ready:
        return passed(check, f"{path} says ready")
    return failed(
        check, f"{path} answers {ready.status_code}: {ready.message}", hint="APIs may still be loading"
    )


def _hellos(observed: Observed) -> list[Hello]:
    readings = observed.readings.readings
    return [item.answer for item in readings if isinstance(item.answer, Hello) and not item.tunnel]


def _silence(check: str, observed: Observed) -> Verdict | None:
    """The verdict when the gateway never answered as one; None when it did."""
    if observed.spec.mutual_tls:
        return unknown(
            check, "the control port asks for a client certificate, which cannot be shown from here"
        )
    readings = observed.readings.readings
    if _hellos(observed):
        return None
    if not readings:
        return unknown(check, "the gateway was not asked")
    own = [item.answer for item in readings if isinstance(item.answer, NoHello) and not item.tunnel]
    if not own:
        return unknown(check, f"no way to the pod: {readings[-1].tunnel}")
    last = own[-1]
    where = f"{observed.spec.health_path} on port {observed.spec.probe_port}"
    if last.kind in ("lost", "certificate") or observed.spec.unread:
        guess = f"; assumed defaults for {', '.join(observed.spec.unread)}" if observed.spec.unread else ""
        return unknown(check, f"{where}: {last.reason}{guess}")
    return failed(check, f"{where}: {last.reason}", hint="see the gateway's log")


def _evidence(observed: Observed) -> tuple[str, ...]:
    last = _hellos(observed)[-1]
    looked = f", Redis {last.redis} at {last.redis_time}" if last.redis_time else f", Redis {last.redis}"
    return (f"{observed.pod}: HTTP {last.status_code} {last.status}, version {last.version}{looked}",)
