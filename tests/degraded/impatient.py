"""The program as it is, but for how long it waits for an answer of Helm: two minutes are too long for a test.

python -m tests.degraded.impatient ARGUMENTS...
"""

from __future__ import annotations

import sys

from helm_tyk_upgrade import cli
from helm_tyk_upgrade.helm import client

if __name__ == "__main__":
    client.READ_TIMEOUT = 2.0
    sys.exit(cli.main(sys.argv[1:]))
