"""Which version a Helm binary is, remembered from one run to the next: asking it takes as long as a whole question.

Only a program is remembered, by what identifies the very file. A script (a version manager's shim, a wrapper) may start
another Helm tomorrow and is asked each time.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from helm_tyk_upgrade.edge.files import private_folder, write_atomic
from helm_tyk_upgrade.errors import TykUpgradeError

_PROGRAMS = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How executables begin on Linux and macOS."""
_FILE = "helm-versions.json"
_MOST = 20


def recall(folder: Path, binary: str) -> str:
    """What `helm version` said; empty where it has to be asked."""
    return _known(folder).get(_identity(binary), "")


def remember(folder: Path, binary: str, version: str) -> None:
    """Where it cannot be kept, the binary is asked again next time."""
    identity = _identity(binary)
    if not identity:
        return
    known = {**_known(folder), identity: version}
    try:
        kept = dict(list(known.items())[-_MOST:])
        write_atomic(private_folder(folder) / _FILE, json.dumps(kept).encode(), mode=0o600)
    except (OSError, TykUpgradeError):
        return


def _known(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / _FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(found, dict) and all(isinstance(version, str) for version in found.values())
    return found if is_ours else {}


def _identity(binary: str) -> str:
    """Empty for what is no program, or cannot be read."""
    path = Path(binary).resolve()
    try:
        with path.open("rb") as file:
            head, found = file.read(4), os.fstat(file.fileno())
    except OSError:
        return ""
    if head not in _PROGRAMS:
        return ""
    return f"{path} {found.st_dev}:{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
