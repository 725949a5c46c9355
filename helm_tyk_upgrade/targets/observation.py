"""One look at all workloads of a release."""

from __future__ import annotations

from dataclasses import dataclass

from helm_tyk_upgrade.model.pods import Evidence, Pod, Rollout


@dataclass(frozen=True)
class Observation:
    """rollouts: one for each workload; evidence: why those that are not complete are not."""

    rollouts: tuple[Rollout, ...]
    evidence: tuple[Evidence, ...]

    @property
    def complete(self) -> bool:
        return all(rollout.complete for rollout in self.rollouts)

    @property
    def doom(self) -> str:
        """Why this rollout can never complete, empty while it still can."""
        terminal = next((item for item in self.evidence if item.kind == "terminal"), None)
        return f"{terminal.pod or 'the workload'}: {terminal.what}: {terminal.detail}" if terminal else ""

    @property
    def summary(self) -> str:
        """What is missing, or that nothing is."""
        missing = [
            f"{rollout.workload}: {rollout.reason}" for rollout in self.rollouts if not rollout.complete
        ]
        if not missing:
            return f"{len(self.rollouts)} workloads are complete"
        waiting = [f"{item.pod}: {item.what}: {item.detail}" for item in self.evidence[:2]]
        return "; ".join([*missing, *waiting])

    def rows(self) -> list[tuple[str, ...]]:
        """Every pod that counts now, for the live view: name, revision, readiness, restarts, state."""
        return [
            (pod.name, which, "ready" if pod.ready else "not ready", str(pod.restarts), _state(pod))
            for rollout in self.rollouts
            for which, pods in (("new", rollout.new_pods), ("old", rollout.old_pods))
            for pod in pods
        ]


def _state(pod: Pod) -> str:
    if pod.deleting:
        return "Terminating"
    return next((item.reason for item in pod.containers if item.reason and not item.ready), pod.phase)
