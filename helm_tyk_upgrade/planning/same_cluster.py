"""Whether a run was begun on the cluster that is asked now: two may have a release of the same names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.targets.release import ReleaseTarget

FACT = "cluster"
"""Of a bundle: the identity of its cluster; missing in those of earlier versions, and where it could not be read."""


def check_cluster(context: Context, release: Release, run: str, facts: Mapping[str, Any]) -> None:
    """Raises TykUpgradeError where the bundle's cluster and the present one are both known and differ. facts: of the
    run's bundle."""
    kept = facts.get(FACT)
    if not isinstance(kept, str) or not kept:
        return
    present = ReleaseTarget(context, release).cluster_identity()
    if isinstance(present, Known) and present.value != kept:
        raise TykUpgradeError(
            f"run {run} was begun on another cluster, with a release {release} of its own; nothing was changed",
            "switch to the kubeconfig context of that cluster (--kube-context); for this one name a run or a "
            "bundle of its own: `runs` and `backup list` show them",
        )
