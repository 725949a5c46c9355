"""Documents for a child process beyond the one on its standard input: named pipes, so nothing lies on a
disk."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def pipes(documents: Sequence[bytes]) -> Iterator[list[str]]:
    """Paths from which each document can be read exactly once while the block runs.

    The pipes stand in a folder that only its owner may enter. A pipe nobody opened is let go at the end.
    """
    if not documents:
        yield []
        return
    folder = Path(tempfile.mkdtemp(prefix="tyk-upgrade-"))
    feeders = []
    try:
        for number, document in enumerate(documents):
            path = folder / f"values-{number}.yaml"
            os.mkfifo(path, 0o600)
            feeder = threading.Thread(target=_feed, args=(path, document), daemon=True)
            feeder.start()
            feeders.append((path, feeder))
        yield [str(path) for path, _feeder in feeders]
    finally:
        for path, feeder in feeders:
            _release(path, feeder)
        shutil.rmtree(folder)


def _feed(path: Path, document: bytes) -> None:
    try:
        with path.open("wb") as pipe:
            pipe.write(document)
    except BrokenPipeError:
        # The reader went away before the end. Its own error says why, and that is what is reported.
        return


def _release(path: Path, feeder: threading.Thread) -> None:
    """A feeder whose pipe nobody opened waits for a reader: be one for a moment, and go."""
    while feeder.is_alive():
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        feeder.join(0.01)
