"""Whether the run will be recorded in the cluster too, so that another machine can resume it or roll it back.

Passes: Secrets may be read, listed, made, changed and deleted in the release's namespace.
Unknown: a right is missing: the run is recorded on this machine only.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts, Permission
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, not_applicable, passed, unknown

ID = "cluster-record"
TITLE = "Can another machine resume this run, or roll it back?"
DEFAULT = Policy.WARN
HINT = "keep the state folder of this machine, or ask for get, list, create, update and delete on Secrets"
VERBS = ("get", "list", "create", "update", "delete")


def run(facts: Facts, changes: Changes) -> Verdict:
    asked = {item.verb: item for item in facts.permissions if _is_secrets(item)}
    if not asked:
        return not_applicable(ID, "no cluster was asked")
    refused = [str(asked[verb]) for verb in VERBS if verb in asked and asked[verb].allowed == Known(False)]
    if refused:
        return unknown(
            ID, f"this run is recorded on this machine only: {', '.join(refused)} is not allowed", *refused
        )
    for verb in VERBS:
        if verb not in asked:
            return unknown(
                ID, f"whether this run can be recorded in the cluster: {verb} secrets was not asked"
            )
        if isinstance(reason := asked[verb].allowed, Unknown):
            return unknown(ID, f"whether this run can be recorded in the cluster: {reason.reason}")
    return passed(ID, f"the run is recorded in a Secret in namespace {facts.release.namespace} as well")


def _is_secrets(item: Permission) -> bool:
    return (item.group, item.resource, item.namespace) == ("", "secrets", "")
