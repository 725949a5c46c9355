"""What explains a failed rollout, as files: pods, events, logs of the new pods, those before a restart too."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.pods import Pod
from helm_tyk_upgrade.store.bundle import BundleFile
from helm_tyk_upgrade.targets.observation import Observation

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

_TAIL = 500
"""Lines of each log."""


def evidence_files(context: Doors, observed: Observation, namespace: str) -> list[BundleFile]:
    """Best effort: a log that is not there is left out, events that may not be read are said to be unknown."""
    pods = [pod for rollout in observed.rollouts for pod in rollout.new_pods]
    uids = [*(rollout.workload.uid for rollout in observed.rollouts), *(pod.uid for pod in pods)]
    files = [
        _json("rollouts.json", [asdict(rollout) for rollout in observed.rollouts]),
        _json("evidence.json", [asdict(item) for item in observed.evidence]),
        _json("events.json", _events(context, namespace, uids)),
    ]
    return files + [file for pod in pods for file in _logs(context, pod)]


def _events(context: Doors, namespace: str, uids: list[str]) -> object:
    try:
        return [asdict(event) for event in context.cluster.events(namespace, uids)]
    except (ClusterError, NotFound) as error:
        return {"unknown": error.message}


def _logs(context: Doors, pod: Pod) -> list[BundleFile]:
    found = []
    for container in pod.containers:
        for previous in (False, True):
            name = f"{pod.name}.{container.name}{'.previous' if previous else ''}.log"
            try:
                text = context.cluster.pod_logs(
                    pod.namespace, pod.name, container.name, previous=previous, tail=_TAIL
                )
            except (ClusterError, NotFound):
                continue  # the container never ran, or never before
            found.append(BundleFile(name, text.encode()))
    return found


def _json(name: str, value: object) -> BundleFile:
    return BundleFile(name, json.dumps(value, indent=2, default=str).encode() + b"\n")
