"""API definitions that Tyk Operator keeps as custom resources, where we may read them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.manifests.split import mapping
from helm_tyk_upgrade.model.secrets import printable

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster

GROUP = "tyk.tyk.io/v1alpha1"
_CLASSIC, _OAS = "ApiDefinition", "TykOasApiDefinition"


@dataclass(frozen=True)
class OperatorApis:
    """definitions: (the resource in words, its API definition); unasked: what could not be read, with the reason."""

    definitions: tuple[tuple[str, dict[str, Any]], ...] = ()
    unasked: tuple[str, ...] = ()


def operator_apis(cluster: Cluster, namespace: str) -> OperatorApis:
    """Of all namespaces, or of this one where only that is allowed. Without Tyk Operator there are none."""
    definitions: list[tuple[str, dict[str, Any]]] = []
    unasked: list[str] = []
    for kind in (_CLASSIC, _OAS):
        items, missing = _listed(cluster, kind, namespace)
        unasked += missing
        for item in items:
            where = _words(kind, item)
            if kind == _CLASSIC:
                definitions.append((where, mapping(item.get("spec"))))
                continue
            document = _oas_document(cluster, item)
            if isinstance(document, str):
                unasked.append(f"{where}: {document}")
            else:
                definitions.append((where, document))
    return OperatorApis(tuple(definitions), tuple(unasked))


def _listed(cluster: Cluster, kind: str, namespace: str) -> tuple[list[dict[str, Any]], list[str]]:
    try:
        return cluster.list(GROUP, kind), []
    except NotFound:  # no such CustomResourceDefinition: there is no Tyk Operator
        return [], []
    except ClusterError as error:
        everywhere = error.message
    try:
        return cluster.list(GROUP, kind, namespace), [f"{kind} of other namespaces: {everywhere}"]
    except (ClusterError, NotFound) as error:
        return [], [f"{kind}: {error.message}"]


def _oas_document(cluster: Cluster, item: dict[str, Any]) -> dict[str, Any] | str:
    """The OpenAPI document in the ConfigMap that the resource names, or why it cannot be had."""
    reference = mapping(mapping(mapping(item.get("spec")).get("tykOAS")).get("configmapRef"))
    own = str(mapping(item.get("metadata")).get("namespace") or "")
    name, key = str(reference.get("name") or ""), str(reference.get("keyName") or "")
    try:
        data = cluster.get("v1", "ConfigMap", name, str(reference.get("namespace") or own)).get("data")
        document = json.loads(str(mapping(data).get(key, "")))
    except (ClusterError, NotFound) as error:
        return error.message
    except (ValueError, RecursionError):
        return f"ConfigMap {printable(name)} has no JSON under {printable(key)}"
    return document if isinstance(document, dict) else f"ConfigMap {printable(name)} holds no API definition"


def _words(kind: str, item: dict[str, Any]) -> str:
    metadata = mapping(item.get("metadata"))
    return printable(f"{kind} {metadata.get('namespace')}/{metadata.get('name')}")
