"""The doors of a target with a cluster whose answers are scripted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.proxied import Proxied
from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.edge.http import Http
from helm_tyk_upgrade.errors import NotFound
from helm_tyk_upgrade.helm.client import Helm
from helm_tyk_upgrade.model.secrets import Masker


@dataclass
class ScriptedCluster:
    """objects: by kind and name; an exception is raised. proxied: what the service proxy answers."""

    objects: dict[tuple[str, str], Any] = field(default_factory=dict)
    proxied: Proxied | Exception | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
        found = self.objects.get((kind, name), NotFound(f"{kind} {name} is not there"))
        if isinstance(found, Exception):
            raise found
        return dict(found)

    def service_proxy_get(self, namespace: str, service: str, port: int, path: str, **more: Any) -> Proxied:
        self.asked.append((namespace, service, port, path, more["scheme"]))
        if isinstance(self.proxied, Exception):
            raise self.proxied
        assert self.proxied is not None
        return self.proxied


class TestDoors:
    __test__ = False

    def __init__(self, cluster: ScriptedCluster) -> None:
        self.clock = Clock()
        self.masker = Masker()
        self._cluster = cluster

    @property
    def cluster(self) -> Cluster:
        return cast(Cluster, self._cluster)

    @property
    def helm(self) -> Helm:
        raise AssertionError("no Helm here")

    def http(self, ca_file: str = "") -> Http:
        return Http(ca_file=ca_file, timeout=2.0)


def gateway_manifest(
    *services: str, ports: str = "[{name: http, containerPort: 8080}]", env: str = "[]"
) -> str:
    """A gateway's Deployment and, below it, the given Services."""
    deployment = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: gateway-tyk}}
spec:
  template:
    metadata: {{labels: {{app: gateway-tyk, release: tyk}}}}
    spec:
      containers:
        - name: gateway-tyk-gateway
          image: tyk-gateway:v5.3.8
          ports: {ports}
          env: {env}
"""
    return "---\n".join([deployment, *services])


def service(name: str, port: int, target: object, selector: Mapping[str, str] | None) -> str:
    chosen = "null" if selector is None else str(dict(selector)).replace("'", '"')
    return f"""
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec:
  selector: {chosen}
  ports: [{{port: {port}, targetPort: {target}}}]
"""
