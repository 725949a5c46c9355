"""Manifests as flat tables: object -> path -> value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml

Render = Callable[..., str]
Objects = dict[str, dict[str, Any]]


def objects(manifest: str) -> Objects:
    """`Kind/name` -> object; two objects of one name fail."""
    found: Objects = {}
    for document in yaml.safe_load_all(manifest):
        if document:
            name = f"{document['kind']}/{document['metadata']['name']}"
            assert name not in found, name
            found[name] = document
    return found


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """All leaves below `node`; a list entry with a name is addressed by it, so order does not matter."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list) and node:
        for index, value in enumerate(node):
            label = value["name"] if isinstance(value, dict) and "name" in value else index
            yield from leaves(value, f"{path}[{label}]")
    else:
        yield path, node


def gateway_container(manifest: str, workload: str = "Deployment/gateway-prod-tyk-gateway") -> dict[str, Any]:
    container: dict[str, Any] = objects(manifest)[workload]["spec"]["template"]["spec"]["containers"][0]
    return container


def env(container: dict[str, Any]) -> dict[str, Any]:
    """Name -> value or valueFrom; the last of two entries of one name wins, as in the kubelet."""
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in container["env"]}
