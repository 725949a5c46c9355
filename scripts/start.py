"""Entry of the plugin: finds the packages of the environment and the plugin itself, runs the command line.

Python is started with -I -S: only these two folders are added to its standard library, so nothing that a
machine has installed can get in the way, and the start saves the milliseconds of looking for it.
"""

from __future__ import annotations

import sys

# <environment>/bin/python and <plugin>/scripts/start.py. The plugin comes last: it may hide no package.
sys.path += [sys.executable.rsplit("/", 2)[0] + "/packages", __file__.rsplit("/", 2)[0]]

from helm_tyk_upgrade.cli import main

sys.exit(main())
