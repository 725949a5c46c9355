"""From what a registry said and what the nodes have to: can the pods get this image? Pure."""

from __future__ import annotations

from dataclasses import dataclass

from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.server import ImagePresence
from helm_tyk_upgrade.registries.client import Held
from helm_tyk_upgrade.registries.manifest import without
from helm_tyk_upgrade.registries.reference import Reference
from helm_tyk_upgrade.targets.image_uses import UsedImage
from helm_tyk_upgrade.targets.node_images import Node, holds

NOT_PULLED: Maybe[Held] = Unknown("imagePullPolicy is Never: no registry is asked")


@dataclass(frozen=True)
class _OnNodes:
    """Of the nodes on which the image's pods may run: how many, how many have it, how many surely lack it."""

    all: int
    having: int
    lacking: int

    def __str__(self) -> str:
        return f"{self.having} of {self.all} nodes have it already"


def needs_nodes(used: UsedImage, told: Maybe[Held]) -> bool:
    """Whether it matters what the nodes have: the registry does not settle it, and a pod need not ask the registry."""
    settled = isinstance(told, Known) and told.value.present and not told.value.own
    return used.policy != "Always" and not settled


def presence(
    used: UsedImage,
    image: Reference,
    told: Maybe[Held],
    wanted: tuple[str, ...],
    nodes: Maybe[tuple[Node, ...]],
) -> ImagePresence:
    """told: by the registry; wanted: platforms it must have; nodes: not looked at where needs_nodes says so.

    What the registry lacks is absent, also where the nodes cannot be listed: only a node that has it proves otherwise.
    What it shows to the user's own login alone the nodes may not be able to pull; a platform that is missing is missing
    for them too.
    """
    if isinstance(told, Known) and told.value.present:
        there = _there(used, image, told.value, wanted)
        if not told.value.own or there.missing:
            return there
        told = Unknown(
            f"only your own login to {image.registry} sees it; whether the nodes may pull it is not known"
        )
    on_nodes = _on_nodes(used, image, nodes) if needs_nodes(used, told) else _OnNodes(0, 0, 0)
    if isinstance(on_nodes, _OnNodes) and 0 < on_nodes.all == on_nodes.having:
        return ImagePresence(used.text, used.used_by, Known(True), evidence="every node has it already")
    found, evidence = _not_told(image, told), ""
    if used.policy == "Never":
        found = _never(on_nodes)
        evidence = "imagePullPolicy is Never and no node has it"
    elif isinstance(on_nodes, _OnNodes) and on_nodes.having:
        reason = found.reason if isinstance(found, Unknown) else f"{image.registry} does not have it"
        found = Unknown(f"{reason}; {on_nodes}")
    elif isinstance(told, Known):
        evidence = f"{image.registry} answers {told.value.code}"
    return ImagePresence(used.text, used.used_by, found, evidence=evidence if found == Known(False) else "")


def _there(used: UsedImage, image: Reference, told: Held, wanted: tuple[str, ...]) -> ImagePresence:
    evidence = f"{image.registry} has it"
    if not wanted:
        return ImagePresence(used.text, used.used_by, Known(True), told.digest, evidence=evidence)
    if isinstance(told.platforms, Unknown):
        unsure = Unknown(f"{evidence}, but for which platforms is unknown: {told.platforms.reason}")
        return ImagePresence(used.text, used.used_by, unsure, told.digest)
    missing = without(told.platforms.value, wanted)
    return ImagePresence(used.text, used.used_by, Known(True), told.digest, missing, evidence)


def _not_told(image: Reference, told: Maybe[Held]) -> Maybe[bool]:
    if isinstance(told, Unknown):
        return told
    if image.loopback:  # what it means there is another machine than this
        return Unknown(
            f"{image.registry} on this machine does not have it; on the nodes that name means another"
        )
    return Known(False)


def _never(on_nodes: _OnNodes | Unknown) -> Maybe[bool]:
    if isinstance(on_nodes, Unknown):
        return Unknown(f"imagePullPolicy is Never, and {on_nodes.reason}")
    if on_nodes.all and on_nodes.lacking == on_nodes.all:
        return Known(False)
    return Unknown(f"imagePullPolicy is Never; {on_nodes}")


def _on_nodes(used: UsedImage, image: Reference, nodes: Maybe[tuple[Node, ...]]) -> _OnNodes | Unknown:
    if isinstance(nodes, Unknown):
        return nodes
    answers = [holds(node, image) for node in nodes.value if used.on([node.platform])]
    return _OnNodes(len(answers), answers.count(Known(True)), answers.count(Known(False)))
