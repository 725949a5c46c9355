"""What an upgrade that was cut off left behind, and how to go on. Helm's own history is the evidence."""

from __future__ import annotations

from dataclasses import replace

from helm_tyk_upgrade.applying import history
from helm_tyk_upgrade.applying.limits import LAST_WORDS, helm_limit, late
from helm_tyk_upgrade.applying.run import Run, done, failed
from helm_tyk_upgrade.helm.client import Helm
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.outcome import StepResult
from helm_tyk_upgrade.model.release import Release, Revision

ENDING = 10.0
"""Seconds that a Helm whose parent died takes at most to end and to mark its release as failed (measured: 1.3)."""


def settle(run: Run, newest: Revision) -> StepResult | Revision:
    """The step's result where Helm had done its part, or where the release is not this run's any more; else the newest
    revision, from which Helm can upgrade again. Raises TykUpgradeError."""
    newest = _after_helm_ended(run, newest)
    if newest.revision == run.release.revision or _freed_before(run, newest):
        return newest
    if foreign := _foreign(run, newest):
        return failed(f"{foreign}; plan again", changed=False)
    if newest.status == "deployed":
        text = f"revision {newest.revision}, made before the run was cut off"
        return done(text, changed=True, revision=newest.revision)
    if not newest.status.startswith("pending-"):
        return newest
    if trouble := _freed(run):
        return failed(
            f"revision {newest.revision} is {newest.status} and cannot be freed: {trouble}", changed=True
        )
    return history.newest(run)


def _after_helm_ended(run: Run, newest: Revision) -> Revision:
    """A Helm that lost its parent ends by itself; until then the release reads pending."""
    clock = run.context.clock
    deadline = clock.monotonic() + ENDING
    while newest.status.startswith("pending-") and clock.monotonic() < deadline:
        clock.sleep(1.0)
        newest = history.newest(run)
    return newest


def _foreign(run: Run, newest: Revision) -> str:
    """Why the newest revision is not what this run made, empty where it is: one of the next, of the planned chart, with
    the planned objects."""
    number, archive = newest.revision, run.upgrade.archive
    if number > _last_of_ours(run) or newest.chart != f"{archive.name}-{archive.version}":
        return f"revision {number} ({newest.chart}) was made by somebody else"
    release = run.release
    stored = run.context.helm.stored(release.name, release.namespace, number).manifest
    if compare(stored, run.upgrade.manifest, namespace=release.namespace).objects:
        return f"revision {number} holds other objects than the plan: somebody else made it"
    return ""


def _last_of_ours(run: Run) -> int:
    """Each beginning of the step may have upgraded, and before that freed the release."""
    return run.release.revision + 2 * run.begun("upgrade") - 1


def _freed_before(run: Run, newest: Revision) -> bool:
    """The step was cut off once more, after it had freed the release (the words are Helm's own)."""
    return (
        newest.status == "deployed"
        and newest.description == f"Rollback to {run.way_back.revision}"
        and newest.revision <= _last_of_ours(run)
    )


def _freed(run: Run) -> str:
    """A Helm that was killed leaves its release pending, and no Helm upgrades that; its rollback is the way out. What
    went wrong, in words; empty for nothing."""
    back = run.way_back
    if not back.revision:
        return "no revision ever worked"
    return freed(run.context.helm, run.release, back.revision, back.flags)


def freed(helm: Helm, release: Release, revision: int, flags: UpgradeFlags) -> str:
    """Helm's own way out of pending-*: its rollback, which no pending release keeps from running (Helm 3.13 to 4.3).
    Does not wait for pods. What went wrong, in words; empty for nothing. Raises HelmError."""
    flags = replace(flags, wait="", wait_for_jobs=False)
    child = helm.rollback(release.name, release.namespace, revision, flags)
    limit = helm_limit(flags.timeout)
    completed = child.wait(limit)
    if completed is None:
        child.end(LAST_WORDS)
        return late(limit)
    helm.succeeded(completed, "rollback", str(release))
    return ""
