"""The release's history, as the steps ask for it."""

from __future__ import annotations

from helm_tyk_upgrade.applying.run import Run
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.release import Revision


def newest(run: Run) -> Revision:
    """The newest revision, whatever its status. Raises HelmError."""
    found = run.context.helm.history(run.release.name, run.release.namespace)
    return max(found, key=lambda item: item.revision)


def since(run: Run, before: int) -> int:
    """The newest revision where it is another than `before`, else 0. What cannot be ruled out counts as a change, to
    the next revision: then the way back is taken."""
    try:
        now = newest(run).revision
    except TykUpgradeError:
        return before + 1
    return now if now != before else 0
