"""Put the values files back to the bytes they had before this run edited them."""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.applying.run import Run, done, failed, skipped
from helm_tyk_upgrade.edge.files import read_file, sha256, write_atomic
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus

NAME = "restore_values"
ON_ERROR = StepStatus.FAILED


def do(run: Run) -> StepResult:
    edited = run.way_back.files
    if not edited:
        return skipped("no values file was edited")
    foreign = []
    for file in edited:
        now = read_file(Path(file.file), what="values file").digest
        if now == sha256(file.after):
            write_atomic(Path(file.file), file.before, expected_digest=now)
        elif now != file.digest_before:
            foreign.append(file.file)
    if foreign:
        return failed(
            f"{', '.join(foreign)} was changed by somebody else meanwhile; the old bytes are in the bundle"
        )
    return done(f"put back {', '.join(file.file for file in edited)}")
