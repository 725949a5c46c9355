"""Would the API server take this object? Asked by server-side apply that stores nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.cluster.refusals import ApiRefused
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster

MANAGER = "helm"
"""Helm 4's own field manager: the same fields would be owned as in the real upgrade."""


@dataclass(frozen=True)
class DryRun:
    """accepted: known yes or no, or unknown and why; reason and causes: the server's words for a no
    (`immutable` is true where a field may not be changed in place); result: the object as it would be stored,
    {} without a yes."""

    accepted: Maybe[bool]
    reason: str
    causes: tuple[str, ...]
    result: Mapping[str, Any]

    @property
    def immutable(self) -> bool:
        return any("immutable" in text or "may not change" in text for text in (self.reason, *self.causes))


def dry_run(cluster: Cluster, manifest: dict[str, Any], namespace: str, *, force: bool = True) -> DryRun:
    """Ask about one object. Never raises: what could not be found out is unknown.

    force: take over fields of other managers, as client-side apply does; without it they are a no (Conflict).
    """
    try:
        result = cluster.apply(
            manifest, dry_run=True, force=force, field_manager=MANAGER, namespace=namespace
        )
    except NotFound as error:
        return DryRun(
            Unknown(error.message), "", (), {}
        )  # a CRD or namespace that the upgrade itself would make
    except ApiRefused as error:
        return DryRun(_judged(error), error.message, error.causes, {})
    except ClusterError as error:
        return DryRun(Unknown(error.message), "", (), {})
    return DryRun(Known(True), "", (), result)


def _judged(error: ApiRefused) -> Maybe[bool]:
    """A no about the object is a no. A no about us, or about asking, says nothing of the object; an admission
    webhook that denies answers 403 or 400 as well, and is told apart by its words."""
    if "does not support dry run" in error.message:
        return Unknown("an admission webhook does not support dry run")
    if "denied the request" in error.message or "violates PodSecurity" in error.message:
        return Known(False)
    if error.code in (401, 403, 429) or error.code >= 500:
        return Unknown(error.message)
    return Known(False)
