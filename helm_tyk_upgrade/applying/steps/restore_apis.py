"""Post the saved definitions to every gateway pod again."""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.applying.run import Run, done, failed
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.targets.definitions import holds_definitions

NAME = "restore_apis"
ON_ERROR = StepStatus.FAILED


def do(run: Run) -> StepResult:
    bundle = _bundle(run)
    if not bundle:
        return failed("not restored: no bundle holds definitions")
    manifest = run.context.helm.stored(run.release.name, run.release.namespace).manifest
    restored = run.target.restore_definitions(manifest, bundle)
    if restored.failed:
        return failed(f"not restored: {', '.join(restored.failed)}")
    return done(
        f"{count(restored.count, 'definition')} posted to {count(restored.pods, 'pod')}", count=restored.count
    )


def _bundle(run: Run) -> str:
    """The run's own, else the one that is gone back to: a gateway that was broken could not tell what it held."""
    kept = (run.fact("backup", "bundle", ""), run.way_back.bundle)
    return next((bundle for bundle in kept if bundle and holds_definitions(Path(bundle))), "")
