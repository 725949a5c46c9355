"""Where a run keeps its journal and its bundle when the usual folder cannot be written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.files import private_folder
from helm_tyk_upgrade.errors import TykUpgradeError


def use_writable(context: Context) -> str:
    """A private folder of this run's own where nobody named one and the default cannot be made or written (a pipeline
    without a home). Returns what is to be said then, else nothing. A folder that was named is never replaced."""
    usual = context.state_folder
    if context.env.get("TYK_UPGRADE_STATE_DIR") or _writable(usual):
        return ""
    context.state_folder = Path(tempfile.mkdtemp(prefix="tyk-upgrade-"))
    return (
        f"{usual} cannot be written: journal and bundle are in {context.state_folder}. Where that does not last, only "
        "the record in the cluster is left, without API definitions; TYK_UPGRADE_STATE_DIR names a folder that lasts."
    )


def _writable(folder: Path) -> bool:
    try:
        return os.access(private_folder(folder), os.W_OK | os.X_OK)
    except TykUpgradeError:
        return False
