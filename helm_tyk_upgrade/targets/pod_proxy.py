"""A gateway's health paths through the API server's pod proxy, for identities that may not port-forward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.gateway.http import LIMIT, Answer
from helm_tyk_upgrade.model.gateway import GatewaySpec, NoHello
from helm_tyk_upgrade.model.pods import Pod

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster

VANTAGE = "asked through the API server's pod proxy: port-forward is forbidden"
_FORBIDDEN = (401, 403)


class ProxyTrouble:
    """Why the way to the pod failed, as gateway.probe.Trouble has it."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        self.message = message


class PodProxy:
    """Answers the health and readiness path as gateway.http.Loopback does. `trouble` tells why the newest request did
    not reach the pod, None where it did. The API secret never goes this way: what asks with a header is refused."""

    def __init__(self, cluster: Cluster, pod: Pod, spec: GatewaySpec, *, timeout: float = 5.0) -> None:
        self._cluster = cluster
        self._pod = pod
        self._spec = spec
        self._timeout = timeout
        self.trouble: ProxyTrouble | None = None

    def request(
        self,
        method: Literal["GET", "POST", "PUT"],
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        limit: int = LIMIT,
    ) -> Answer | NoHello:
        if method != "GET" or headers or content:
            raise ValueError("only plain GETs go through the API server")
        try:
            found = self._cluster.pod_proxy_get(
                self._pod.namespace,
                self._pod.name,
                self._spec.probe_port,
                path,
                scheme=self._spec.scheme,
                timeout=self._timeout,
            )
        except (ClusterError, NotFound) as error:
            return self._lost(ProxyTrouble("api-lost", error.message))
        if found.answered:
            self.trouble = None
            return Answer(found.status, "", found.body[:limit], len(found.body) > limit)
        if (
            "connection refused" in found.reason
        ):  # the API server reached the pod's address, and nothing listens there
            return self._lost(
                ProxyTrouble("port-refused", "nothing listens on this port in the pod"), "refused"
            )
        kind = "forbidden" if found.status in _FORBIDDEN else "api-lost"
        return self._lost(ProxyTrouble(kind, f"pod proxy: {found.reason}"))

    def _lost(self, trouble: ProxyTrouble, kind: Literal["lost", "refused"] = "lost") -> NoHello:
        self.trouble = trouble
        return NoHello(kind, trouble.message)
