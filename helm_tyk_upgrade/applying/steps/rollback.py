"""Back to the revision the run started from, by Helm, and wait until its pods are there again."""

from __future__ import annotations

from dataclasses import replace

from helm_tyk_upgrade.applying import history
from helm_tyk_upgrade.applying.limits import LAST_WORDS, helm_limit, late
from helm_tyk_upgrade.applying.run import Run, done, failed
from helm_tyk_upgrade.applying.signals import Interrupted
from helm_tyk_upgrade.applying.waiting import watch_rollout
from helm_tyk_upgrade.edge.process import Child, Completed
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.model.pods import WorkloadRef
from helm_tyk_upgrade.model.release import Revision
from helm_tyk_upgrade.targets.rollouts import concerned

NAME = "rollback"
ON_ERROR = StepStatus.FAILED


def do(run: Run) -> StepResult:
    """facts: `revision`, once the release is there; `changed`: whether Helm stored anything in this step."""
    revision = run.way_back.revision
    if not revision:
        text = "the release has no revision that ever worked, so there is nothing to go back to"
        return failed(text, changed=False)
    try:
        newest = history.newest(run)
    except TykUpgradeError as error:
        return failed(_masked(run, f"not rolled back: {error.message}"), changed=False)
    made = _made_before(run, newest)
    if foreign := _foreign(run, newest, made):
        return failed(foreign, changed=False)
    if newest.revision == revision and not newest.status.startswith("pending-"):
        return done(f"the release is still at revision {revision}", changed=False, revision=revision)
    moving = _moving(run)
    if not made and (trouble := _go_back(run)):
        text = f"helm rollback to revision {revision} failed: {trouble}"
        return failed(_masked(run, text), changed=bool(history.since(run, newest.revision)))
    return _settled(run, moving)


def _made_before(run: Run, newest: Revision) -> bool:
    """This step was cut off after Helm had done its part (the words are Helm's own description of it)."""
    return (
        run.begun(NAME) > 1
        and newest.status == "deployed"
        and newest.description == f"Rollback to {run.way_back.revision}"
    )


def _foreign(run: Run, newest: Revision, made: bool) -> str:
    """Why the release is not this run's to roll back, empty where it is. What somebody else did since then would be
    undone with it."""
    if run.target.lock_lost:
        return "not rolled back: another run took the lease meanwhile"
    before = run.release.revision
    ours = {before} if run.intent is None else {before, run.fact("upgrade", "revision") or before + 1}
    if made or newest.revision in ours:
        return ""
    return f"not rolled back: revision {newest.revision} was made by somebody else"


def _moving(run: Run) -> frozenset[WorkloadRef] | None:
    """The workloads that going back changes; None, which stands for all, where the manifests cannot be had."""
    helm, release = run.context.helm, run.release
    try:
        now = helm.stored(release.name, release.namespace).manifest
        then = helm.stored(release.name, release.namespace, run.way_back.revision).manifest
        return concerned(compare(now, then, namespace=release.namespace), then, release.namespace)
    except TykUpgradeError:
        return None


def _go_back(run: Run) -> str:
    """Helm's rollback, with the user's flags but those that make Helm wait: the rollout is watched here. What went
    wrong, in words; empty for nothing."""
    helm, release, back = run.context.helm, run.release, run.way_back
    flags, limit = replace(back.flags, wait="", wait_for_jobs=False), helm_limit(back.flags.timeout)
    try:
        child = helm.rollback(release.name, release.namespace, back.revision, flags)
        completed = _ended(run, child, limit)
        if completed is None:
            return late(limit)
        helm.succeeded(completed, "rollback", str(release))
    except TykUpgradeError as error:
        return error.message
    return ""


def _ended(run: Run, child: Child, limit: float) -> Completed | None:
    """A rollback is waited for even when we are interrupted: half of it is worse than all of it. None when it had to
    be ended."""
    clock, interruption = run.context.clock, None
    deadline = clock.monotonic() + limit
    while True:
        try:
            completed = child.wait(max(0.0, deadline - clock.monotonic()))
            break
        except Interrupted as caught:
            interruption = caught
    if completed is None:
        child.end(LAST_WORDS)
    if interruption is not None:
        raise interruption
    return completed


def _settled(run: Run, moving: frozenset[WorkloadRef] | None) -> StepResult:
    release, revision = run.release, run.way_back.revision
    try:
        restored = run.context.helm.stored(release.name, release.namespace)
        seen = watch_rollout(run, restored.manifest, moving)
    except TykUpgradeError as error:
        text = f"rolled back to revision {revision}, but its pods were not seen: {error.message}"
        return failed(_masked(run, text), revision=revision)
    if not seen.complete:
        return failed(f"rolled back to revision {revision}, but {seen.reason}", revision=revision)
    return done(f"back to revision {revision} (now revision {restored.release.revision})", revision=revision)


def _masked(run: Run, text: str) -> str:
    return run.context.masker.text(text)
