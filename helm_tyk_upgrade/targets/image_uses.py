"""The images of a manifest: which pods use them, how they pull them and on which platforms they may run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.manifests.split import ManifestObject, mapping, maps
from helm_tyk_upgrade.manifests.workloads import pod_template
from helm_tyk_upgrade.registries.reference import parse
from helm_tyk_upgrade.targets.node_images import may_run_on

_EVENTS = {"pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback"}
"""Hooks of other events (tests, installation, deletion) do not run on the way there or back."""


@dataclass(frozen=True)
class Use:
    """One container's image. pod: its pod's spec; policy: as written, else as the API server defaults it."""

    workload: str
    namespace: str
    policy: str
    pod: dict[str, Any] = field(repr=False, hash=False)


@dataclass(frozen=True)
class UsedImage:
    """text: the reference as the manifest writes it."""

    text: str
    uses: tuple[Use, ...]

    @property
    def policy(self) -> str:
        """The strictest of its uses: where one pod must ask the registry, the registry must have it."""
        found = {use.policy for use in self.uses}
        return next((policy for policy in ("Always", "IfNotPresent") if policy in found), "Never")

    @property
    def used_by(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(use.workload for use in self.uses))

    def on(self, platforms: Iterable[str]) -> tuple[str, ...]:
        """Those of the platforms on which one of its pods may run."""
        return tuple(item for item in platforms if any(may_run_on(use.pod, item) for use in self.uses))


def used_images(objects: Iterable[ManifestObject]) -> tuple[UsedImage, ...]:
    """Each image once, in the manifest's order: of containers and init containers, of hooks that an upgrade or a
    rollback runs; ephemeral containers are nobody's template."""
    found: dict[str, list[Use]] = {}
    for item in objects:
        for image, use in _uses(item):
            found.setdefault(image, []).append(use)
    return tuple(UsedImage(image, tuple(uses)) for image, uses in found.items())


def _uses(item: ManifestObject) -> Iterator[tuple[str, Use]]:
    template = pod_template(item)
    if template is None or (item.hook and not _EVENTS & set(item.hook)):
        return
    pod = mapping(template.get("spec"))
    for container in [*maps(pod.get("initContainers")), *maps(pod.get("containers"))]:
        image = str(container.get("image") or "")
        policy = str(container.get("imagePullPolicy") or _default(image))
        yield image, Use(str(item.id), item.id.namespace, policy, pod)


def _default(image: str) -> str:
    """https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting"""
    try:
        return "Always" if parse(image).tag == "latest" and "@" not in image else "IfNotPresent"
    except ValueError:
        return "IfNotPresent"
