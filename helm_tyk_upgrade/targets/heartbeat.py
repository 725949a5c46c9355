"""Signs of life for a lease while a run works or waits: a thread, because some waits are in other people's code."""

from __future__ import annotations

import threading
from collections.abc import Callable

from helm_tyk_upgrade.errors import TykUpgradeError

Renew = Callable[[], bool]
"""One sign of life. False when the lease is somebody else's by now; raises TykUpgradeError when that could not be
found out."""


class Heartbeat:
    """Renews from start() to stop(), every `seconds`. A cluster that does not answer is asked again: the lease
    outlives several misses."""

    def __init__(self, renew: Renew, seconds: float) -> None:
        self._renew = renew
        self._seconds = seconds
        self._stopping = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def lost(self) -> bool:
        """Whether the lease is known to be somebody else's."""
        return self._lost

    def stop(self) -> bool:
        """Ends the signs of life. False when the lease was lost meanwhile."""
        self._stopping.set()
        self._thread.join()
        return not self._lost

    def _beat(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                if not self._renew():
                    self._lost = True
                    return
            except TykUpgradeError:
                continue  # asked again at the next beat
