"""From where requests are counted during a rollout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.gateway.availability import Ask, Meter
from helm_tyk_upgrade.manifests.split import ManifestObject, split
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload, gateway_workload

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

PROXY = "the API server's service proxy"
"""Less than a client: what it loses is lost, what it does not lose says nothing about clients."""


def meter(context: Doors, manifest: str, namespace: str, settings: RunSettings) -> Maybe[Meter]:
    """A meter that is not started yet: at --probe-url, else at the gateway's Service through the API server."""
    if settings.probe_url:
        return Known(
            Meter(
                _client(context, settings.probe_url),
                settings.probe_url,
                rate=settings.rate,
                clock=context.clock,
            )
        )
    objects = split(manifest)
    gateway = gateway_workload(objects, namespace)
    service = _service(objects, gateway) if gateway else None
    if gateway is None or service is None:
        return Unknown("no Service leads to the gateway's health path")
    name, port = service

    def ask() -> str:
        try:
            answer = context.cluster.service_proxy_get(
                namespace, name, port, gateway.spec.health_path, scheme=gateway.spec.scheme, timeout=5.0
            )
        except TykUpgradeError as error:
            return error.message
        if not answer.answered:
            return answer.reason
        return "" if answer.status < 500 else f"HTTP {answer.status}"

    if gateway.spec.mutual_tls:
        return Unknown("the gateway's control port wants a client certificate")
    return Known(Meter(ask, PROXY, rate=settings.rate, clock=context.clock))


def _client(context: Doors, url: str) -> Ask:
    http = context.http()

    def ask() -> str:
        try:
            answer = http.get(url, limit=1 << 20)
        except TykUpgradeError as error:
            return error.message
        return "" if answer.status < 500 else f"HTTP {answer.status}"

    return ask


def _service(objects: tuple[ManifestObject, ...], gateway: GatewayWorkload) -> tuple[str, int] | None:
    """Name and port of the Service whose target is the port where the health path is served."""
    for item in objects:
        if item.id.kind != "Service":
            continue
        for port in (item.data.get("spec") or {}).get("ports") or ():
            if port.get("targetPort", port.get("port")) == gateway.spec.probe_port:
                return item.id.name, int(port["port"])
    return None
