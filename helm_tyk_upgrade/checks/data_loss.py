"""Whether the upgrade removes something that holds data.

Passes: only a Deployment changes.
Fails: a PersistentVolumeClaim is no longer in the manifest: Helm would delete it.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed

ID = "data-loss"
TITLE = "Does the upgrade remove or shrink something that holds data?"
DEFAULT = Policy.FAIL
HINT = "keep the object with the annotation helm.sh/resource-policy: keep, or set the value that renders it"


def run(facts: Facts, changes: Changes) -> Verdict:
    found = [
        f"{danger.id} {danger.path}: {danger.reason}"
        for danger in changes.objects.dangers
        if danger.effect == "data loss"
    ]
    if found:
        return failed(ID, found[0], *found[1:])
    return passed(ID, "no object that holds data is removed or shrunk")
