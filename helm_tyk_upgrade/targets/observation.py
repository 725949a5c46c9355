"""One look at all workloads of a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helm_tyk_upgrade.model.pods import Evidence, Pod, Rollout
from helm_tyk_upgrade.model.words import count


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
        return next((_words(item) for item in self.evidence if item.kind == "terminal"), "")

    def doom_since(self, before: Observation | None) -> str:
        """The same while the change is being made. Pods that were there `before` say nothing about the new ones (a
        broken release is often what is being mended), and a workload says something once it has changed. Without a
        look from before nothing can be told apart."""
        if before is None:
            return ""
        new = self._uids() - before._uids()
        changed = self._generations() != before._generations()
        names = {pod.name for rollout in self.rollouts for pod in rollout.new_pods if pod.uid in new}
        terminal = (item for item in self.evidence if item.kind == "terminal")
        return next(
            (_words(item) for item in terminal if (item.pod in names if item.pod else changed)),
            "",
        )

    @property
    def summary(self) -> str:
        """What is missing, or that nothing is."""
        missing = [
            f"{rollout.workload}: {rollout.reason}" for rollout in self.rollouts if not rollout.complete
        ]
        if not missing:
            return f"{count(len(self.rollouts), 'workload')} complete"
        waiting = [_words(item) for item in self.evidence[:2]]
        return "; ".join([*missing, *waiting])

    def rows(self, before: Observation | None = None) -> list[tuple[str, ...]]:
        """Every pod that counts now, for the live view: name, revision, readiness, restarts, state. Until a workload
        differs from how it was `before` the change, its newest pods are the old ones."""
        then = before._generations() if before else {}
        return [
            (pod.name, which, "ready" if pod.ready else "not ready", str(pod.restarts), _state(pod))
            for rollout in self.rollouts
            for which, pods in ((_newest(rollout, then), rollout.new_pods), ("old", rollout.old_pods))
            for pod in pods
        ]

    def _uids(self) -> set[str]:
        return {pod.uid for rollout in self.rollouts for pod in (*rollout.new_pods, *rollout.old_pods)}

    def _generations(self) -> dict[str, int]:
        return {str(rollout.workload): rollout.workload.generation for rollout in self.rollouts}


def _newest(rollout: Rollout, then: Mapping[str, int]) -> str:
    return "old" if then.get(str(rollout.workload)) == rollout.workload.generation else "new"


def _words(item: Evidence) -> str:
    return f"{item.pod or 'the workload'}: {item.what}: {item.detail}"


def _state(pod: Pod) -> str:
    if pod.deleting:
        return "Terminating"
    return next((item.reason for item in pod.containers if item.reason and not item.ready), pod.phase)
