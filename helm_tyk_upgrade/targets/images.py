"""Whether every image of a manifest can be had: in its registry, for the nodes' platforms, or on the nodes already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from helm_tyk_upgrade.manifests.split import ManifestObject
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.server import ImagePresence
from helm_tyk_upgrade.registries.client import Held, held
from helm_tyk_upgrade.registries.credentials import ANONYMOUS, Credential
from helm_tyk_upgrade.registries.docker_config import own_credentials
from helm_tyk_upgrade.registries.reference import Reference, parse
from helm_tyk_upgrade.targets.doors import Doors
from helm_tyk_upgrade.targets.image_uses import UsedImage, used_images
from helm_tyk_upgrade.targets.node_images import nodes
from helm_tyk_upgrade.targets.presence import NOT_PULLED, needs_nodes, presence
from helm_tyk_upgrade.targets.pull_secrets import PullSecrets
from helm_tyk_upgrade.targets.side_by_side import side_by_side

if TYPE_CHECKING:
    from helm_tyk_upgrade.edge.process import Processes

PATIENCE = 10.0
"""Seconds for all registries together."""


class ImageDoors(Doors, Protocol):
    """What is needed to read the user's own registry credentials, beside a target's other doors."""

    @property
    def env(self) -> Mapping[str, str]: ...

    @property
    def processes(self) -> Processes: ...


def images(
    context: ImageDoors,
    objects: Iterable[ManifestObject],
    namespace: str,
    platforms: Maybe[tuple[str, ...]],
    *,
    ca_file: str = "",
) -> Maybe[tuple[ImagePresence, ...]]:
    """Each image of a manifest once, in the manifest's order.

    objects: of the manifest and its hooks; namespace: the release's; platforms: of the nodes (`linux/amd64`), unknown
    where they cannot be listed: then none is compared; ca_file: as in --ca-file. All registries are asked side by side,
    for ten seconds in all. A node that has an image needs no registry for it, unless imagePullPolicy is Always.
    """
    items = tuple(objects)
    nodes_of = platforms.value if isinstance(platforms, Known) else ()
    used = used_images(items)
    valid: dict[UsedImage, Reference] = {}
    found: dict[UsedImage, ImagePresence] = {}
    for item in used:
        try:
            valid[item] = parse(item.text)
        except ValueError as error:  # no node takes it either
            evidence = f"it is no image reference: {error}"
            found[item] = ImagePresence(item.text, item.used_by, Known(False), evidence=evidence)
    told = _told(context, PullSecrets(context, items, namespace), valid, nodes_of, ca_file)
    asked = any(needs_nodes(item, told[item]) for item in valid)
    on_nodes = nodes(context) if asked else Known(())
    for item, image in valid.items():
        found[item] = presence(item, image, told[item], item.on(nodes_of), on_nodes)
    return Known(tuple(found[item] for item in used))


def _told(
    context: ImageDoors,
    secrets: PullSecrets,
    valid: Mapping[UsedImage, Reference],
    platforms: tuple[str, ...],
    ca_file: str,
) -> dict[UsedImage, Maybe[Held]]:
    """What the registries say of each image that any pod would pull."""

    def job(used: UsedImage, image: Reference) -> Callable[[], Maybe[Held]]:
        identities = _identities(context, secrets, used, image)
        wanted = bool(used.on(platforms))
        return lambda: held(context.http(ca_file), image, identities, platforms=wanted)

    pulled = [item for item in valid if item.policy != "Never"]
    late = f"its registry gave no answer in {PATIENCE:.0f} s"
    answers = side_by_side([job(item, valid[item]) for item in pulled], PATIENCE, late=late)
    return dict.fromkeys(valid, NOT_PULLED) | dict(zip(pulled, answers, strict=True))


def _identities(
    context: ImageDoors, secrets: PullSecrets, used: UsedImage, image: Reference
) -> Iterator[Maybe[Credential]]:
    """As whom the registry is asked: as the nodes would, as nobody, then as the user of this machine."""
    for use in used.uses:
        yield from secrets.credentials(use.pod, use.namespace, image)
    yield Known(ANONYMOUS)
    for own in own_credentials(image, context.env, context.processes):
        if isinstance(own, Unknown):
            yield own
            continue
        context.masker.learn(own.value.secrets)
        yield Known(replace(own.value, own=True))
