"""A Job that loads Go plugins with the planned gateway image: its image has no shell, but it can load a plugin. Pure.

`tyk plugin load` exists since 5.0.0 (cli/plugin/plugin.go) and prints `loaded ok` or why plugin.Open refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.model.version import compare
from helm_tyk_upgrade.tyk.plugins.found import mapping, maps, text

SINCE = "5.0.0"
_BINARY = "/opt/tyk-gateway/tyk"
_POD_KEYS = (
    "imagePullSecrets",
    "serviceAccountName",
    "securityContext",
    "tolerations",
    "affinity",
    "volumes",
)
_KEPT = ("image", "imagePullPolicy", "securityContext", "volumeMounts", "workingDir")


@dataclass(frozen=True)
class Load:
    """One plugin to load: the file that the planned version tries first, and the function in it."""

    file: str
    symbol: str


def can_load(version: str) -> bool:
    """Whether a gateway of this version has `tyk plugin load`."""
    return compare(version.removeprefix("v").partition("-")[0], SINCE) >= 0


def job(
    name: str,
    namespace: str,
    platform: str,
    pod: Mapping[str, Any],
    container: Mapping[str, Any],
    loads: Sequence[Load],
) -> dict[str, Any]:
    """A Job with one container for each plugin, all with the gateway's image, volumes and init containers.

    pod: the `spec` of the planned pod template. No plain value of an environment variable is copied: it may be a
    secret. platform: `linux/arm64`, to run on such a node.
    """
    architecture = platform.split("/")[1]
    spec: dict[str, Any] = {key: pod[key] for key in _POD_KEYS if pod.get(key)}
    spec["restartPolicy"] = "Never"
    spec["nodeSelector"] = {**mapping(pod.get("nodeSelector")), "kubernetes.io/arch": architecture}
    volumes = {volume.get("name") for volume in maps(pod.get("volumes"))}
    init = [_mounting(_without_values(one), volumes) for one in maps(pod.get("initContainers"))]
    if init:
        spec["initContainers"] = init
    spec["containers"] = [
        _mounting(_loader(at, load, container), volumes) for at, load in enumerate(loads, 1)
    ]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": _name(f"{name}-plugins-{architecture}"), "namespace": namespace},
        "spec": {"backoffLimit": 0, "ttlSecondsAfterFinished": 3600, "template": {"spec": spec}},
    }


def _loader(at: int, load: Load, container: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: container[key] for key in _KEPT if container.get(key)}
    command = [_BINARY, "plugin", "load", "-f", load.file, "-s", load.symbol]
    return {"name": f"plugin-{at}", **kept, "command": command}


def _mounting(container: dict[str, Any], volumes: Collection[Any]) -> dict[str, Any]:
    """Without the mounts of a StatefulSet's own claims, which a Job does not have."""
    mounts = [mount for mount in maps(container.get("volumeMounts")) if mount.get("name") in volumes]
    kept = {key: value for key, value in container.items() if key != "volumeMounts"}
    return {**kept, "volumeMounts": mounts} if mounts else kept


def _without_values(container: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in container.items() if key != "env"}
    references = [entry for entry in maps(container.get("env")) if entry.get("valueFrom")]
    return {**kept, "env": references} if references else kept


def _name(wanted: str) -> str:
    """A DNS label: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/"""
    plain = re.sub(r"[^a-z0-9-]+", "-", text(wanted).lower())
    return plain[-63:].strip("-")
