"""What has to be the same after a run that was broken off and one that was not: values bytes, release status, chart and
gateway version, live specs without revision numbers, generations, timestamps, generated names and template hashes."""

from __future__ import annotations

import json
from typing import Any

from tests.live.harness import Site

KINDS = "deployments,services,configmaps,secrets,poddisruptionbudgets,horizontalpodautoscalers"
_PASSING = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields")
_PASSING_NOTES = ("deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration")

_GIVEN = ("clusterIP", "clusterIPs")
"""The API server's choice, another one after each installation."""


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two end states differ, for people."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return [line for key in keys for line in differences(one.get(key), other.get(key), f"{path}/{key}")]
    return [] if one == other else [f"{path}: {one!r} is not {other!r}"]


def end_state(site: Site) -> dict[str, Any]:
    newest = site.release()
    listed = json.loads(site.world.kube("-n", site.namespace, "get", KINDS, "-o", "json"))["items"]
    leases = json.loads(site.world.kube("-n", site.namespace, "get", "leases", "-o", "json"))["items"]
    return {
        "values": site.file.read_bytes(),
        "release": (newest["status"], newest["chart"]),
        "images": site.images(),
        "objects": {_name(item): _lasting(item) for item in listed if not _is_record(item)},
        "leases": [item["metadata"]["name"] for item in leases],
    }


def _name(item: dict[str, Any]) -> str:
    return f"{item['kind']}/{item['metadata']['name']}"


def _is_record(item: dict[str, Any]) -> bool:
    """Helm's own revisions, and the tool's record of its runs."""
    labels = item["metadata"].get("labels") or {}
    return (
        item.get("type") == "helm.sh/release.v1"
        or labels.get("app.kubernetes.io/managed-by") == "tyk-upgrade"
    )


def _lasting(item: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in item["metadata"].items() if key not in _PASSING}
    notes = metadata.get("annotations") or {}
    metadata["annotations"] = {key: value for key, value in notes.items() if key not in _PASSING_NOTES}
    spec = {key: value for key, value in (item.get("spec") or {}).items() if key not in _GIVEN}
    return {key: value for key, value in item.items() if key != "status"} | {
        "metadata": metadata,
        "spec": spec,
    }
