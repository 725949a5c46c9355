"""Write the planned edits to the values files, and make sure that no file moved since the plan was made."""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.applying.run import Run, done, failed, skipped
from helm_tyk_upgrade.edge.files import read_file, sha256, write_atomic
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "write_values"
ON_ERROR = StepStatus.FAILED


def do(run: Run) -> StepResult:
    edited = {file.file: file for file in run.upgrade.edited}
    moved = [file.path for file in run.upgrade.files if not _as_planned(run, file.path, file.digest)]
    if moved:
        return failed(f"changed since the plan was made: {', '.join(moved)}; run the command again")
    if not edited:
        return skipped("no values file is edited")
    for path, file in edited.items():
        if sha256(read_file(Path(path), what="values file").data) != sha256(file.after):
            write_atomic(Path(path), file.after, expected_digest=file.digest_before)
    return done(f"wrote {', '.join(edited)}", files=sorted(edited))


def _as_planned(run: Run, path: str, digest: str) -> bool:
    """The file is as it was read, or already as the plan wants it (this step was cut off before)."""
    now = read_file(Path(path), what="values file").digest
    after = [sha256(file.after) for file in run.upgrade.edited if file.file == path]
    return now in (digest, *after)
