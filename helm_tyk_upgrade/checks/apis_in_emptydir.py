"""Whether API definitions or policies live in an emptyDir that every new pod starts without.

Passes: the gateway has no APIs, or they are mounted from a volume that outlives the pod.
Fails: 12 APIs were made through the Gateway API and are stored in the emptyDir `tyk-scratch`.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.change import Action, ManifestChanges, ObjectId, WorkloadImpact
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.gateway import Inventory
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict, failed, not_applicable, passed, unknown
from helm_tyk_upgrade.model.words import count

ID = "apis-in-emptydir"
TITLE = "Would API definitions or policies be lost with the old pods?"
DEFAULT = Policy.FAIL
HINT = "--restore-apis posts the saved definitions to every new pod; better: mount them from a ConfigMap or volume"

_RUNNING = ("Deployment", "StatefulSet", "DaemonSet")


def run(facts: Facts, changes: Changes) -> Verdict:
    if isinstance(facts.baseline, Unknown):
        return unknown(ID, facts.baseline.reason)
    baseline = facts.baseline.value
    gateways = {(one.kind, one.name) for one in (*facts.gateways_before, *facts.gateways_after)}
    if not _pods_go(changes.objects, gateways):
        return not_applicable(ID, "no gateway pod is replaced")
    unasked = [str(gateway) for gateway in facts.gateways_before[1:] if gateway.in_emptydir]
    verdict = _verdict(facts, baseline)
    if unasked and verdict.status is Status.PASS:
        return unknown(ID, f"what {', '.join(unasked)} keeps in an emptyDir is neither known nor backed up")
    return verdict


def _pods_go(objects: ManifestChanges, gateways: set[tuple[str, str]]) -> bool:
    """Whether running pods of a gateway end: replaced, scaled down (or by an autoscaler, nobody knows), or removed.
    gateways: kind and name; empty where the manifests show none: then any workload may be it."""

    def concerns(identity: ObjectId) -> bool:
        return not gateways or (identity.kind, identity.name) in gateways

    return any(_fewer(impact) for impact in objects.impact if concerns(impact.id)) or any(
        change.restarts
        or (change.action is Action.REMOVED and not change.hook and change.id.kind in _RUNNING)
        for change in objects.objects
        if concerns(change.id)
    )


def _fewer(impact: WorkloadImpact) -> bool:
    if isinstance(impact.before, Unknown):
        return impact.after == Known(0)
    return isinstance(impact.after, Known) and impact.after.value < impact.before.value


def _verdict(facts: Facts, baseline: Baseline) -> Verdict:
    if not (baseline.emptydir_apis or baseline.emptydir_policies):
        return passed(ID, "definitions do not live in an emptyDir")
    if isinstance(baseline.inventory, Unknown):
        return unknown(ID, baseline.inventory.reason)
    lost = _names(baseline, baseline.inventory.value)
    removed = facts.gateways_before and not facts.gateways_after  # then there is nothing to post them to
    if lost and facts.restore_apis and not removed:
        return passed(ID, f"{count(len(lost), 'definition')} in an emptyDir, to be restored (--restore-apis)")
    if lost:
        return failed(ID, f"{count(len(lost), 'definition')} in an emptyDir would be lost", *lost)
    return passed(ID, "the gateway holds no definitions")


def _names(baseline: Baseline, inventory: Inventory) -> list[str]:
    apis = [f"API {api.id} {api.name}" for api in inventory.apis] if baseline.emptydir_apis else []
    policies = (
        [f"policy {one.id} {one.name}" for one in inventory.policies] if baseline.emptydir_policies else []
    )
    return apis + policies
