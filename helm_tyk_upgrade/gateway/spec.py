"""A gateway's ports, paths and promises, read from its pod or pod template. Pure.

Names are those of the Tyk charts 1.0.0 to 5.3.0 and of the gateway's own configuration
(https://tyk.io/docs/tyk-oss-gateway/configuration); umbrella and standalone chart render the same container.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from helm_tyk_upgrade.gateway.environment import Elsewhere, Environment, environment_of
from helm_tyk_upgrade.model.gateway import GatewaySpec, SecretRef
from helm_tyk_upgrade.model.version import gateway_version

CONTAINER = "gateway-tyk-gateway"
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
_IMAGE = re.compile(r"(^|/)tyk-gateway(-ee|-fips)?(:|@|$)")
_DECISIVE = (
    "TYK_GW_LISTENPORT",
    "TYK_GW_CONTROLAPIPORT",
    "TYK_GW_HEALTHCHECKENDPOINTNAME",
    "TYK_GW_READINESSCHECKENDPOINTNAME",
    "TYK_GW_HTTPSERVEROPTIONS_USESSL",
    "TYK_GW_SECURITY_CONTROLAPIUSEMUTUALTLS",
)
"""Variables without which we would ask at the wrong place."""


def find_gateways(objects: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], GatewaySpec]]:
    """The workloads among parsed manifests that run a gateway, with what their pods will be."""
    found = []
    for item in objects:
        if item.get("kind") in WORKLOADS:
            template = (item.get("spec") or {}).get("template") or {}
            spec = gateway_spec(template.get("spec") or {})
            if spec is not None:
                found.append((item, spec))
    return found


def gateway_spec(pod: Mapping[str, Any]) -> GatewaySpec | None:
    """What the `spec` of a pod or pod template says of its gateway; None when no container is one."""
    container = gateway_container(pod)
    if container is None:
        return None
    environment = environment_of(container)
    image = str(container.get("image") or "")
    tag = image_tag(image)
    app_path = environment.text("TYK_GW_APPPATH")
    policy_path = environment.text("TYK_GW_POLICIES_POLICYPATH") or environment.text(
        "TYK_GW_POLICIES_POLICYRECORDNAME"
    )
    return GatewaySpec(
        container=str(container.get("name") or ""),
        image=image,
        tag=tag,
        version=gateway_version(tag) or "",
        listen_port=environment.number("TYK_GW_LISTENPORT") or 8080,
        control_port=environment.number("TYK_GW_CONTROLAPIPORT") or None,
        health_path=_path(environment, "TYK_GW_HEALTHCHECKENDPOINTNAME", "hello"),
        readiness_path=_path(environment, "TYK_GW_READINESSCHECKENDPOINTNAME", "ready"),
        tls=environment.flag("TYK_GW_HTTPSERVEROPTIONS_USESSL"),
        mutual_tls=environment.flag("TYK_GW_SECURITY_CONTROLAPIUSEMUTUALTLS"),
        secret=_secret(environment),
        app_path=app_path,
        policy_path=policy_path,
        apps_in_emptydir=in_emptydir(pod, container, app_path),
        policies_in_emptydir=in_emptydir(pod, container, policy_path),
        log_format=environment.text("TYK_GW_LOGFORMAT"),
        log_level=environment.text("TYK_GW_LOGLEVEL"),
        unread=environment.hidden(_DECISIVE),
    )


def gateway_container(pod: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The chart's container by its name; else one of the gateway's image; else the one with most TYK_GW_
    variables."""
    containers = [item for item in pod.get("containers") or () if isinstance(item, dict)]
    for container in containers:
        if container.get("name") == CONTAINER:
            return container
    for container in containers:
        if _IMAGE.search(str(container.get("image") or "")):
            return container
    best = max(containers, key=_gateway_variables, default=None)
    return best if best is not None and _gateway_variables(best) else None


def image_tag(image: str) -> str:
    """`v5.13.1` of `registry:5000/tyk/tyk-gateway:v5.13.1@sha256:...`; "" where only a digest or nothing is
    given."""
    name = image.partition("@")[0].rpartition("/")[2]
    return name.partition(":")[2]


def in_emptydir(pod: Mapping[str, Any], container: Mapping[str, Any], path: str) -> bool:
    """Whether a path of the container lies in a volume that is deleted with the pod. The innermost mount
    counts; a path below no mount is in the container itself, and lost as well."""
    if not path:
        return False
    mounts = [
        mount
        for mount in container.get("volumeMounts") or ()
        if _below(path, str(mount.get("mountPath") or ""))
    ]
    if not mounts:
        return True
    innermost = max(mounts, key=lambda mount: len(str(mount["mountPath"])))
    volumes = {volume.get("name"): volume for volume in pod.get("volumes") or ()}
    # A StatefulSet's claim templates are no volumes of its pod template: a mount without a volume is a claim.
    return "emptyDir" in volumes.get(innermost.get("name"), {})


def _below(path: str, folder: str) -> bool:
    folder = folder.rstrip("/")
    return bool(folder) and (path == folder or path.startswith(folder + "/"))


def _gateway_variables(container: Mapping[str, Any]) -> int:
    return sum(str(entry.get("name", "")).startswith("TYK_GW_") for entry in container.get("env") or ())


def _path(environment: Environment, name: str, default: str) -> str:
    return "/" + (environment.text(name).strip("/") or default)


def _secret(environment: Environment) -> SecretRef | str | None:
    value = environment.variables.get("TYK_GW_SECRET")
    if isinstance(value, Elsewhere):
        return value.secret
    return value or None
