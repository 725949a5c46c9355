"""Whether the upgrade removes something that holds data, or takes it away from the pods.

Passes: only a Deployment changes.
Fails: a PersistentVolumeClaim is no longer in the manifest: Helm would delete it; `data-a` gives way
to `data-b`: the new pods start without what is in the first.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed

ID = "data-loss"
TITLE = "Does the upgrade remove something that holds data, or unmount it?"
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
    return passed(ID, "no object that holds data is removed or unmounted")
