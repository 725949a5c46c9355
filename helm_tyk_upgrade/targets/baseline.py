"""What is true of the gateway now, pod by pod, through a tunnel to each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.cluster.portforward import port_forward
from helm_tyk_upgrade.cluster.tunnel import TunnelError
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.gateway.admin import GatewayAdmin
from helm_tyk_upgrade.gateway.hello import read_hello
from helm_tyk_upgrade.gateway.http import Loopback
from helm_tyk_upgrade.gateway.loglines import signatures
from helm_tyk_upgrade.model.baseline import Baseline, PodBaseline
from helm_tyk_upgrade.model.gateway import Hello, Inventory
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.pods import Pod
from helm_tyk_upgrade.targets.api_secret import api_secret
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload, not_running
from helm_tyk_upgrade.targets.pod_proxy import PodProxy
from helm_tyk_upgrade.tyk.plugins.logs import in_log

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors


def read_baseline(context: Doors, gateway: GatewayWorkload) -> Baseline:
    """Raises ClusterError or NotFound when the workload cannot be read; what a pod does not tell is unknown."""
    rollout = observe_rollout(context.cluster, gateway.ref)
    secret = api_secret(context, gateway.ref.namespace, gateway.spec.secret)
    pods = [pod for pod in (*rollout.new_pods, *rollout.old_pods) if not pod.deleting]
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(pool.map(lambda pod: _pod(context, gateway, pod, secret), pods))
    return Baseline(
        workload=str(gateway.ref),
        kind=gateway.ref.kind,
        desired=rollout.workload.desired,
        pods=tuple(found),
        emptydir_apis=gateway.spec.apps_in_emptydir,
        emptydir_policies=gateway.spec.policies_in_emptydir,
    )


def _pod(context: Doors, gateway: GatewayWorkload, pod: Pod, secret: Maybe[str]) -> PodBaseline:
    container = pod.container(gateway.spec.container)
    hello, inventory = _asked(context, gateway, pod, secret)
    log = _log(context, gateway, pod)
    return PodBaseline(
        pod=pod.name,
        ready=pod.ready,
        restarts=pod.restarts,
        image=container.image if container else "",
        image_id=container.image_id if container else "",
        version=Known(hello.value.version) if isinstance(hello, Known) else hello,
        health=Known(hello.value.status) if isinstance(hello, Known) else hello,
        inventory=inventory,
        signatures=Known(frozenset(signatures(log.value))) if isinstance(log, Known) else log,
        plugins=Known(in_log(log.value)) if isinstance(log, Known) else log,
    )


def _asked(
    context: Doors, gateway: GatewayWorkload, pod: Pod, secret: Maybe[str]
) -> tuple[Maybe[Hello], Maybe[Inventory]]:
    if gateway.spec.mutual_tls:
        reason = Unknown("the gateway's control port wants a client certificate")
        return reason, reason
    if why := not_running(gateway, pod):
        return Unknown(why), Unknown(why)
    try:
        with (
            port_forward(context.cluster, pod.namespace, pod.name, gateway.spec.probe_port) as forward,
            Loopback(forward.base(gateway.spec.scheme)) as loopback,
        ):
            answer = read_hello(loopback, gateway.spec.health_path)
            hello: Maybe[Hello] = Known(answer) if isinstance(answer, Hello) else Unknown(answer.reason)
            if isinstance(secret, Unknown):
                return hello, secret
            return hello, GatewayAdmin(loopback, secret.value).inventory()
    except (ClusterError, NotFound) as error:  # the tunnel broke, or the pod went away
        forbidden = isinstance(error, TunnelError) and error.kind == "forbidden"
        hello = _through_proxy(context, gateway, pod, error.message) if forbidden else Unknown(error.message)
        return hello, Unknown(error.message)


def _through_proxy(context: Doors, gateway: GatewayWorkload, pod: Pod, why: str) -> Maybe[Hello]:
    answer = read_hello(PodProxy(context.cluster, pod, gateway.spec), gateway.spec.health_path)
    return Known(answer) if isinstance(answer, Hello) else Unknown(f"{why}; {answer.reason}")


def _log(context: Doors, gateway: GatewayWorkload, pod: Pod) -> Maybe[str]:
    try:
        return Known(context.cluster.pod_logs(pod.namespace, pod.name, gateway.spec.container))
    except (ClusterError, NotFound) as error:
        return Unknown(error.message)
