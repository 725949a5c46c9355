"""Which files a gateway's container will find, as far as that can be told from outside.

The image has no shell, so nobody can look into a pod. ConfigMaps and Secrets tell their files; every other volume keeps
them to itself.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.manifests.split import ManifestObject, mapping, maps
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.tyk.plugins.pod import CHART_INIT

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

_HOME = "/opt/tyk-gateway"
"""The working directory of the gateway's image: a relative plugin path begins there."""


@dataclass(frozen=True)
class Mounts:
    """A container's view of the planned pod. objects: of the new manifest, asked before the cluster is."""

    context: Doors
    objects: tuple[ManifestObject, ...]
    namespace: str
    pod: Mapping[str, Any]
    container: Mapping[str, Any]

    def present(self, names: Iterable[str]) -> Maybe[tuple[str, ...]]:
        """Those of the file names that will be there, in the order given; unknown as soon as one of them is."""
        found = []
        for name in names:
            path = self._absolute(name)
            mount = self._innermost(path)
            files = (
                self.files(mount)
                if mount
                else Unknown("they would be in the image, which has no shell to look with")
            )
            if isinstance(files, Unknown):
                return files
            if path in files.value:
                found.append(name)
        return Known(tuple(found))

    def files(self, mount: Mapping[str, Any]) -> Maybe[frozenset[str]]:
        """Absolute paths of all files that a mount brings."""
        name = str(mount.get("name") or "")
        volume = next((one for one in maps(self.pod.get("volumes")) if one.get("name") == name), None)
        if volume is None:
            return Unknown(f"volume {name} is a claim of its own, and nothing can look into it")
        inside = self._inside(name, volume)
        if isinstance(inside, Unknown):
            return inside
        target, part = (
            str(mount.get("mountPath") or "").rstrip("/"),
            str(mount.get("subPath") or "").strip("/"),
        )
        return Known(frozenset(filter(None, (_placed(file, target, part) for file in inside.value))))

    def at(self, path: str) -> Maybe[frozenset[str]]:
        """The files of the mount at exactly this path."""
        mounts = maps(self.container.get("volumeMounts"))
        mount = next((one for one in mounts if str(one.get("mountPath") or "").rstrip("/") == path), None)
        return self.files(mount) if mount else Unknown(f"nothing is mounted at {path}")

    def _absolute(self, name: str) -> str:
        home = str(self.container.get("workingDir") or _HOME)
        return posixpath.normpath(posixpath.join(home, name))

    def _innermost(self, path: str) -> dict[str, Any] | None:
        def below(mount: dict[str, Any]) -> bool:
            folder = str(mount.get("mountPath") or "").rstrip("/")
            return bool(folder) and (path == folder or path.startswith(folder + "/"))

        fitting = [mount for mount in maps(self.container.get("volumeMounts")) if below(mount)]
        return max(fitting, key=lambda mount: len(str(mount["mountPath"])), default=None)

    def _inside(self, name: str, volume: Mapping[str, Any]) -> Maybe[tuple[str, ...]]:
        """The files of a volume, relative to its root."""
        if "emptyDir" in volume:
            writers = self._writers(name)
            return Unknown(f"emptyDir {name} is filled by {', '.join(writers)}") if writers else Known(())
        sources = maps(mapping(volume.get("projected")).get("sources")) or [dict(volume)]
        found: list[str] = []
        for source in sources:
            files = self._of_source(name, source)
            if isinstance(files, Unknown):
                return files
            found += files.value
        return Known(tuple(found))

    def _of_source(self, volume: str, source: Mapping[str, Any]) -> Maybe[tuple[str, ...]]:
        for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            reference = mapping(source.get(field))
            name = str(reference.get("name") or reference.get("secretName") or "")
            if name:
                keys = self._keys(kind, name)
                return keys if isinstance(keys, Unknown) else Known(_chosen(reference, keys.value))
        kinds = ", ".join(key for key in source if key != "name") or "nothing"
        return Unknown(f"volume {volume} ({kinds}) cannot be looked into: the gateway's image has no shell")

    def _keys(self, kind: str, name: str) -> Maybe[frozenset[str]]:
        data: Mapping[str, Any] | None = next(
            (one.data for one in self.objects if (one.id.kind, one.id.name) == (kind, name)), None
        )
        if data is None:
            try:
                data = self.context.cluster.get("v1", kind, name, self.namespace)
            except TykUpgradeError as error:
                return Unknown(f"{kind} {name} cannot be read: {error.message}")
        return Known(
            frozenset(key for part in ("data", "binaryData", "stringData") for key in mapping(data.get(part)))
        )

    def _writers(self, volume: str) -> list[str]:
        """The containers beside the gateway that may put files into a volume."""
        everyone = [*maps(self.pod.get("initContainers")), *maps(self.pod.get("containers"))]
        return [
            str(one.get("name"))
            for one in everyone
            if one.get("name") not in (CHART_INIT, self.container.get("name"))
            and any(mount.get("name") == volume for mount in maps(one.get("volumeMounts")))
        ]


def _chosen(reference: Mapping[str, Any], keys: frozenset[str]) -> tuple[str, ...]:
    items = maps(reference.get("items"))
    if not items:
        return tuple(keys)
    return tuple(str(item.get("path") or item.get("key")) for item in items if item.get("key") in keys)


def _placed(file: str, target: str, part: str) -> str:
    """Where a file of a volume ends up under a mount; empty where the mount takes another part of the volume."""
    if not part:
        return f"{target}/{file}"
    if file == part:
        return target
    return f"{target}/{file.removeprefix(part + '/')}" if file.startswith(part + "/") else ""
