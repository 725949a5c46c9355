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
                _client(context, settings),
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


def _client(context: Doors, settings: RunSettings) -> Ask:
    """A GET that is answered as the first one was: a new pod without its APIs says 404 where the old ones said 200,
    and to a client that is a loss. Each goes by a connection of its own, as a new client's would: a kept one stays with
    the pod that it once led to."""
    http = context.http(settings.ca_file)
    usual: list[int] = []

    def ask() -> str:
        try:
            status = http.get(settings.probe_url, headers={"Connection": "close"}, limit=1 << 20).status
        except TykUpgradeError as error:
            if _ours(error, answered=bool(usual)):
                raise NotAsked(error.message) from error
            return _kind(error)
        if not usual:
            usual.append(status)
        return "" if status == usual[0] and status < 500 else f"HTTP {status}"

    return ask


def _ours(error: TykUpgradeError, *, answered: bool) -> bool:
    """Whether a request failed on our side of the way: at our proxy, or, before any was answered, because the server's
    name or certificate means nothing to us. Once it did, a new certificate that nobody trusts is a loss."""
    cause = error.__cause__
    if type(cause).__name__ == "ProxyError":
        return True
    return not answered and (type(cause).__name__ == "SSLError" or "NameResolution" in repr(cause))


_KINDS = {
    "Connection refused": "connection refused",
    "Connection reset": "connection reset",
    "RemoteDisconnected": "closed without an answer",
    "No route to host": "no route to the host",
    "NameResolution": "the name is not resolved",
}


def _kind(error: TykUpgradeError) -> str:
    """A loss in the words of a client; the HTTP client's own message is the same for most of them."""
    cause = repr(error.__cause__)
    return next((kind for sign, kind in _KINDS.items() if sign in cause), error.message)


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
