"""API definitions and policies: into a bundle, and from a bundle to every pod again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.cluster.portforward import port_forward
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.gateway.admin import GatewayAdmin
from helm_tyk_upgrade.gateway.http import Loopback
from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory, Policy
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.store.bundle import BundleFile, contents, read_bundle
from helm_tyk_upgrade.targets.api_secret import api_secret
from helm_tyk_upgrade.targets.baseline import read_baseline
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

FILE = "gateway/inventory.json"


@dataclass(frozen=True)
class Restored:
    """count: the saved definitions, now on each of `pods` pods but for the failed ones, with the pod's reason."""

    count: int
    pods: int
    failed: tuple[str, ...]


def definition_files(context: Doors, gateway: GatewayWorkload) -> Maybe[list[BundleFile]]:
    """The union of what the gateway's pods hold. Raises ClusterError or NotFound."""
    inventory = read_baseline(context, gateway).inventory
    if isinstance(inventory, Unknown):
        return inventory
    text = json.dumps(asdict(inventory.value), indent=2, ensure_ascii=False, sort_keys=True)
    return Known([BundleFile(FILE, text.encode() + b"\n")])


def holds_definitions(bundle: Path) -> bool:
    """Raises NotFound or TykUpgradeError where there is no such bundle."""
    return any(entry["name"] == FILE for entry in read_bundle(bundle).files)


def at_stake(baseline: Baseline) -> Maybe[tuple[str, ...]]:
    """The definitions, in words, that are gone once every pod is replaced."""
    if not (baseline.emptydir_apis or baseline.emptydir_policies):
        return Known(())
    if isinstance(baseline.inventory, Unknown):
        return baseline.inventory
    held = baseline.inventory.value
    apis = [f"API {api.id} {api.name}" for api in held.apis] if baseline.emptydir_apis else []
    policies = [f"policy {one.id} {one.name}" for one in held.policies] if baseline.emptydir_policies else []
    return Known((*apis, *policies))


def saved_inventory(bundle: Path) -> Inventory:
    """Raises NotFound where the bundle has no definitions."""
    value = json.loads(contents(read_bundle(bundle), FILE))
    return Inventory(
        tuple(ApiDefinition(**api) for api in value["apis"]),
        tuple(Policy(**policy) for policy in value["policies"]),
    )


def restore_definitions(context: Doors, gateway: GatewayWorkload, bundle: Path) -> Restored:
    """Post what each pod of the newest revision lacks, then reload it. Raises TykUpgradeError where the saved
    definitions or the secret cannot be read, ClusterError where a pod cannot be reached."""
    saved = saved_inventory(bundle)
    secret = api_secret(context, gateway.ref.namespace, gateway.spec.secret)
    if isinstance(secret, Unknown):
        raise TykUpgradeError(secret.reason, "the definitions are in the bundle; post them by hand")
    pods = observe_rollout(context.cluster, gateway.ref).new_pods
    failed: list[str] = [] if pods else [f"no pod of {gateway.ref} is there to take them"]
    for pod in pods:
        with (
            port_forward(context.cluster, pod.namespace, pod.name, gateway.spec.probe_port) as forward,
            Loopback(forward.base(gateway.spec.scheme), timeout=30.0) as loopback,
        ):
            admin = GatewayAdmin(loopback, secret.value)
            failed += [f"{pod.name}: {why}" for why in _restore(admin, saved)]
    return Restored(len(saved.apis) + len(saved.policies), len(pods), tuple(failed))


def _restore(admin: GatewayAdmin, saved: Inventory) -> list[str]:
    now = admin.inventory()
    if isinstance(now, Unknown):
        return [now.reason]
    apis, policies = {api.id for api in now.value.apis}, {policy.id for policy in now.value.policies}
    missing_apis = [api for api in saved.apis if api.id not in apis]
    missing_policies = [policy for policy in saved.policies if policy.id not in policies]
    answers = [(api.id, admin.create_api(api)) for api in missing_apis]
    answers += [(policy.id, admin.create_policy(policy)) for policy in missing_policies]
    if answers:
        reloaded = admin.reload()
        if isinstance(reloaded, Unknown):
            return [f"reload: {reloaded.reason}"]
    return [f"{name}: {answer.reason}" for name, answer in answers if isinstance(answer, Unknown)]
