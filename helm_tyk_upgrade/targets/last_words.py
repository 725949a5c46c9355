"""What containers that keep ending said before they ended: the line a person would look for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.gateway.loglines import entries
from helm_tyk_upgrade.model.pods import Container, Pod
from helm_tyk_upgrade.model.secrets import printable
from helm_tyk_upgrade.targets.observation import Observation

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

_TAIL, _LENGTH = 100, 300


def last_words(context: Doors, observed: Observation) -> dict[str, str]:
    """By pod that crashes: the last error of its log, else the last line; pods whose log is not to be had are left
    out."""
    crashing = {item.pod for item in observed.evidence if item.what in ("crashing", "same-exit")}
    pods = [pod for rollout in observed.rollouts for pod in rollout.new_pods if pod.name in crashing]
    found = {pod.name: _of_pod(context, pod) for pod in pods}
    return {pod: words for pod, words in found.items() if words}


def _of_pod(context: Doors, pod: Pod) -> str:
    ended = (item for item in pod.containers if not item.ready and (item.restarts or item.exit_code))
    return next((words for item in ended if (words := _of_container(context, pod, item))), "")


def _of_container(context: Doors, pod: Pod, container: Container) -> str:
    for previous in (True, False):
        try:
            text = context.cluster.pod_logs(
                pod.namespace, pod.name, container.name, previous=previous, tail=_TAIL
            )
        except (ClusterError, NotFound):
            continue  # it was not restarted yet, or its log is gone
        if line := worst_line(text):
            return printable(line)[:_LENGTH]
    return ""


def worst_line(log: str) -> str:
    """The last line with an error (a fatal one or a panic before all), else the last that is not empty."""
    found = entries(log)
    fatal = [entry.line for entry in found if entry.level in ("fatal", "panic")]
    errors = [entry.line for entry in found if entry.level == "error"]
    lines = [line for line in log.splitlines() if line.strip()]
    return next((group[-1] for group in (fatal, errors, lines) if group), "")
