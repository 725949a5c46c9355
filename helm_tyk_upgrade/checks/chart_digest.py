"""Whether the chart archive is the one that was published.

Passes: its sha256 equals the one on Artifact Hub.
Fails: (a wrong digest stops the run before the plan is made)
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, not_applicable, passed, unknown

ID = "chart-digest"
TITLE = "Is the chart archive the published one?"
DEFAULT = Policy.WARN
HINT = "compare its sha256 with a source that you trust"


def run(facts: Facts, changes: Changes) -> Verdict:
    archive = facts.archive
    if not archive.digest:
        return not_applicable(ID, f"the chart is a local folder: {archive.path}")
    if not archive.verified_by:
        return unknown(ID, "no catalogue publishes a digest of this archive", f"sha256 {archive.digest}")
    return passed(ID, f"its sha256 equals the one of {' and '.join(archive.verified_by)}")
