"""Releases for the detectors: a gateway's pod in the stored and in the new manifest, and what it has loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory, Policy
from helm_tyk_upgrade.model.knowledge import GoPlugin, GoPlugins
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.tyk.subject import Side, Subject

NO_PLUGINS = Known(GoPlugins(()))
GO_PLUGIN = Known(GoPlugins((GoPlugin("API a1", "/p/auth.so", (), Known(())),)))
MAYBE_PLUGIN = Known(GoPlugins((GoPlugin("API a1", "bundle.zip", (), Known(()), sure=False),)))


def side(
    env: Mapping[str, str | None] | None = None,
    *,
    objects: tuple[dict[str, Any], ...] = (),
    pod: dict[str, Any] | None = None,
    container: dict[str, Any] | None = None,
    image: str = "docker.tyk.io/tyk-gateway/tyk-gateway:v5.8.5",
    version: str = "5.8.5",
    imported: bool = False,
) -> Side:
    box = {"name": "gateway-tyk-gateway", "image": image, **(container or {})}
    workload = {"kind": "Deployment", "metadata": {"name": "gateway"}, "spec": {"containers": [box]}}
    return Side(
        objects=(workload, *objects),
        pod={"containers": [box], **(pod or {})},
        container=box,
        variables=env or {},
        imported=imported,
        version=Known(version),
    )


def subject(after: Side | None = None, before: Side | None = None, **changed: Any) -> Subject:
    """A gateway that has one classic API and one policy, and no Go plugin, unless the test says otherwise."""
    facts = {"inventory": inventory(), "plugins": NO_PLUGINS, **changed}
    return Subject(before=before or side(), after=after or side(), **facts)


def inventory(*apis: ApiDefinition, policies: tuple[str, ...] = ("gold",)) -> Known[Inventory]:
    return Known(Inventory(apis or (api(),), tuple(Policy(one, one, {}) for one in policies)))


def api(form: Any = "classic", **document: Any) -> ApiDefinition:
    return ApiDefinition("a1", "orders", form, document)


def service(kind: str) -> dict[str, Any]:
    return {"kind": "Service", "metadata": {"name": "gateway-svc"}, "spec": {"type": kind}}


def pod_of(image: str) -> dict[str, Any]:
    """Another workload."""
    box = {"name": "other", "image": image}
    return {"kind": "Deployment", "metadata": {"name": "other"}, "spec": {"containers": [box]}}
