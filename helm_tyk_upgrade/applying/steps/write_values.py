"""Write the planned edits to the values files, and make sure that no file moved since the plan was made."""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.applying.run import Run, done, failed, skipped
from helm_tyk_upgrade.edge.files import private_folder, read_file, sha256, write_atomic
from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.store.records import reachable

NAME = "write_values"
ON_ERROR = StepStatus.FAILED


def do(run: Run) -> StepResult:
    files = [file for file in run.upgrade.files if _is_here(run, file.path)]
    if moved := [file.path for file in files if not _as_planned(run, file.path, file.digest)]:
        return failed(f"changed since the plan was made: {', '.join(moved)}; run the command again")
    if not run.upgrade.edited:
        return skipped("no values file is edited")
    here = [file for file in run.upgrade.edited if _is_here(run, file.file)]
    away = [file for file in run.upgrade.edited if file not in here]
    words = (
        f"not on this machine: {_named(away)}; as it is to be, it is in {_kept(run, away)}" if away else ""
    )
    for file in here:
        _write(file)
    if not here:
        return skipped(words)
    said = f"wrote {_named(here)}" + (f"; {words}" if words else "")
    return done(said, files=sorted(file.file for file in here))


def _is_here(run: Run, path: str) -> bool:
    return not run.moved or reachable(Path(path))


def _write(file: EditedFile) -> None:
    path = Path(file.file)
    if sha256(read_file(path, what="values file").data) != sha256(file.after):
        write_atomic(path, file.after, expected_digest=file.digest_before)


def _named(files: list[EditedFile]) -> str:
    return ", ".join(file.file for file in files)


def _kept(run: Run, files: list[EditedFile]) -> Path:
    """Helm is given these bytes; whoever has the files needs them too."""
    folder = private_folder(run.journal.folder / "to-write")
    for number, file in enumerate(files, start=1):
        write_atomic(folder / f"{number:02d}-{Path(file.file).name}", file.after, mode=0o600)
    return folder


def _as_planned(run: Run, path: str, digest: str) -> bool:
    """The file is as it was read, or already as the plan wants it (this step was cut off before)."""
    now = read_file(Path(path), what="values file").digest
    after = [sha256(file.after) for file in run.upgrade.edited if file.file == path]
    return now in (digest, *after)
