"""A render where Helm gives none: it stops at the first object, stored or new, of an API version that the cluster no
longer serves. The plan is to name them all, so the chart is rendered without the API server."""

from __future__ import annotations

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import HelmError, TykUpgradeError
from helm_tyk_upgrade.manifests.kubernetes_apis import old_apis
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.inputs import Layers, UpgradeFlags
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.release import Rendered, Stored

_UNSERVED = "no matches for kind"


def rendered_anyway(
    error: HelmError, context: Context, stored: Stored, chart: str, layers: Layers, flags: UpgradeFlags
) -> Rendered:
    """What the upgrade would store, hooks among the objects. Raises `error`, Helm's own, where removed API versions are
    not what stopped it (a CustomResourceDefinition may be missing): else check kubernetes-apis names and blocks them.
    """
    if _UNSERVED not in error.stderr:
        raise error
    release = stored.release
    try:
        version, served = context.cluster.server_version(), context.cluster.api_versions()
        manifest = context.helm.template(
            release.name,
            release.namespace,
            chart,
            layers,
            kube_version=version,
            api_versions=served,
            flags=flags,
        )
    except TykUpgradeError:
        raise error from None
    before = (*split(stored.manifest), *split(stored.hooks))
    found = old_apis(before, split(manifest), Known(version))
    if not isinstance(found, Known) or all(api.state != "removed" for api in found.value):
        raise error
    return Rendered(manifest, "")
