"""The images that the nodes have already, as their status lists them, and on which nodes a pod may run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.manifests.split import mapping, maps
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.registries.reference import Reference, parse

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

REPORTED = 50
"""The kubelet lists no more than its 50 largest images unless told otherwise (nodeStatusMaxImages)."""
_LABELS = {
    "kubernetes.io/os": 0,
    "beta.kubernetes.io/os": 0,
    "kubernetes.io/arch": 1,
    "beta.kubernetes.io/arch": 1,
}
"""Labels of a node that say one half of its platform."""


@dataclass(frozen=True)
class Node:
    """images: whole names (`docker.io/library/redis:7`); all_told: what is not among them is not on the node."""

    name: str
    platform: str
    images: frozenset[str]
    all_told: bool


def nodes(context: Doors) -> Maybe[tuple[Node, ...]]:
    """The nodes that take new pods."""
    try:
        listed = context.cluster.list("v1", "Node")
    except TykUpgradeError as error:
        return Unknown(f"the nodes cannot be listed: {error.message}")
    return Known(tuple(_node(item) for item in listed if not mapping(item.get("spec")).get("unschedulable")))


def holds(node: Node, image: Reference) -> Maybe[bool]:
    """Whether the node has the image. A digest alone decides, whatever tag stands beside it."""
    wanted = f"{image.registry}/{image.repository}@{image.digest}" if image.digest else str(image)
    if wanted in node.images:
        return Known(True)
    return Known(False) if node.all_told else Unknown(f"node {node.name} does not list all its images")


def may_run_on(pod: Mapping[str, Any], platform: str) -> bool:
    """Whether the pod's nodeSelector and required node affinity leave room for a node of this platform
    (`linux/arm64`); their other terms are not looked at. pod: its spec."""
    selector = mapping(pod.get("nodeSelector"))
    if not all(_fits(label, "In", [value], platform) for label, value in selector.items()):
        return False
    affinity = mapping(mapping(pod.get("affinity")).get("nodeAffinity"))
    terms = maps(
        mapping(affinity.get("requiredDuringSchedulingIgnoredDuringExecution")).get("nodeSelectorTerms")
    )
    return not terms or any(_term(term, platform) for term in terms)


def _term(term: dict[str, Any], platform: str) -> bool:
    return all(
        _fits(item.get("key"), item.get("operator"), item.get("values"), platform)
        for item in maps(term.get("matchExpressions"))
    )


def _fits(label: Any, operator: Any, values: Any, platform: str) -> bool:
    half = _LABELS.get(str(label))
    if half is None or operator not in ("In", "NotIn") or not isinstance(values, list):
        return True
    named = platform.split("/")[half] in values
    return named if operator == "In" else not named


def _node(item: dict[str, Any]) -> Node:
    status = mapping(item.get("status"))
    info = mapping(status.get("nodeInfo"))
    listed = maps(status.get("images"))
    written = [name for image in listed for name in image.get("names") or () if isinstance(name, str)]
    return Node(
        str(mapping(item.get("metadata")).get("name") or ""),
        f"{info.get('operatingSystem', '')}/{info.get('architecture', '')}",
        frozenset(filter(None, map(_whole, written))),
        len(listed) < REPORTED,
    )


def _whole(name: str) -> str:
    """The name in the form of Reference; runtimes list untagged images as `<none>` too, which is no name."""
    try:
        return str(parse(name))
    except ValueError:
        return ""
