"""From where requests are counted during a rollout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.gateway.availability import Ask, Meter, NotAsked
from helm_tyk_upgrade.manifests.split import ManifestObject, mapping, maps, split
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload, gateway_workload

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

PROXY = "the API server's service proxy"
"""Less than a client: what it loses is lost, what it does not lose says nothing about clients."""

_REFUSED = (401, 403, 429)
"""The API server's own no: a missing right (`get services/proxy`) is no loss."""


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
        except TykUpgradeError as error:  # the API server itself: clients do not come this way
            raise NotAsked(error.message) from error
        if answer.answered:
            return "" if answer.status < 500 else f"HTTP {answer.status}"
        if answer.status in _REFUSED:
            raise NotAsked(answer.reason)
        return answer.reason

    if gateway.spec.mutual_tls:
        return Unknown("the gateway's control port wants a client certificate")
    return Known(Meter(ask, PROXY, rate=settings.rate, clock=context.clock))


def _client(context: Doors, url: str) -> Ask:
    """A GET that is answered as the first one was: a new pod without its APIs says 404 where the old ones said 200,
    and to a client that is a loss."""
    http = context.http()
    usual: list[int] = []

    def ask() -> str:
        try:
            status = http.get(url, limit=1 << 20).status
        except TykUpgradeError as error:
            return error.message
        if not usual:
            usual.append(status)
        return "" if status == usual[0] and status < 500 else f"HTTP {status}"

    return ask


def _service(objects: tuple[ManifestObject, ...], gateway: GatewayWorkload) -> tuple[str, int] | None:
    """Name and port of the Service that selects the gateway's pods and leads to the port of the health path."""
    template = _template(objects, gateway)
    labels = mapping(mapping(template.get("metadata")).get("labels"))
    for item in objects:
        spec = mapping(item.data.get("spec"))
        selector = mapping(spec.get("selector"))
        if item.id.kind != "Service" or not selector or not selector.items() <= labels.items():
            continue
        for port in maps(spec.get("ports")):
            if _target(port, template) == gateway.spec.probe_port:
                return item.id.name, int(port["port"])
    return None


def _template(objects: tuple[ManifestObject, ...], gateway: GatewayWorkload) -> dict[str, Any]:
    wanted = (gateway.ref.kind, gateway.ref.name)
    found = next(item for item in objects if (item.id.kind, item.id.name) == wanted)
    return mapping(mapping(found.data.get("spec")).get("template"))


def _target(port: dict[str, Any], template: dict[str, Any]) -> object:
    """The number of the pod's port that a Service port leads to; a name is one of the pod's containers'."""
    target = port.get("targetPort") or port.get("port")
    if not isinstance(target, str):
        return target
    containers = maps(mapping(template.get("spec")).get("containers"))
    ports = [item for container in containers for item in maps(container.get("ports"))]
    return next((item.get("containerPort") for item in ports if item.get("name") == target), None)
