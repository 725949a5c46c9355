"""Whose pods a label selector means. Pure.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from helm_tyk_upgrade.manifests.split import ManifestObject, mapping, maps
from helm_tyk_upgrade.manifests.workloads import pod_template


def pod_labels(item: ManifestObject) -> dict[str, Any]:
    """The labels of the pods that a workload makes."""
    return mapping(mapping((pod_template(item) or {}).get("metadata")).get("labels"))


def matches(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a `LabelSelector` (matchLabels, matchExpressions) means these labels. An empty one means all."""
    wanted = mapping(selector.get("matchLabels")).items()
    if any(labels.get(key) != value for key, value in wanted):
        return False
    return all(_expression(item, labels) for item in maps(selector.get("matchExpressions")))


Served = dict[tuple[str, str, str], list[dict[str, Any]]]


def served_labels(services: Iterable[ManifestObject], namespace: str) -> Served:
    """The selectors of the Services by namespace and one of their labels: a manifest of 1,000 objects has too many to
    compare each with each. One without a selector chooses no pods. namespace: the release's."""
    found: Served = {}
    for service in services:
        selector = mapping(mapping(service.data.get("spec")).get("selector"))
        for key, value in list(selector.items())[:1]:
            found.setdefault((service.id.namespace or namespace, key, str(value)), []).append(selector)
    return found


def is_served(served: Served, place: str, labels: Mapping[str, Any]) -> bool:
    """Whether a Service in the namespace `place` sends requests to pods with these labels."""
    return any(
        all(labels.get(key) == value for key, value in selector.items())
        for label, content in labels.items()
        for selector in served.get((place, label, str(content)), ())
    )


def _expression(item: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, operator, values = str(item.get("key")), item.get("operator"), item.get("values") or []
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    return operator == "DoesNotExist" and key not in labels
