"""A connection to one API server: what it is, what kinds it has, and reading JSON from it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import msgspec

from helm_tyk_upgrade.cluster.access import Access
from helm_tyk_upgrade.cluster.discovery import kinds_of, served
from helm_tyk_upgrade.cluster.objects import Objects
from helm_tyk_upgrade.cluster.resources import Resource, built_in, group_path
from helm_tyk_upgrade.cluster.transport import ApiTransport
from helm_tyk_upgrade.errors import ClusterError, NotFound

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"

Object = dict[str, Any]


class Connection:
    """http: for calls by path, relative to the server; objects: the library's verbs. Both go through one
    transport, which identifies us, repeats what may be repeated and raises ClusterError or NotFound."""

    def __init__(self, access: Access, env: Mapping[str, str], *, timeout: float = 30.0) -> None:
        self.access = access
        limits = httpx2.Timeout(timeout, connect=10.0)
        transport = ApiTransport(access, env)
        # The library's overloads cannot describe classes made at run time.
        self.objects: Any = Objects(access, transport, limits)
        self.http = httpx2.Client(
            base_url=access.server, transport=transport, timeout=limits, trust_env=False
        )
        self._kinds: dict[str, dict[str, Resource]] = {}

    def close(self) -> None:
        self.http.close()

    def server_version(self) -> str:
        """`v1.34.4`."""
        return str(self.read("version").get("gitVersion", ""))

    def api_versions(self) -> tuple[str, ...]:
        """What `helm template --api-versions` wants: each `GROUP/VERSION` and `GROUP/VERSION/KIND`,
        sorted."""
        answers = (self.read(path, headers={"Accept": _AGGREGATED}) for path in ("api", "apis"))
        return tuple(sorted({line for answer in answers for line in served(answer)}))

    def resource(self, api_version: str, kind: str) -> Resource:
        """Where a kind lives; the server is asked only for kinds that are not built in. Raises NotFound."""
        known = built_in(api_version, kind)
        if known is not None:
            return known
        if api_version not in self._kinds:
            self._kinds[api_version] = kinds_of(api_version, self.read(group_path(api_version)))
        if kind not in self._kinds[api_version]:
            raise NotFound(
                f"the cluster has no kind {kind} in {api_version}", "install its CustomResourceDefinition"
            )
        return self._kinds[api_version][kind]

    def read(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Object:
        """GET a JSON object."""
        with understood(path):
            answer = self.http.get(path, params=dict(params or {}), headers=dict(headers or {}))
            document = json.loads(answer.content)
        return document if isinstance(document, dict) else {}


@contextlib.contextmanager
def understood(what: str) -> Iterator[None]:
    """An answer that is no Kubernetes object (a login page of a proxy) is an error of ours, in words."""
    try:
        yield
    except (ValueError, TypeError, KeyError, msgspec.MsgspecError) as error:
        raise ClusterError(
            f"the answer of the API server for {what} is not understood",
            "is something else listening at its address?",
        ) from error
