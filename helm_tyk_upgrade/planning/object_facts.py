"""What the two manifests say beside their differences: gateways and rights."""

from __future__ import annotations

from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.facts import GatewayObject
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.release import Rendered, Stored
from helm_tyk_upgrade.targets.gateway_pods import gateway_objects
from helm_tyk_upgrade.targets.rights import ObjectRight, of_manifests


def gateways_of(manifest: str, namespace: str) -> tuple[GatewayObject, ...]:
    """The gateways of a manifest, the one that is proven first."""
    return gateway_objects(split(manifest), namespace)


def object_rights(stored: Stored, rendered: Rendered, flags: UpgradeFlags) -> tuple[ObjectRight, ...]:
    """What Helm needs to be allowed to get from what is stored to what is rendered, and back."""
    release = stored.release
    return of_manifests(
        split(stored.manifest),
        split(rendered.manifest),
        release.namespace,
        server_side=release.apply_method == "server-side apply",
        hooks=() if "--no-hooks" in flags.passed else split(rendered.hooks),
    )
