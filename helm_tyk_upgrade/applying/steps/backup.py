"""Keep a bundle: everything needed to go back, read back and compared before the run goes on."""

from __future__ import annotations

from helm_tyk_upgrade.applying.run import Run, done
from helm_tyk_upgrade.edge.clock import stamp
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.store.bundle import write_bundle

NAME = "backup"
ON_ERROR = StepStatus.FAILED


def do(run: Run) -> StepResult:
    release = run.release
    existing = run.bundles / release.namespace / release.name / run.id
    if existing.exists():  # this step was cut off after the bundle was in place
        return done(f"bundle {run.id}", bundle=str(existing))
    contents = run.target.bundle_contents(run.plan.values.files)
    info = write_bundle(
        run.bundles,
        bundle_id=run.id,
        namespace=release.namespace,
        release=release.name,
        time=stamp(run.context.clock.now()),
        files=contents.files,
        facts=contents.facts,
    )
    missing = f"; not in it: {', '.join(contents.missing)}" if contents.missing else ""
    return done(f"bundle {info.id}, {len(info.files)} files{missing}", bundle=str(info.path))
