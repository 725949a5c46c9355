"""Back to the revision the run started from, by Helm, and wait until its pods are there again."""

from __future__ import annotations

from dataclasses import replace

from helm_tyk_upgrade.applying import cut_off, history
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
    """facts: `revision`, once the release is there; `changed`: whether Helm stored anything in this step. Raises
    NotSettled where an earlier process was cut off in this step and what it left cannot be found out."""
    revision = run.way_back.revision
    if not revision:
        text = "the release has no revision that ever worked, so there is nothing to go back to"
        return failed(text, changed=False)
    try:
        newest = history.newest(run)
        if run.resumed_in(NAME):
            newest = cut_off.after_helm_ended(run, newest)
    except TykUpgradeError as error:
        if run.resumed_in(NAME):
            raise cut_off.not_settled(run, NAME, error) from error
        return failed(_masked(run, f"not rolled back: {error.message}"), changed=False)
    begun = _begun_before(run, newest)
    if foreign := _foreign(run, newest, begun):
        return failed(foreign, changed=False)
    if newest.revision == revision and not newest.status.startswith("pending-"):
        return done(f"the release is still at revision {revision}", changed=False, revision=revision)
    moving = _moving(run, _last_of_upgrade(run) if begun else newest.revision)
    made = begun and newest.status == "deployed"
    if not made and (trouble := _go_back(run)):
        text = f"helm rollback to revision {revision} failed: {trouble}"
        return failed(_masked(run, text), changed=begun or bool(history.since(run, newest.revision)))
    return _settled(run, moving)


def _begun_before(run: Run, newest: Revision) -> bool:
    """This step was cut off after Helm had begun its part: what it stored may be deployed, failed or still pending.
    Each beginning of the step may have stored one."""
    return (
        run.resumed_in(NAME)
        and cut_off.goes_back(run, newest)
        and newest.revision <= _last_of_upgrade(run) + run.begun(NAME)
    )


def _last_of_upgrade(run: Run) -> int:
    """The newest revision before this step."""
    before = run.release.revision
    return before if run.intent is None else run.fact("upgrade", "revision") or before + 1


def _foreign(run: Run, newest: Revision, begun: bool) -> str:
    """Why the release is not this run's to roll back, empty where it is. What somebody else did since then would be
    undone with it."""
    if run.target.lock_lost:
        return "not rolled back: another run took the lease meanwhile"
    if begun or newest.revision in (run.release.revision, _last_of_upgrade(run)):
        return ""
    return f"not rolled back: revision {newest.revision} was made by somebody else"


def _moving(run: Run, before: int) -> frozenset[WorkloadRef] | None:
    """The workloads that going back from this revision changes; None, which stands for all, where the manifests cannot
    be had."""
    helm, release = run.context.helm, run.release
    try:
        now = helm.stored(release.name, release.namespace, before).manifest
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
