"""The health and readiness answers of a gateway. Parsing is pure; reading is one request.

Shapes: https://tyk.io/docs/planning-for-production/ensure-high-availability/health-check; some versions
answer 503 while Redis is down (5.8.3, 5.8.6 to 5.8.12, 5.9.0), all others 200: the body decides, never the
code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.gateway.http import Answer, Asking
from helm_tyk_upgrade.model.gateway import Hello, NoHello, Ready, RedisState
from helm_tyk_upgrade.model.secrets import printable

_STATES = ("pass", "warn", "fail")
_LONGEST = 300


def read_hello(gateway: Asking, path: str) -> Hello | NoHello:
    """Ask the health path once."""
    answer = gateway.request("GET", path)
    return answer if isinstance(answer, NoHello) else parse_hello(answer)


def read_ready(gateway: Asking, path: str) -> Ready | NoHello:
    """Ask the readiness path once; gateways older than 5.8.3 have none."""
    answer = gateway.request("GET", path)
    return answer if isinstance(answer, NoHello) else parse_ready(answer)


def parse_hello(answer: Answer) -> Hello | NoHello:
    """Anything but a gateway's health document is a NoHello of kind `strange`: an API on this path, a login
    page."""
    document = _document(answer)
    if (
        document is None
        or document.get("status") not in _STATES
        or not isinstance(document.get("version"), str)
    ):
        return NoHello("strange", _strange(answer), answer.status)
    details = document.get("details")
    redis = details.get("redis") if isinstance(details, dict) else None
    redis = redis if isinstance(redis, dict) else {}
    return Hello(
        status_code=answer.status,
        status=str(document["status"]),
        version=_words(document["version"]).removeprefix("v"),
        redis=_redis(redis),
        redis_time=_words(redis.get("time")),
        output=_words(redis.get("output") or document.get("output")),
        description=_words(document.get("description")),
    )


def parse_ready(answer: Answer) -> Ready | NoHello:
    """404 means that this gateway has no such path. 503 is its own no."""
    if answer.status == 404:
        return Ready(404, exists=False, ready=False)
    document = _document(answer)
    if document is None or "status" not in document:
        return NoHello("strange", _strange(answer), answer.status)
    message = _words(document.get("message") or document.get("description"))
    return Ready(answer.status, True, answer.status == 200 and document["status"] == "pass", message)


def _document(answer: Answer) -> Mapping[str, Any] | None:
    if answer.cut:
        return None
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _redis(redis: Mapping[str, Any]) -> RedisState:
    if not redis:
        return "absent"
    return "pass" if redis.get("status") == "pass" else "fail"


def _strange(answer: Answer) -> str:
    kind = printable(answer.content_type.partition(";")[0].strip())[:50] or "no type"
    size = f"more than {len(answer.body)}" if answer.cut else str(len(answer.body))
    return f"HTTP {answer.status} with {size} bytes of {kind}, not a gateway's health document"


def _words(value: object) -> str:
    return printable(value)[:_LONGEST] if isinstance(value, str) else ""
