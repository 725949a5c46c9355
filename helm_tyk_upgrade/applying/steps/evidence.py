"""Save what explains the failure before a rollback wipes it away: pod status, events, logs."""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.applying.run import Run, done
from helm_tyk_upgrade.edge.files import private_folder, write_atomic
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "evidence"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    folder = private_folder(Path(run.fact("backup", "bundle", str(run.journal.folder))) / "evidence")
    files = run.target.evidence(run.upgrade.manifest)
    for file in files:
        write_atomic(folder / file.name, _masked(run, file.data), mode=0o600)
    return done(f"{len(files)} files in {folder}", folder=str(folder))


def _masked(run: Run, data: bytes) -> bytes:
    return run.context.masker.text(data.decode("utf-8", "replace")).encode()
