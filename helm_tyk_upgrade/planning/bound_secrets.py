"""Values that the chart would put into Secrets are secret, whatever their names."""

from __future__ import annotations

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.manifests.secrets import secret_values
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown


def learn_bound(context: Context, archive: str, layers: Layers) -> Maybe[int]:
    """Teaches the masker the secrets of the objects that the chart renders with these values; how many they are.
    Unknown, with Helm's words, where it cannot be rendered: then secrets are known by their keys alone."""
    try:
        manifest = context.helm.template("release", "default", archive, layers)
        found = secret_values(split(manifest))
    except TykUpgradeError as error:
        return Unknown(f"the chart cannot be rendered with these values: {error.message}")
    context.masker.learn(found)
    return Known(len(found))
