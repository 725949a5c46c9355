"""Following changes: one stream after another, from where the last one ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from helm_tyk_upgrade.cluster.refusals import ApiRefused, Unreachable
from helm_tyk_upgrade.errors import ClusterError

Stream = Callable[[str, Mapping[str, str], float], Iterator[str]]
"""(path, query, seconds without a byte that end it) -> lines of one watch request."""
_PATIENCE = 75.0
"""Seconds of silence after which a stream counts as dead: the server sends a bookmark about once a minute."""


@dataclass(frozen=True)
class Change:
    """type: ADDED, MODIFIED, DELETED as the API says, or RELISTED (object {}): what was known may be out of
    date, and everything that exists follows as ADDED."""

    type: Literal["ADDED", "MODIFIED", "DELETED", "RELISTED"]
    object: Mapping[str, Any]


def follow(stream: Stream, path: str, labels: str, seconds: float) -> Iterator[Change]:
    """Changes for `seconds`, beginning with what exists. Lost and ended streams are taken up again where they
    were; after 410 (too long away) from the beginning, with a RELISTED. Raises ClusterError when refused, or
    when the server stays away until the end."""
    until = time.monotonic() + seconds
    version, trouble = "", None
    while (left := until - time.monotonic()) > 0:
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(max(1, int(min(left, 290)))),
        }
        query |= ({"labelSelector": labels} if labels else {}) | (
            {"resourceVersion": version} if version else {}
        )
        try:
            for line in stream(path, query, min(left + 1, _PATIENCE)):
                trouble = None
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise _gone(event["object"])
                version = event["object"]["metadata"]["resourceVersion"]
                if event["type"] != "BOOKMARK":
                    yield Change(event["type"], event["object"])
        except Unreachable as error:
            trouble = error
            time.sleep(min(1.0, max(0.0, until - time.monotonic())))
        except ApiRefused as error:
            if error.code != 410:
                raise
            version = ""
            yield Change("RELISTED", {})
    if trouble is not None:
        raise trouble


def _gone(status: Mapping[str, Any]) -> ClusterError:
    return ApiRefused(
        f"watch: {status.get('message')}",
        "run the command again",
        code=int(status.get("code") or 500),
        reason=str(status.get("reason") or ""),
    )
