"""The Helm upgrade, watched while it runs. What happened is learned from Helm's history, not from its exit code."""

from __future__ import annotations

from helm_tyk_upgrade.applying.run import Run, done, failed
from helm_tyk_upgrade.applying.signals import Interrupted
from helm_tyk_upgrade.edge.process import Child, Completed
from helm_tyk_upgrade.errors import HelmError, TykUpgradeError
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "upgrade"
ON_ERROR = StepStatus.FAILED
LAST_WORDS = 20.0
"""Seconds that Helm gets to mark the release as failed after SIGINT."""


def do(run: Run) -> StepResult:
    plan, helm = run.plan, run.context.helm
    before = _newest(run)
    if before != plan.release.revision:
        return failed(
            f"the release is at revision {before}, the plan was made for {plan.release.revision}; plan again",
            changed=False,
        )
    release = plan.release
    child = helm.upgrade(
        release.name,
        release.namespace,
        plan.archive.path,
        plan.values.layers,
        plan.flags,
        release.apply_method,
    )
    completed, doomed = _watched(run, child)
    changed = _newest(run) != before
    if doomed:
        return failed(doomed, changed=changed)
    try:
        rendered = helm.upgraded(completed, str(release))
    except HelmError as error:
        text = error.message + (f" ({error.hint})" if error.hint else "")
        return failed(run.context.masker.text(text), changed=changed)
    return done(f"revision {rendered.revision}", changed=True, revision=rendered.revision)


def _newest(run: Run) -> int:
    release = run.release
    return max(item.revision for item in run.context.helm.history(release.name, release.namespace))


def _watched(run: Run, child: Child) -> tuple[Completed, str]:
    """Helm's result, and why it was ended early ("" when it was not). With --wait Helm may sit there for minutes
    although a pod can never start: then it is told to stop, and marks the release as failed itself."""
    doomed = ""
    try:
        while (completed := child.wait(0.5)) is None:
            if not doomed:
                doomed = _doomed(run)
                if doomed:
                    child.interrupt()
            run.target.heartbeat(run.id)
        return completed, doomed
    except Interrupted:
        # A killed Helm leaves the release pending; an interrupted one marks it failed within seconds.
        child.interrupt()
        child.wait(LAST_WORDS)
        raise


def _doomed(run: Run) -> str:
    try:
        observed = run.target.observe(run.plan.manifest, dict(run.settings.grace))
    except TykUpgradeError:
        return ""  # Helm itself will say what is wrong with the connection
    run.progress.pods(observed.rows())
    return observed.doom
