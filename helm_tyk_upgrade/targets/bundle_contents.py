"""What goes into a bundle: the user's files byte for byte, what Helm keeps, what runs, what the gateway holds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.model.release import Release, Stored
from helm_tyk_upgrade.store.bundle import BundleFile
from helm_tyk_upgrade.targets.definitions import FILE as DEFINITIONS
from helm_tyk_upgrade.targets.definitions import definition_files
from helm_tyk_upgrade.targets.gateway_config import gateway_config
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload, gateway_workload
from helm_tyk_upgrade.targets.rollouts import workload_refs

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

MANIFEST, HOOKS = "release/manifest.yaml", "release/hooks.yaml"
VALUES = "release/values.json"
IMAGES = "release/images.json"


@dataclass(frozen=True)
class BundleContents:
    """missing: what could not be had, with the reason, in words; in_emptydir: the gateway keeps API definitions or
    policies where a replaced pod loses them."""

    files: list[BundleFile]
    facts: dict[str, Any]
    missing: tuple[str, ...]
    in_emptydir: bool = False

    @property
    def has_definitions(self) -> bool:
        return any(file.name == DEFINITIONS for file in self.files)


@dataclass(frozen=True)
class RunningImage:
    """image: as the pod's spec names it; image_id: what the node runs, with its digest, empty before it started."""

    pod: str
    container: str
    image: str
    image_id: str


@dataclass(frozen=True)
class _Part:
    """What one question brought."""

    files: list[BundleFile]
    missing: tuple[str, ...] = ()


def bundle_contents(context: Doors, release: Release, files: tuple[ValuesFile, ...]) -> BundleContents:
    """Raises HelmError when the release itself cannot be read; what cluster and gateway do not tell is only missing."""
    stored = context.helm.stored(release.name, release.namespace)
    history = context.helm.history(release.name, release.namespace)
    kept = [_values_file(number, file) for number, file in enumerate(files, start=1)]
    kept += _release_files(context, stored)
    kept.append(_json("release/history.json", [item.__dict__ for item in history]))
    facts: dict[str, Any] = {
        "revision": release.revision,
        "chart": f"{release.chart}-{release.chart_version}",
        "status": release.status,
    }
    gateway = gateway_workload(split(stored.manifest), release.namespace)
    parts = [_images(context, stored.manifest, release.namespace, facts)]
    if gateway is None:
        parts.append(_Part([], ("API definitions: the release has no Tyk gateway",)))
    else:
        facts["gateway_versions"] = [gateway.spec.version] if gateway.spec.version else []
        facts["images"] = [gateway.spec.image]
        parts += [_config(context, gateway, facts), _definitions(context, gateway)]
    return BundleContents(
        [*kept, *(file for part in parts for file in part.files)],
        facts,
        tuple(reason for part in parts for reason in part.missing),
        gateway is not None and (gateway.spec.apps_in_emptydir or gateway.spec.policies_in_emptydir),
    )


def _definitions(context: Doors, gateway: GatewayWorkload) -> _Part:
    try:
        found = definition_files(context, gateway)
    except TykUpgradeError as error:
        found = Unknown(error.message)
    if isinstance(found, Unknown):
        return _Part([], (f"API definitions and policies: {found.reason}",))
    return _Part(found.value)


def _config(context: Doors, gateway: GatewayWorkload, facts: dict[str, Any]) -> _Part:
    try:
        found = gateway_config(context, gateway)
    except TykUpgradeError as error:
        return _Part([], (f"the gateway's configuration: {error.message}",))
    facts["left_out"] = list(found.left_out)
    return _Part(list(found.files), found.missing)


def _images(context: Doors, manifest: str, namespace: str, facts: dict[str, Any]) -> _Part:
    """By digest, of the pods that run: a tag may mean another image tomorrow."""
    try:
        images = running_images(context, manifest, namespace)
    except TykUpgradeError as error:
        return _Part([], (f"the digests of the images: {error.message}",))
    facts["digests"] = sorted({image.image_id for image in images if image.image_id})
    return _Part([_json(IMAGES, [asdict(image) for image in images])])


def running_images(context: Doors, manifest: str, namespace: str) -> tuple[RunningImage, ...]:
    """Of every container in the pods of the manifest's workloads. Raises ClusterError or NotFound."""
    rollouts = [observe_rollout(context.cluster, ref) for ref in workload_refs(manifest, namespace)]
    pods = [pod for rollout in rollouts for pod in (*rollout.new_pods, *rollout.old_pods)]
    return tuple(
        RunningImage(pod.name, container.name, container.image, container.image_id)
        for pod in sorted(pods, key=lambda pod: pod.name)
        for container in pod.containers
    )


def _values_file(number: int, file: ValuesFile) -> BundleFile:
    path = Path(file.path)
    return BundleFile(f"values/{number:02d}-{path.name}", file.data, str(path.absolute()), file.mode)


def _release_files(context: Doors, stored: Stored) -> list[BundleFile]:
    release = stored.release
    metadata = context.helm.metadata(release.name, release.namespace, release.revision)
    return [
        _json(VALUES, stored.values),
        BundleFile(MANIFEST, stored.manifest.encode()),
        BundleFile(HOOKS, stored.hooks.encode()),
        _json("release/metadata.json", metadata),
    ]


def _json(name: str, value: object) -> BundleFile:
    return BundleFile(name, json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True).encode() + b"\n")
