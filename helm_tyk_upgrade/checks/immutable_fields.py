"""Whether a changed field is one that Kubernetes never lets change.

Passes: only the image of a Deployment changes.
Fails: spec.selector of a Deployment changes: the API server rejects it in the middle of the upgrade.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed

ID = "immutable-fields"
TITLE = "Would the API server reject a change as immutable?"
DEFAULT = Policy.FAIL
HINT = "delete the object by hand in a maintenance window, or keep the old value"


def run(facts: Facts, changes: Changes) -> Verdict:
    found = [
        f"{danger.id} {danger.path}: {danger.reason}"
        for danger in changes.objects.dangers
        if danger.effect == "rejected"
    ]
    if found:
        return failed(ID, found[0], *found[1:])
    return passed(ID, "no immutable field changes")
