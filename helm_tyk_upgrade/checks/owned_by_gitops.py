"""Whether a GitOps controller owns the release and would undo what we do.

Passes: no object of the release carries the marks of Flux or Argo CD.
Fails: the Deployment carries `helm.toolkit.fluxcd.io/name`: Flux would put its own version back.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "owned-by-gitops"
TITLE = "Does Flux or Argo CD own this release?"
DEFAULT = Policy.FAIL
HINT = "change the version in Git instead: the controller would undo this upgrade; `plan` and `verify` work"


def run(facts: Facts, changes: Changes) -> Verdict:
    if isinstance(facts.owner, Unknown):
        return unknown(ID, facts.owner.reason)
    if facts.owner.value:
        return failed(ID, f"{facts.release} is owned by {facts.owner.value}")
    return passed(ID, "no GitOps controller owns it")
