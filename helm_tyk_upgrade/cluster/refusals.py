"""What the API server's refusals mean, in words and as a class the callers can ask. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.errors import ClusterError, NotFound, TykUpgradeError
from helm_tyk_upgrade.model.secrets import printable

LONGEST = 1000
"""Characters of a server's message that are kept: admission webhooks may answer with whole documents."""


class ApiRefused(ClusterError):
    """The API server answered with an error. code: HTTP status; reason: the Status reason (`Invalid`,
    `Forbidden`, `Conflict`, ...; empty where a proxy answered); causes: `field: message` lines of a rejected
    object."""

    def __init__(
        self, message: str, hint: str, *, code: int, reason: str, causes: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, hint)
        self.code = code
        self.reason = reason
        self.causes = causes


class Unreachable(ClusterError):
    """No answer came: no connection, a bad certificate, or too slow."""


_HINTS = {
    401: "log in to the cluster again; `kubectl auth whoami` shows who you are",
    403: "ask for this right, or use an identity that has it",
    409: "the object changed meanwhile; run the command again",
    410: "the list is too old; run the command again",
    429: "the API server is busy; try again in a minute",
}


def status_of(body: bytes) -> dict[str, Any]:
    """The Kubernetes Status in an error body, {} where it is something else (a proxy's HTML page)."""
    try:
        status = json.loads(body)
    except ValueError:
        return {}
    return status if isinstance(status, dict) and status.get("kind") == "Status" else {}


def refusal(code: int, body: bytes, what: str) -> TykUpgradeError:
    """The error for an HTTP status of 400 or more. `what` is the call, `GET pods tyk/gateway-1`.

    404 gives NotFound, everything else ApiRefused.
    """
    status = status_of(body)
    message = printable(str(status.get("message") or _words(body)))[:LONGEST]
    text = f"{what}: {message or f'HTTP {code}'}"
    if code == 404:
        return NotFound(text, "check the name, the namespace and the context")
    hint = _HINTS.get(code, "the API server has a problem; try again" if code >= 500 else "")
    return ApiRefused(
        text, hint, code=code, reason=str(status.get("reason") or ""), causes=tuple(_causes(status))
    )


def _causes(status: Mapping[str, Any]) -> list[str]:
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return [
        printable(f"{cause.get('field', '')}: {cause.get('message', '')}")[:LONGEST]
        for cause in causes or ()
        if isinstance(cause, dict)
    ]


def _words(body: bytes) -> str:
    """What a proxy says, where it is a sentence: neither a page nor a document."""
    text = body[:LONGEST].decode("utf-8", "replace").strip()
    return "" if text.startswith(("<", "{", "[")) else text
