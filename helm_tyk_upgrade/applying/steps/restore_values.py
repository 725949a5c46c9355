"""Put the values files back to the bytes they had before this run edited them."""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.applying.run import Run, done, failed, skipped, unknown
from helm_tyk_upgrade.edge.files import FileBytes, private_folder, read_file, sha256, write_atomic
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.store.records import reachable

NAME = "restore_values"
ON_ERROR = StepStatus.FAILED
REPLACED = "replaced"
"""The folder beside the journal with the bytes that were replaced."""


def do(run: Run) -> StepResult:
    """Each file by itself: one that cannot be put back keeps no other from it."""
    edited = [file for file in run.way_back.files if not run.moved or reachable(Path(file.file))]
    away = [file.file for file in run.way_back.files if file not in edited]
    if not edited and not away:
        return skipped("no values file was edited")
    back: list[str] = []
    stays: list[str] = []
    troubles: list[str] = []
    for number, file in enumerate(edited, start=1):
        try:
            (back if _put_back(run, number, file) else stays).append(file.file)
        except TykUpgradeError as error:
            troubles.append(error.message)
    folder = run.journal.folder / REPLACED
    kept = f"; the bytes that were there are in {folder}" if folder.exists() else ""
    if troubles:
        return failed(f"{'; '.join(troubles)}; the old bytes are in the bundle{kept}")
    if away:
        return unknown(
            f"not on this machine: {', '.join(away)}; `backup restore {run.id}` puts it back where it is{kept}"
        )
    said = [f"put back {', '.join(back)}"] if back else []
    said += (
        [f"left as somebody else changed it before this run wrote it: {', '.join(stays)}"] if stays else []
    )
    return done("; ".join(said) + kept)


def _put_back(run: Run, number: int, file: EditedFile) -> bool:
    """True once the file has its old bytes, False where it is somebody else's and this run never wrote it. Raises
    TykUpgradeError."""
    path = Path(file.file)
    try:
        now = read_file(path, what="values file")
    except NotFound:
        if _was_not_written(run):
            return False
        raise
    if now.digest == sha256(file.after):
        _keep(run, number, now)
        write_atomic(path, file.before, expected_digest=now.digest)
    elif now.digest != file.digest_before:
        if _was_not_written(run):
            return False
        raise TykUpgradeError(f"{path} was changed by somebody else meanwhile and stays")
    return True


def _was_not_written(run: Run) -> bool:
    """write_values refused: a file with other bytes than the planned ones was not written by this run."""
    result = run.results.get("write_values")
    return result is not None and result.status is StepStatus.FAILED and not run.resumed_in("write_values")


def _keep(run: Run, number: int, now: FileBytes) -> None:
    """The bytes that are about to be replaced: `rollback` replaces what the user may have edited since."""
    folder = private_folder(run.journal.folder / REPLACED)
    write_atomic(folder / f"{number:02d}-{now.path.name}", now.data, mode=0o600)
