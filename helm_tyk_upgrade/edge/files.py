"""Files: read whole, written atomically and durably, never half."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from helm_tyk_upgrade.errors import NotFound, TykUpgradeError


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class FileBytes:
    """The exact bytes of a file with what must be kept when it is written again. `path` is as the user gave it."""

    path: Path
    data: bytes
    mode: int
    digest: str


def read_file(path: Path, *, what: str, limit: int = 10 * 1024 * 1024) -> FileBytes:
    """Read a file whole. `what` names it in errors ("values file"). Raises NotFound or TykUpgradeError."""
    try:
        if path.is_dir():
            raise TykUpgradeError(f"{what} {path} is a folder", "name the file in it")
        with path.open("rb") as file:
            data = file.read(limit + 1)
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    except FileNotFoundError as error:
        raise NotFound(
            f"{what} {path} does not exist", "check the path; it is taken from the current folder"
        ) from error
    except PermissionError as error:
        raise TykUpgradeError(
            f"{what} {path} cannot be read: permission denied", "check its owner and mode"
        ) from error
    except OSError as error:
        raise TykUpgradeError(f"{what} {path} cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise TykUpgradeError(f"{what} {path} is larger than {limit >> 20} MiB", "is it the right file?")
    return FileBytes(path, data, mode, sha256(data))


def write_atomic(
    path: Path, data: bytes, *, mode: int | None = None, expected_digest: str | None = None
) -> None:
    """Replace a file in one step: temporary file in the same folder, fsync, rename, fsync of the folder.

    A symlink is followed, so the link stays and its target changes. Mode and owner of an existing file are kept
    (`mode` is for a new one). With `expected_digest` the file must still have that sha256, else nothing is
    written: somebody changed it meanwhile.
    """
    target = Path(os.path.realpath(path))

    def check() -> None:
        if expected_digest is not None:
            _check_unchanged(path, target, expected_digest)

    check()
    try:
        before = os.stat(target) if target.exists() else None
        _replace(target, data, before, mode, check)
    except OSError as error:
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> TykUpgradeError:
    return TykUpgradeError(f"cannot write {path}: {error.strerror}", _WRITE_HINTS.get(error.errno or 0, ""))


@dataclass(frozen=True)
class Replacement:
    """New bytes for a file that exists. before: the bytes that were read and have to be there still."""

    path: Path
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)


def replace_files(replacements: Sequence[Replacement]) -> None:
    """All of them or none: each file is checked before the first is written, and where one fails all the same, those
    written get their old bytes back. Each file once, each in one step, as write_atomic. Raises TykUpgradeError; its
    hint names the files that could not be put back."""
    for each in replacements:
        _check_replaceable(each)
    done: list[Replacement] = []
    for each in replacements:
        try:
            write_atomic(each.path, each.after, expected_digest=sha256(each.before))
        except TykUpgradeError as error:
            left = [str(other.path) for other in reversed(done) if not _put_back(other)]
            hint = "; ".join(part for part in (error.hint, _put_back_text(done, left)) if part)
            raise TykUpgradeError(error.message, hint) from error
        done.append(each)


def _check_replaceable(replacement: Replacement) -> None:
    target = Path(os.path.realpath(replacement.path))
    _check_unchanged(replacement.path, target, sha256(replacement.before))
    if not (os.access(target, os.W_OK) and os.access(target.parent, os.W_OK | os.X_OK)):
        raise _not_written(
            replacement.path, PermissionError(errno.EACCES, "the file or its folder is read-only")
        )


def _put_back(replacement: Replacement) -> bool:
    try:
        write_atomic(replacement.path, replacement.before, expected_digest=sha256(replacement.after))
    except TykUpgradeError:
        return False
    return True


def _put_back_text(done: Sequence[Replacement], left: Sequence[str]) -> str:
    if left:
        return f"could not be put back: {', '.join(left)}"
    return "the files written before it were put back" if done else ""


_WRITE_HINTS = {
    errno.EACCES: "the folder must be writable: the file is replaced in one step by a new one beside it",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "free some space; the old file is untouched",
}


def _check_unchanged(path: Path, target: Path, expected_digest: str) -> None:
    try:
        now = sha256(target.read_bytes())
    except OSError as error:
        raise TykUpgradeError(
            f"{path} cannot be read again: {error.strerror}", "nothing was written"
        ) from error
    if now != expected_digest:
        raise TykUpgradeError(
            f"{path} changed since it was read", "nothing was written; run the command again"
        )


def _replace(
    target: Path, data: bytes, before: os.stat_result | None, mode: int | None, check: Callable[[], None]
) -> None:
    """check: asked as the last thing before the new file takes the place of the old one."""
    if before is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only")
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            _keep_owner_and_mode(file.fileno(), before, mode)
            os.fsync(file.fileno())
        check()
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
    sync_folder(target.parent)


def _keep_owner_and_mode(descriptor: int, before: os.stat_result | None, mode: int | None) -> None:
    if before is None:
        os.fchmod(descriptor, 0o600 if mode is None else mode)
        return
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def append_line(path: Path, line: bytes) -> None:
    """Add a line and wait until it is on the disk. What a crash left behind the last newline is taken away first,
    or the new line would be glued to it. Raises OSError; then the file has no part of the line."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        whole = os.pread(descriptor, size, 0).rfind(b"\n") + 1
        os.ftruncate(descriptor, whole)
        try:
            rest = memoryview(line)
            while rest:  # a full disk takes a part before it refuses
                rest = rest[os.write(descriptor, rest) :]
        except OSError:
            os.ftruncate(descriptor, whole)
            raise
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock_file(path: Path) -> IO[bytes] | None:
    """An exclusive lock that ends with this process, whatever ends it; None where another process holds it. The file
    is made where missing; keep the handle as long as the lock. Raises OSError."""
    handle = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def sync_folder(folder: Path) -> None:
    """Make a rename or a new file in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_folder(path: Path) -> Path:
    """A folder that only its owner can enter, made with its parents where missing; an existing one keeps its
    mode. Raises TykUpgradeError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise TykUpgradeError(
            f"cannot make the folder {path}: {error.strerror}", "choose another with its flag"
        ) from error
    return path
