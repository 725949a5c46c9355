"""The program, killed with kill -9 right after its journal has a certain line, or some time later.

python -m tests.faults.killed STEP:EVENT[+SECONDS] ARGUMENTS...
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from helm_tyk_upgrade import cli
from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.store.journal import Journal


def main() -> int:
    when, _, later = sys.argv[1].partition("+")
    step, _, event = when.partition(":")
    append = Journal.append

    def append_and_die(self: Journal, entry: Entry) -> None:
        append(self, entry)
        if (entry.step, entry.event) == (step, event):
            if not later:
                _die()
            threading.Timer(float(later), _die).start()

    Journal.append = append_and_die  # type: ignore[method-assign]
    return cli.main(sys.argv[2:])


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
