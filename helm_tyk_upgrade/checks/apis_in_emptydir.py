"""Whether API definitions or policies live in an emptyDir that every new pod starts without.

Passes: the gateway has no APIs, or they are mounted from a volume that outlives the pod.
Fails: 12 APIs were made through the Gateway API and are stored in the emptyDir `tyk-scratch`.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.gateway import Inventory
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, not_applicable, passed, unknown

ID = "apis-in-emptydir"
TITLE = "Would API definitions or policies be lost with the old pods?"
DEFAULT = Policy.FAIL
HINT = "--restore-apis posts the saved definitions to every new pod; better: mount them from a ConfigMap or volume"


def run(facts: Facts, changes: Changes) -> Verdict:
    if isinstance(facts.baseline, Unknown):
        return unknown(ID, facts.baseline.reason)
    baseline = facts.baseline.value
    if not changes.objects.restarting:
        return not_applicable(ID, "no gateway pod is replaced")
    if not (baseline.emptydir_apis or baseline.emptydir_policies):
        return passed(ID, "definitions do not live in an emptyDir")
    if isinstance(baseline.inventory, Unknown):
        return unknown(ID, baseline.inventory.reason)
    lost = _names(baseline, baseline.inventory.value)
    if lost and facts.restore_apis:
        return passed(
            ID, f"{len(lost)} definitions live in an emptyDir and will be restored (--restore-apis)"
        )
    if lost:
        return failed(ID, f"{len(lost)} definitions live in an emptyDir and would be lost", *lost)
    return passed(ID, "the gateway holds no definitions")


def _names(baseline: Baseline, inventory: Inventory) -> list[str]:
    apis = [f"API {api.id} {api.name}" for api in inventory.apis] if baseline.emptydir_apis else []
    policies = (
        [f"policy {one.id} {one.name}" for one in inventory.policies] if baseline.emptydir_policies else []
    )
    return apis + policies
