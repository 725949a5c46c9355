"""Whether a changed field is one that Kubernetes never lets change.

Passes: only the image of a Deployment changes.
Passes: podManagementPolicy is written out as the server's default: asked in a dry-run, the server takes the object.
Fails: spec.selector of a Deployment changes: the API server rejects it in the middle of the upgrade.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.change import ObjectId
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed

ID = "immutable-fields"
TITLE = "Would the API server reject a change as immutable?"
DEFAULT = Policy.FAIL
HINT = "delete the object by hand in a maintenance window, or keep the old value"


def run(facts: Facts, changes: Changes) -> Verdict:
    dangers = [danger for danger in changes.objects.dangers if danger.effect == "rejected"]
    taken = _taken(facts)
    found = [f"{danger.id} {danger.path}: {danger.reason}" for danger in dangers if danger.id not in taken]
    if found:
        return failed(ID, found[0], *found[1:])
    if dangers:
        lines = [f"{danger.id} {danger.path}" for danger in dangers]
        return passed(ID, "the API server takes each changed field that is immutable as a rule", *lines)
    return passed(ID, "no immutable field changes")


def _taken(facts: Facts) -> set[ObjectId]:
    """The objects that the API server takes as they will be: it knows its defaults and what is live, the rules do not.
    A hook of the same name is another object."""
    if isinstance(facts.server.forward, Unknown):
        return set()
    answers = [answer for answer in facts.server.forward.value if not answer.hook]
    return {answer.id for answer in answers} - {
        answer.id for answer in answers if answer.accepted != Known(True)
    }
