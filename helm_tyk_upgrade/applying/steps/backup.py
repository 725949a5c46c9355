"""Keep a bundle: everything needed to go back, read back and compared before the run goes on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from helm_tyk_upgrade.applying.intent import LOSS
from helm_tyk_upgrade.applying.run import Run, done, failed
from helm_tyk_upgrade.edge.clock import stamp
from helm_tyk_upgrade.edge.files import read_file, sha256
from helm_tyk_upgrade.errors import NotFound
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.store import intents
from helm_tyk_upgrade.store.bundle import BundleFile, write_bundle
from helm_tyk_upgrade.store.intents import KeptRun
from helm_tyk_upgrade.targets.bundle_contents import BundleContents

NAME = "backup"
ON_ERROR = StepStatus.FAILED


def do(run: Run) -> StepResult:
    release = run.release
    existing = run.bundles / release.namespace / release.name / run.id
    if existing.exists():  # this step was cut off after the bundle was in place
        return done(f"bundle {run.id}", bundle=str(existing))
    contents = run.target.bundle_contents(_files(run))
    missing = ", ".join(contents.missing)
    if _loses(run, contents):
        return failed(
            f"no way back for definitions: {missing}; mend that, or accept the loss with --policy {LOSS}=ignore"
        )
    info = write_bundle(
        run.bundles,
        bundle_id=run.id,
        namespace=release.namespace,
        release=release.name,
        time=stamp(run.context.clock.now()),
        files=[*contents.files, *_intent_files(run)],
        # `rollback` goes back to a rollback's own bundle only by name.
        facts={
            **contents.facts,
            **_cluster(run),
            "command": "rollback" if run.intent is None else "upgrade",
            "edited": _edited(run),
        },
    )
    left_out = f"; not in it: {missing}" if missing else ""
    return done(f"bundle {info.id}, {len(info.files)} files{left_out}", bundle=str(info.path))


def _cluster(run: Run) -> dict[str, str]:
    """Another cluster may have a release of the same names: `resume` and `rollback` compare. Nothing where it cannot
    be told."""
    found = run.target.cluster_identity()
    return {"cluster": found.value} if isinstance(found, Known) else {}


def _edited(run: Run) -> dict[str, str]:
    """The files that this run will write, with the sha256 they will then have: `rollback` undoes that and nothing that
    somebody wrote later. A rollback writes what was there before."""
    written = {file.file: file.before if run.intent is None else file.after for file in run.way_back.files}
    return {str(Path(name).absolute()): sha256(data) for name, data in written.items()}


def _intent_files(run: Run) -> list[BundleFile]:
    """With these and the journal the run can be resumed, even where the chart can no longer be had."""
    kept = KeptRun(run.release, run.settings, run.way_back, run.intent)
    files = [BundleFile(intents.NAME, intents.encode(kept))]
    archive = Path(run.intent.archive.path) if run.intent else None
    if archive is not None and archive.is_file():
        files.append(BundleFile(intents.CHART, read_file(archive, what="chart", limit=100 << 20).data))
    return files


def _files(run: Run) -> tuple[ValuesFile, ...]:
    """The user's values files. A rollback knows of those that it puts back."""
    if run.intent is not None:
        return run.upgrade.files
    found = []
    for file in run.way_back.files:
        with suppress(NotFound):  # gone meanwhile: restore_values says so
            now = read_file(Path(file.file), what="values file")
            found.append(ValuesFile(file.file, now.data, now.digest, now.mode))
    return tuple(found)


def _loses(run: Run, contents: BundleContents) -> bool:
    """Whether going on may lose definitions for good, because only the pods have them. A rollback goes on: what it
    replaces is often too broken to be asked, and the bundle that it goes back to has them."""
    if contents.has_definitions or run.intent is None:
        return False
    if run.settings.restore_apis:
        return True
    return contents.in_emptydir and run.upgrade.had_definitions and not run.upgrade.loss_accepted
