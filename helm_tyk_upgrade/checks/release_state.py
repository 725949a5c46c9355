"""Whether Helm would accept an upgrade of the release as it stands.

Passes: revision 3 is `deployed`.
Fails: revision 4 is `pending-upgrade`: another operation runs, or was killed.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed

ID = "release-state"
TITLE = "Is the release in a state that Helm can upgrade?"
DEFAULT = Policy.FAIL
HINT = "wait for the other operation; if its process is gone, `helm tyk-upgrade unlock` frees the release"


def run(facts: Facts, changes: Changes) -> Verdict:
    release = facts.release
    where = f"revision {release.revision} of {release}"
    if release.pending:
        return failed(ID, f"{where} is {release.status}: another operation runs or was killed")
    if release.status not in ("deployed", "failed"):
        return failed(ID, f"{where} is {release.status}", hint="install it again with helm install")
    return passed(ID, f"{where} is {release.status}")
