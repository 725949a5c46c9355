"""Whether the revision to go back to will still be kept by Helm.

Passes: revision 3 is deployed and --history-max is 10.
Fails: --history-max 1 keeps only the new revision.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed

ID = "rollback-revision"
TITLE = "Will Helm still have the revision to go back to?"
DEFAULT = Policy.FAIL
HINT = "give --history-max 10"


def run(facts: Facts, changes: Changes) -> Verdict:
    if facts.history_max == 1:
        return failed(ID, "--history-max 1 leaves no revision to roll back to")
    good = [item.revision for item in facts.history if item.status in ("deployed", "superseded")]
    if not good:
        return failed(ID, "the history holds no revision that ever worked")
    return passed(ID, f"revision {max(good)} is kept")
