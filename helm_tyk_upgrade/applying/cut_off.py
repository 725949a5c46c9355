"""What a step of Helm's that was cut off left behind, and how to go on. Helm's own history is the evidence, and the
journal for what this run did to free the release."""

from __future__ import annotations

from dataclasses import replace

from helm_tyk_upgrade.applying import history
from helm_tyk_upgrade.applying.limits import LAST_WORDS, helm_limit, late
from helm_tyk_upgrade.applying.run import Run, done, failed
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.helm.client import Helm
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.outcome import StepResult
from helm_tyk_upgrade.model.release import Release, Revision

ENDING = 10.0
"""Seconds that a Helm whose parent died takes at most to end and to mark its release as failed (measured: 1.3)."""

FREEING = "freeing"
"""The journal's event before this run frees its release; the fact `revision` is the number that Helm will give."""


class NotSettled(TykUpgradeError):
    """What a step that was cut off left behind could not be found out or mended: the run has not come to an end."""


def not_settled(run: Run, step: str, error: TykUpgradeError) -> NotSettled:
    """error: why. The run can be resumed again."""
    said = run.context.masker.text(error.message + (f" ({error.hint})" if error.hint else ""))
    return NotSettled(
        f"what {step} had done when the run was cut off is not settled: {said}",
        f"`helm tyk-upgrade resume {run.id}` looks again and goes on",
    )


def settle(run: Run, newest: Revision) -> StepResult | Revision:
    """The step's result where Helm had done its part, or where the release is not this run's any more; else the newest
    revision, from which Helm can upgrade again. Raises TykUpgradeError."""
    newest = after_helm_ended(run, newest)
    if newest.revision == run.release.revision:
        return newest
    freeing = _freeing(run, newest)
    if freeing and not newest.status.startswith("pending-"):
        return newest
    if not freeing and (foreign := _foreign(run, newest)):
        return failed(f"{foreign}; plan again", changed=False)
    if newest.status == "deployed":
        text = f"revision {newest.revision}, made before the run was cut off"
        return done(text, changed=True, revision=newest.revision)
    if not newest.status.startswith("pending-"):
        return newest
    pending = f"revision {newest.revision} is {newest.status}"
    if not run.way_back.revision:
        text = f"{pending} and cannot be freed: no revision ever worked"
        return failed(text, changed=True, revision=newest.revision)
    if trouble := _freed(run, newest):
        raise TykUpgradeError(f"{pending} and could not be freed: {trouble}")
    return history.newest(run)


def goes_back(run: Run, newest: Revision) -> bool:
    """Whether the revision is a rollback to where this run goes back to, made, under way or failed (the words are
    Helm's own)."""
    return newest.description == f"Rollback to {run.way_back.revision}" or newest.description.startswith(
        f'Rollback "{run.release.name}" failed'
    )


def after_helm_ended(run: Run, newest: Revision) -> Revision:
    """The newest revision: a Helm that lost its parent ends by itself, until then the release reads pending. Raises
    HelmError."""
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
    if newest.status == "deployed" and newest.description.startswith("Rollback to "):
        return f"revision {number} ({newest.description}) was made by somebody else"
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


def _freeing(run: Run, newest: Revision) -> bool:
    """Whether this run made the revision to free its release, before it was cut off once more. Somebody else's rollback
    reads the same in Helm's history, so it takes the journal's word."""
    results = [entry.result for entry in run.journal.entries if entry.event == FREEING]
    ours = {result.fact("revision") for result in results if result is not None}
    return newest.revision in ours and goes_back(run, newest)


def _freed(run: Run, newest: Revision) -> str:
    """A Helm that was killed leaves its release pending, and no Helm upgrades that; its rollback is the way out. What
    went wrong, in words; empty for nothing. Raises TykUpgradeError where the journal cannot be written."""
    back, revision = run.way_back, newest.revision + 1
    text = f"frees revision {newest.revision} by helm rollback to {back.revision}, as revision {revision}"
    run.enter("", FREEING, done(text, revision=revision))
    try:
        return freed(run.context.helm, run.release, back.revision, back.flags)
    except TykUpgradeError as error:
        return error.message


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
