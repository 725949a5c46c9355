"""What kinds the server has, from its discovery documents. Pure.

https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api (aggregated from 1.26 on, by
default)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.cluster.resources import Resource


def kinds_of(api_version: str, answer: Mapping[str, Any]) -> dict[str, Resource]:
    """The kinds of an APIResourceList (`/apis/GROUP/VERSION`), subresources left out."""
    return {
        str(item["kind"]): Resource(
            api_version, str(item["kind"]), str(item["name"]), bool(item.get("namespaced"))
        )
        for item in answer.get("resources") or ()
        if "/" not in str(item["name"])
    }


def served(answer: Mapping[str, Any]) -> list[str]:
    """`apps/v1` and `apps/v1/Deployment` lines of an APIGroupDiscoveryList; of the older APIGroupList and
    APIVersions, which name no kinds, the versions alone."""
    if answer.get("kind") == "APIVersions":
        return [str(version) for version in answer.get("versions") or ()]
    if answer.get("kind") == "APIGroupList":
        groups = answer.get("groups") or ()
        return [str(version["groupVersion"]) for group in groups for version in group.get("versions") or ()]
    lines: list[str] = []
    for group in answer.get("items") or ():
        name = str((group.get("metadata") or {}).get("name") or "")
        for version in group.get("versions") or ():
            at = f"{name}/{version['version']}" if name else str(version["version"])
            lines.append(at)
            lines += [f"{at}/{item['responseKind']['kind']}" for item in version.get("resources") or ()]
    return lines
