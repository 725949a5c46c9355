"""Child processes: the only user of subprocess. Never a shell; secrets travel on standard input, not in argv."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from helm_tyk_upgrade.errors import TykUpgradeError


@dataclass(frozen=True)
class Completed:
    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes


class Processes:
    """Runs programs with one environment. Tests replace this door with a script of expected argv."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = dict(env)
        # Helm is a Go program. One that soon ends has little to gain from collecting its garbage: a fifth of its time.
        self._brief = {"GOGC": "400", **self._env}

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        timeout: float | None = None,
        cwd: Path | None = None,
    ) -> Completed:
        """Run a program that soon ends, and keep both outputs apart. Raises TykUpgradeError when it is not there or did
        not end in `timeout` seconds; a non-zero exit is a result, not an error."""
        try:
            done = subprocess.run(
                list(argv),
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                timeout=timeout,
                env=self._brief,
                cwd=cwd,
                check=False,
            )
        except OSError as error:
            raise _not_started(argv[0], error) from error
        except subprocess.TimeoutExpired as error:
            what = " ".join(argv[:2])
            raise TykUpgradeError(
                f"{what}: no answer in {timeout:.0f} s", "the cluster or the network may be slow"
            ) from error
        return Completed(tuple(argv), done.returncode, done.stdout, done.stderr)

    def start(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        outlives: bool = False,
    ) -> Child:
        """Start a program in a session of its own, so that a Ctrl-C meant for us does not reach it unasked.

        On Linux it receives SIGTERM when we die (PR_SET_PDEATHSIG), so that it can end what it began; `outlives`: it is
        left alone instead, because it has no way to end half-way. No stream of it leads to us: what it says after our
        death must not kill it with SIGPIPE. Raises TykUpgradeError when it cannot be started."""
        streams = ExitStack()
        output = streams.enter_context(_memory()), streams.enter_context(_memory())
        try:
            with _memory(stdin or b"") as given:
                process = subprocess.Popen(
                    list(argv),
                    stdin=given,
                    stdout=output[0],
                    stderr=output[1],
                    env=self._env,
                    start_new_session=True,
                    preexec_fn=None if outlives else _die_with_parent(),
                )
        except OSError as error:
            streams.close()
            raise _not_started(argv[0], error) from error
        return Child(tuple(argv), process, output, streams)


class Child:
    """A running program, waited for by a thread: a signal that interrupts the waiting of the main thread must not lose
    the exit code. streams: closed when it has ended."""

    def __init__(
        self,
        argv: tuple[str, ...],
        process: subprocess.Popen[bytes],
        output: tuple[IO[bytes], IO[bytes]],
        streams: ExitStack,
    ) -> None:
        import threading

        self.argv = argv
        self._process = process
        self._output = (b"", b"")
        self._thread = threading.Thread(target=self._collect, args=(output, streams), daemon=True)
        self._thread.start()

    def _collect(self, output: tuple[IO[bytes], IO[bytes]], streams: ExitStack) -> None:
        with streams:
            self._process.wait()
            self._output = (_all_of(output[0]), _all_of(output[1]))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def wait(self, timeout: float | None = None) -> Completed | None:
        """The result, or None when it still runs after `timeout` seconds."""
        self._thread.join(timeout)
        if self._thread.is_alive():
            return None
        return Completed(self.argv, self._process.returncode, *self._output)

    def interrupt(self) -> None:
        """SIGINT: helm then marks the release as failed instead of leaving it pending."""
        if self.running:
            self._process.send_signal(signal.SIGINT)

    def end(self, patience: float) -> Completed:
        """Interrupt, and kill what still runs after `patience` seconds: a helm that hangs on a dead connection."""
        self.interrupt()
        completed = self.wait(patience)
        if completed is None:
            self._process.kill()
            completed = self.wait()
        assert completed is not None
        return completed


def _not_started(program: str, error: OSError) -> TykUpgradeError:
    if isinstance(error, FileNotFoundError):
        return TykUpgradeError(f"{program}: no such program", "install it or set its path")
    if isinstance(error, PermissionError):
        return TykUpgradeError(
            f"{program}: may not be executed", "check its mode and its folder's mount options"
        )
    return TykUpgradeError(f"{program}: cannot be started: {error.strerror}")


def _memory(data: bytes = b"") -> IO[bytes]:
    """A file without a name, at its beginning: in memory on Linux, elsewhere one that no folder lists."""
    file = os.fdopen(os.memfd_create("tyk-upgrade") if hasattr(os, "memfd_create") else _unlinked(), "w+b")
    file.write(data)
    file.seek(0)
    return file


def _unlinked() -> int:
    import tempfile

    descriptor, path = tempfile.mkstemp(prefix="tyk-upgrade-")
    os.unlink(path)
    return descriptor


def _all_of(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _die_with_parent() -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    pr_set_pdeathsig = 1
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(pr_set_pdeathsig, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # we died between fork and prctl
            os._exit(1)

    return arrange
