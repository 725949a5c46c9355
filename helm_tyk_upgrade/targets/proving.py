"""The proof of every new gateway pod, side by side, each through a tunnel of its own."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.cluster.portforward import port_forward
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.gateway import verdict
from helm_tyk_upgrade.gateway.admin import GatewayAdmin
from helm_tyk_upgrade.gateway.http import Loopback
from helm_tyk_upgrade.gateway.probe import Pace, probe
from helm_tyk_upgrade.model.gateway import Inventory, NoHello, Reading, Readings
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import PodProof
from helm_tyk_upgrade.model.pods import Pod
from helm_tyk_upgrade.targets.api_secret import api_secret
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload

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
    readings, inventory = _observed(context, gateway, pod, expected, secret)
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
    return PodProof(pod.name, verdict.prove(observed, wanted))


def _observed(
    context: Doors, gateway: GatewayWorkload, pod: Pod, expected: Expected, secret: Maybe[str]
) -> tuple[Readings, Maybe[Inventory]]:
    settings = expected.settings
    pace = Pace(settings.consecutive, settings.interval, settings.proof_timeout)
    planned = expected.version.value if isinstance(expected.version, Known) else ""
    try:
        with port_forward(context.cluster, pod.namespace, pod.name, gateway.spec.probe_port) as forward:
            base = forward.base(gateway.spec.scheme)
            readings = probe(
                base, gateway.spec, planned, pace=pace, clock=context.clock, trouble=lambda: forward.trouble
            )
            if isinstance(secret, Unknown) or gateway.spec.mutual_tls:
                reason = (
                    secret if isinstance(secret, Unknown) else Unknown("the port wants a client certificate")
                )
                return readings, reason
            with Loopback(base) as loopback:
                return readings, GatewayAdmin(loopback, secret.value).inventory()
    except (ClusterError, NotFound) as error:  # the tunnel broke, or the pod went away
        lost = Reading(context.clock.now(), NoHello("lost", error.message), tunnel=error.message)
        return Readings((lost,)), Unknown(error.message)


def _log(context: Doors, gateway: GatewayWorkload, pod: Pod) -> Maybe[str]:
    try:
        return Known(context.cluster.pod_logs(pod.namespace, pod.name, gateway.spec.container))
    except (ClusterError, NotFound) as error:
        return Unknown(error.message)
