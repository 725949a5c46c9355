"""Whether another workload of the release would stop, or be replaced at once. The gateway has its own check.

Passes: workloads are replaced pod by pod.
Fails: the pump is scaled to zero; the bundled Redis becomes a StatefulSet.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed

ID = "workload-stops"
TITLE = "Does another workload stop, or get replaced at once?"
DEFAULT = Policy.WARN
HINT = "keep its kind and replicas in the values where the interruption is not meant"


def run(facts: Facts, changes: Changes) -> Verdict:
    gateways = {(one.kind, one.name) for one in (*facts.gateways_before, *facts.gateways_after)}
    found = [
        danger.reason
        for danger in changes.objects.dangers
        if danger.effect in ("service stops", "replaced") and (danger.id.kind, danger.id.name) not in gateways
    ]
    if found:
        return failed(ID, found[0], *found[1:])
    return passed(ID, "no workload is stopped or replaced at once")
