"""An answer that came through the API server's proxy: the application's own, or the API server's excuse.
Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helm_tyk_upgrade.cluster.refusals import status_of
from helm_tyk_upgrade.model.secrets import printable


@dataclass(frozen=True)
class Proxied:
    """status and body are the application's where `answered`, else the API server's, and `reason` tells in
    its words why there was no answer (`Forbidden: ...`, `ServiceUnavailable: ... connection refused`)."""

    status: int
    body: bytes = field(repr=False)
    answered: bool
    reason: str = ""


def parse(code: int, headers: Mapping[str, str], body: bytes) -> Proxied:
    """The API server marks its own errors with a Status object; an application may answer any code itself.
    Unreachable pods give `no endpoints available` and `error trying to reach service`, also as plain text."""
    status = status_of(body) if code >= 400 else {}
    if status:
        return Proxied(
            code, body, False, printable(f"{status.get('reason', '')}: {status.get('message', '')}")[:500]
        )
    if code in (502, 503) and body.startswith(b"error trying to reach service"):
        return Proxied(code, body, False, printable(body.decode("utf-8", "replace"))[:500])
    return Proxied(code, body, True)
