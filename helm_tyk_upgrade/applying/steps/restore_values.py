"""Put the values files back to the bytes they had before this run edited them."""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.applying.run import Run, done, failed, skipped, unknown
from helm_tyk_upgrade.edge.files import FileBytes, private_folder, read_file, sha256, write_atomic
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.store.records import reachable

NAME = "restore_values"
ON_ERROR = StepStatus.FAILED


def do(run: Run) -> StepResult:
    edited = [file for file in run.way_back.files if not run.moved or reachable(Path(file.file))]
    away = [file.file for file in run.way_back.files if file not in edited]
    if not edited and not away:
        return skipped("no values file was edited")
    foreign, kept = [], ""
    for number, file in enumerate(edited, start=1):
        now = read_file(Path(file.file), what="values file")
        if now.digest == sha256(file.after):
            kept = f"; the bytes that were there are in {_keep(run, number, now)}"
            write_atomic(Path(file.file), file.before, expected_digest=now.digest)
        elif now.digest != file.digest_before:
            foreign.append(file.file)
    if foreign:
        return failed(
            f"{', '.join(foreign)} was changed by somebody else meanwhile and stays; "
            f"the old bytes are in the bundle{kept}"
        )
    if away:
        return unknown(
            f"not on this machine: {', '.join(away)}; `backup restore {run.id}` puts it back where it is{kept}"
        )
    return done(f"put back {', '.join(file.file for file in edited)}{kept}")


def _keep(run: Run, number: int, now: FileBytes) -> Path:
    """The bytes that are about to be replaced: `rollback` replaces what the user may have edited since."""
    folder = private_folder(run.journal.folder / "replaced")
    write_atomic(folder / f"{number:02d}-{now.path.name}", now.data, mode=0o600)
    return folder
