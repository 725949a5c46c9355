"""Whether the cluster has the CRDs that the chart carries: Helm installs those of crds/ once and never upgrades them.

Passes: the chart has no CRDs, or the cluster's are the same.
Fails: the chart's tyk-operator brings a new field to apidefinitions.tyk.tyk.io, and the cluster still has the old CRD.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.kubernetes import OutdatedCrd
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "crds-not-upgraded"
TITLE = "Does the cluster have the CRDs that the chart was made for?"
DEFAULT = Policy.WARN
HINT = "compare them by hand: helm show crds CHART"
_SHOWN = 3
"""Differing fields that are named for each CRD; a new version of a schema changes hundreds."""


def run(facts: Facts, changes: Changes) -> Verdict:
    found = facts.kubernetes.crds
    if isinstance(found, Unknown):
        return unknown(ID, f"the CRDs could not be compared: {found.reason}")
    if not found.value:
        return passed(ID, "Helm leaves no CRD of the chart behind")
    missing = sum(crd.missing for crd in found.value)
    differing = len(found.value) - missing
    parts = [f"{differing} other than in the cluster"] * bool(differing) + [f"{missing} not there"] * bool(
        missing
    )
    reason = f"Helm upgrades no CRD, and of the chart's there are {' and '.join(parts)}"
    return failed(ID, reason, *map(_line, found.value), hint=_command(facts))


def _line(crd: OutdatedCrd) -> str:
    if crd.missing:
        return f"{crd.name} ({crd.path}): not in the cluster"
    more = len(crd.differs) - _SHOWN
    named = ", ".join(crd.differs[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"{crd.name} ({crd.path}): {named}"


def _command(facts: Facts) -> str:
    """Helm made them first, so their fields must be taken over."""
    return (
        f"before the upgrade, for the CRDs named: helm show crds {facts.archive.path} | "
        "kubectl apply --server-side --force-conflicts -f -"
    )
