"""Post the saved definitions to every gateway pod again."""

from __future__ import annotations

from helm_tyk_upgrade.applying.run import Run, done, failed, skipped
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "restore_apis"
ON_ERROR = StepStatus.FAILED


def do(run: Run) -> StepResult:
    bundle = run.fact("backup", "bundle", "")
    if not bundle:
        return skipped("no bundle holds definitions")
    manifest = run.context.helm.stored(run.release.name, run.release.namespace).manifest
    restored = run.target.restore_definitions(manifest, bundle)
    if restored.failed:
        return failed(f"not restored: {', '.join(restored.failed)}")
    return done(f"{restored.count} definitions posted to {restored.pods} pods", count=restored.count)
