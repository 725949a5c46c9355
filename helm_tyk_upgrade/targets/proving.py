"""The proof of every new gateway pod, side by side, each through a tunnel of its own."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.cluster.portforward import port_forward
from helm_tyk_upgrade.cluster.tunnel import TunnelError
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.gateway import verdict
from helm_tyk_upgrade.gateway.admin import GatewayAdmin
from helm_tyk_upgrade.gateway.hello import read_hello
from helm_tyk_upgrade.gateway.http import Loopback
from helm_tyk_upgrade.gateway.probe import Pace, probe, watch_health
from helm_tyk_upgrade.model.gateway import Inventory, NoHello, Reading, Readings
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import PodProof
from helm_tyk_upgrade.model.pods import Pod
from helm_tyk_upgrade.model.verdict import Verdict
from helm_tyk_upgrade.targets.api_secret import api_secret
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload, not_running
from helm_tyk_upgrade.targets.pod_proxy import VANTAGE, PodProxy

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors


@dataclass(frozen=True)
class Expected:
    """What the pods are compared with: the planned version and the baseline."""

    version: Maybe[str]
    inventory: Maybe[Inventory]
    signatures: Maybe[frozenset[str]]
    settings: RunSettings


def prove_pods(
    context: Doors, gateway: GatewayWorkload, expected: Expected, apart: Collection[str] = ()
) -> tuple[PodProof, ...]:
    """Every pod of the workload's newest revision but those named in `apart`. Raises ClusterError where they cannot be
    listed."""
    pods = [pod for pod in observe_rollout(context.cluster, gateway.ref).new_pods if pod.name not in apart]
    secret = api_secret(context, gateway.ref.namespace, gateway.spec.secret)
    with ThreadPoolExecutor(max_workers=8) as pool:
        return tuple(pool.map(lambda pod: _prove(context, gateway, pod, expected, secret), pods))


def _prove(
    context: Doors, gateway: GatewayWorkload, pod: Pod, expected: Expected, secret: Maybe[str]
) -> PodProof:
    readings, inventory, vantage = _observed(context, gateway, pod, expected, secret)
    readings = _explained(readings, not_running(gateway, pod))
    container = pod.container(gateway.spec.container)
    observed = verdict.Observed(
        pod=pod.name,
        spec=gateway.spec,
        readings=readings,
        digest=container.digest if container else "",
        log=_log(context, gateway, pod),
        restarts=pod.restarts,
        inventory=inventory,
    )
    wanted = verdict.Expected(
        version=expected.version,
        signatures=expected.signatures,
        inventory=expected.inventory,
        consecutive=expected.settings.consecutive,
    )
    return PodProof(pod.name, tuple(_from(vantage, found) for found in verdict.prove(observed, wanted)))


def _from(vantage: str, found: Verdict) -> Verdict:
    """What was asked by another way than a tunnel says so."""
    named = vantage and found.check == "health-endpoint"
    return replace(found, evidence=(*found.evidence, vantage)) if named else found


def _observed(
    context: Doors, gateway: GatewayWorkload, pod: Pod, expected: Expected, secret: Maybe[str]
) -> tuple[Readings, Maybe[Inventory], str]:
    """Readings, inventory, and in words by which way they came, empty for the usual one."""
    try:
        return *_through_tunnel(context, gateway, pod, expected, secret), ""
    except TunnelError as error:
        if error.kind != "forbidden" or gateway.spec.mutual_tls:
            return *_lost(context, error), ""
        return _through_proxy(context, gateway, pod, expected, error), Unknown(error.message), VANTAGE
    except (ClusterError, NotFound) as error:  # the pod went away
        return *_lost(context, error), ""


def _explained(readings: Readings, why: str) -> Readings:
    """Of a pod that does not run the kubelet says more than the connection that broke. why: empty where it runs."""
    last = readings.readings[-1] if readings.readings else None
    if not why or last is None or not isinstance(last.answer, NoHello) or last.answer.kind != "lost":
        return readings
    told = replace(last, answer=replace(last.answer, reason=why), tunnel=why if last.tunnel else "")
    return replace(readings, readings=(*readings.readings[:-1], told))


def _lost(context: Doors, error: ClusterError | NotFound) -> tuple[Readings, Maybe[Inventory]]:
    lost = Reading(context.clock.now(), NoHello("lost", error.message), tunnel=error.message)
    return Readings((lost,)), Unknown(error.message)


def _pace(settings: RunSettings) -> Pace:
    return Pace(settings.consecutive, settings.interval, settings.proof_timeout)


def _planned(expected: Expected) -> str:
    return expected.version.value if isinstance(expected.version, Known) else ""


def _through_proxy(
    context: Doors, gateway: GatewayWorkload, pod: Pod, expected: Expected, why: TunnelError
) -> Readings:
    """Health and readiness only: the API secret does not go through the API server."""
    proxy = PodProxy(context.cluster, pod, gateway.spec)
    read_hello(proxy, gateway.spec.health_path)
    if proxy.trouble is not None and proxy.trouble.kind == "forbidden":  # asking again would not help
        reason = f"{why.message}; {proxy.trouble.message}"
        return Readings((Reading(context.clock.now(), NoHello("lost", reason), tunnel=reason),))
    return watch_health(
        proxy,
        gateway.spec,
        _planned(expected),
        pace=_pace(expected.settings),
        clock=context.clock,
        trouble=lambda: proxy.trouble,
    )


def _through_tunnel(
    context: Doors, gateway: GatewayWorkload, pod: Pod, expected: Expected, secret: Maybe[str]
) -> tuple[Readings, Maybe[Inventory]]:
    """Raises TunnelError, ClusterError or NotFound."""
    spec = gateway.spec
    with port_forward(context.cluster, pod.namespace, pod.name, spec.probe_port) as forward:
        base = forward.base(spec.scheme)
        readings = probe(
            base,
            spec,
            _planned(expected),
            pace=_pace(expected.settings),
            clock=context.clock,
            trouble=lambda: forward.trouble,
        )
        if isinstance(secret, Unknown):
            return readings, secret
        if spec.mutual_tls:
            return readings, Unknown("the port wants a client certificate")
        with Loopback(base) as loopback:
            return readings, GatewayAdmin(loopback, secret.value).inventory()


def _log(context: Doors, gateway: GatewayWorkload, pod: Pod) -> Maybe[str]:
    try:
        return Known(context.cluster.pod_logs(pod.namespace, pod.name, gateway.spec.container))
    except (ClusterError, NotFound) as error:
        return Unknown(error.message)
