"""One exchange with the API server, not repeated and with a time limit: for questions asked by the hundred."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.cluster.connection import Object, understood
from helm_tyk_upgrade.cluster.refusals import refusal
from helm_tyk_upgrade.cluster.transport import VERBATIM

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster

APPLY = "application/apply-patch+yaml"  # JSON is YAML
MERGE = "application/merge-patch+json"
_JSON = "application/json"


def once(
    cluster: Cluster,
    method: str,
    path: str,
    *,
    timeout: float,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    content_type: str = _JSON,
) -> Object:
    """The JSON object of the answer. Raises ApiRefused, NotFound or Unreachable as the transport does, but leaves the
    repeating, and how long to wait for it, to the caller: it knows how many more questions there are."""
    answer = cluster.http.request(
        method,
        path,
        params=dict(query or {}),
        content=None if body is None else json.dumps(body),
        headers={} if body is None else {"Content-Type": content_type},
        timeout=timeout,
        extensions={VERBATIM: True},
    )
    if answer.status_code >= 400:
        raise refusal(answer.status_code, answer.content, "the API server")
    with understood(f"{method} {path}"):
        found = json.loads(answer.content)
        if "kind" not in found:
            raise ValueError("not a Kubernetes object")
        return dict(found)
