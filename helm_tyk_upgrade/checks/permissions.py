"""Whether the identity in use may do what the run will do.

Passes: every verb is allowed.
Fails: patch on deployments.apps is forbidden: the upgrade would stop half-way.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, not_applicable, passed, unknown

ID = "permissions"
TITLE = "Is everything allowed that the run will do?"
DEFAULT = Policy.FAIL
HINT = "ask for these rights, or use another context with --kube-context"


def run(facts: Facts, changes: Changes) -> Verdict:
    refused = [item for item in facts.permissions if item.allowed == Known(False)]
    denied = [str(item) for item in refused if not item.without_it]
    if denied:
        return failed(ID, f"not allowed in namespace {facts.release.namespace}: {', '.join(denied)}", *denied)
    unsure = [item for item in facts.permissions if isinstance(item.allowed, Unknown)]
    if unsure and isinstance(unsure[0].allowed, Unknown):
        return unknown(ID, f"{unsure[0]}: {unsure[0].allowed.reason}")
    if refused:
        return unknown(ID, f"{refused[0]} is not allowed: {refused[0].without_it}", *map(str, refused))
    if not facts.permissions:
        return not_applicable(ID, "no cluster was asked")
    return passed(ID, f"{len(facts.permissions)} verbs are allowed")
