"""Waiting for a rollout: look, show, decide, wait a moment. Used after the upgrade and after the rollback."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from helm_tyk_upgrade.applying.run import Run
from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.model.pods import WorkloadRef
from helm_tyk_upgrade.targets.observation import Observation

PAUSE = 1.0
"""Seconds between two looks: a doomed rollout is to be called within five."""


@dataclass(frozen=True)
class Seen:
    """How a rollout ended. unseen: the cluster could not be asked to the end, so nothing is known."""

    complete: bool
    reason: str
    unseen: bool = False


def watch_rollout(run: Run, manifest: str, only: Collection[WorkloadRef] | None = None) -> Seen:
    """Until complete, doomed, or out of time (--rollout-timeout). only: the workloads that count, else all."""
    clock = run.context.clock
    deadline = clock.monotonic() + run.settings.rollout_timeout
    trouble = ""
    last: Observation | None = None
    while True:
        try:
            last, trouble = run.target.observe(manifest, dict(run.settings.grace), only), ""
            run.progress.pods(last.rows(), deadline - clock.monotonic())
        except ClusterError as error:
            trouble = error.message
        if not trouble and last is not None and (last.complete or last.doom):
            doom = last.doom + run.target.last_words(last) if last.doom else ""
            return Seen(last.complete, doom or last.summary)
        if clock.monotonic() > deadline:
            return _out_of_time(run, last, trouble)
        clock.sleep(PAUSE)


def _out_of_time(run: Run, last: Observation | None, trouble: str) -> Seen:
    seconds = f"{run.settings.rollout_timeout:.0f} s"
    if trouble or last is None:
        return Seen(False, f"the cluster could not be asked after {seconds}: {trouble}", unseen=True)
    return Seen(False, f"not complete after {seconds}: {last.summary}")
