"""Whether there is a revision to go back to. Helm itself never deletes the deployed one, whatever --history-max says.

Passes: revision 3 is deployed.
Fails: the only revision is a failed installation.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed

ID = "rollback-revision"
TITLE = "Is there a revision to go back to?"
DEFAULT = Policy.WARN
HINT = "a failed upgrade can then not be rolled back; see --no-rollback"


def run(facts: Facts, changes: Changes) -> Verdict:
    good = [item.revision for item in facts.history if item.status in ("deployed", "superseded")]
    if not good:
        return failed(ID, "the history holds no revision that ever worked")
    return passed(ID, f"revision {max(good)} is kept")
