"""How a gateway is configured: the environment of its container and the tyk.conf that is mounted into it."""

from __future__ import annotations

import base64
import binascii
import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.gateway.spec import gateway_container
from helm_tyk_upgrade.manifests.split import mapping, maps
from helm_tyk_upgrade.model.secrets import is_secret_name
from helm_tyk_upgrade.store.bundle import BundleFile
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

ENVIRONMENT = "gateway/environment.json"
CONF = "gateway/tyk.conf"
_DEFAULT_CONF = "/opt/tyk-gateway/tyk.conf"
"""Where the gateway looks without --conf: https://tyk.io/docs/tyk-oss-gateway/configuration"""
_SOURCES = (("configMap", "ConfigMap"), ("secret", "Secret"))


@dataclass(frozen=True)
class GatewayConfig:
    """missing: what could not be had, with the reason, in words; left_out: what was not kept on purpose."""

    files: tuple[BundleFile, ...]
    missing: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class _Reader:
    """ConfigMaps and Secrets of the gateway's namespace, and what the files end up without."""

    context: Doors
    namespace: str
    missing: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def object(self, kind: str, name: str) -> dict[str, Any]:
        return self.context.cluster.get("v1", kind, name, self.namespace)


def gateway_config(context: Doors, gateway: GatewayWorkload) -> GatewayConfig:
    """Of the workload as it is in the cluster now. Raises ClusterError or NotFound where that cannot be read."""
    ref = gateway.ref
    live = context.cluster.get("apps/v1", ref.kind, ref.name, ref.namespace)
    pod = mapping(mapping(mapping(live.get("spec")).get("template")).get("spec"))
    container = gateway_container(pod) or {}
    reader = _Reader(context, ref.namespace)
    variables = [_variable(entry, reader) for entry in maps(container.get("env"))]
    imported = [_imported(source, reader) for source in maps(container.get("envFrom"))]
    value = {
        "container": container.get("name"),
        "command": [*_words(container, "command"), *_words(container, "args")],
        "environment": variables,
        "environmentFrom": imported,
    }
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    conf = _conf(pod, container, reader)
    return GatewayConfig(
        (BundleFile(ENVIRONMENT, text), *conf), tuple(reader.missing), tuple(reader.left_out)
    )


def _words(container: Mapping[str, Any], name: str) -> list[str]:
    return [str(word) for word in container.get(name) or ()]


def _variable(entry: Mapping[str, Any], reader: _Reader) -> dict[str, Any]:
    """A variable with its value, or with where that is. Secrets stay where they are: the Secret by name and key, a
    literal one in release/manifest.yaml."""
    name, source = str(entry.get("name") or ""), mapping(entry.get("valueFrom"))
    reference = mapping(source.get("configMapKeyRef"))
    if reference:
        return {"name": name, "from": source, **_of_config_map(name, reference, reader)}
    if source:
        return {"name": name, "from": source}
    if is_secret_name(name):
        reader.left_out.append(f"the value of {name}: a secret, in release/manifest.yaml")
        return {"name": name, "leftOut": "a secret: see release/manifest.yaml"}
    return {"name": name, "value": str(entry.get("value") or "")}


def _of_config_map(name: str, reference: Mapping[str, Any], reader: _Reader) -> dict[str, Any]:
    holder, key = str(reference.get("name") or ""), str(reference.get("key") or "")
    if is_secret_name(name):
        reader.left_out.append(f"the value of {name}: a secret, in ConfigMap {holder}")
        return {"leftOut": "a secret"}
    try:
        found = mapping(reader.object("ConfigMap", holder).get("data"))
    except TykUpgradeError as error:
        reader.missing.append(f"the value of {name}: {error.message}")
        return {"leftOut": error.message}
    return {"value": str(found[key])} if key in found else {"leftOut": f"ConfigMap {holder} has no key {key}"}


def _imported(source: Mapping[str, Any], reader: _Reader) -> dict[str, Any]:
    """What envFrom brings: a ConfigMap with its values, a Secret by name."""
    reference = mapping(source.get("configMapRef"))
    holder = str(reference.get("name") or "")
    if not reference:
        return dict(source)
    try:
        data = mapping(reader.object("ConfigMap", holder).get("data"))
    except TykUpgradeError as error:
        reader.missing.append(f"the variables of ConfigMap {holder}: {error.message}")
        return {**source, "leftOut": error.message}
    return {**source, "values": {key: text for key, text in data.items() if not is_secret_name(key)}}


def conf_path(container: Mapping[str, Any]) -> str:
    """The file the gateway reads its configuration from."""
    words = [*_words(container, "command"), *_words(container, "args")]
    for number, word in enumerate(words):
        flag, given, value = word.partition("=")
        if flag in ("--conf", "-conf", "-c"):
            path = value if given else next(iter(words[number + 1 :]), "")
            home = str(container.get("workingDir") or posixpath.dirname(_DEFAULT_CONF))
            return posixpath.normpath(posixpath.join(home, path)) if path else _DEFAULT_CONF
    return _DEFAULT_CONF


def _conf(pod: Mapping[str, Any], container: Mapping[str, Any], reader: _Reader) -> tuple[BundleFile, ...]:
    """tyk.conf where a ConfigMap or Secret is mounted for it; one in the image needs no keeping."""
    path = conf_path(container)
    mount = _mount_of(path, container)
    if mount is None:
        reader.left_out.append(f"{path}: it is in the image, nothing is mounted there")
        return ()
    volume = next((one for one in maps(pod.get("volumes")) if one.get("name") == mount.get("name")), {})
    try:
        data = _in_volume(volume, _inside(path, mount), reader)
    except TykUpgradeError as error:
        reader.missing.append(f"{path}: {error.message}")
        return ()
    if data is None:
        reader.left_out.append(f"{path}: it is in no ConfigMap or Secret")
        return ()
    return (BundleFile(CONF, data),)


def _mount_of(path: str, container: Mapping[str, Any]) -> dict[str, Any] | None:
    """The innermost mount that a path lies in."""

    def around(mount: dict[str, Any]) -> bool:
        folder = str(mount.get("mountPath") or "").rstrip("/")
        return bool(folder) and (path == folder or path.startswith(folder + "/"))

    fitting = [mount for mount in maps(container.get("volumeMounts")) if around(mount)]
    return max(fitting, key=lambda mount: len(str(mount["mountPath"])), default=None)


def _inside(path: str, mount: Mapping[str, Any]) -> str:
    """The path of a file inside the mounted volume."""
    folder = str(mount.get("mountPath") or "").rstrip("/")
    return posixpath.join(str(mount.get("subPath") or ""), path[len(folder) :].lstrip("/")).rstrip("/")


def _in_volume(volume: Mapping[str, Any], file: str, reader: _Reader) -> bytes | None:
    """None where the volume is another kind, or has no such file. Raises ClusterError or NotFound."""
    for source in maps(mapping(volume.get("projected")).get("sources")) or [dict(volume)]:
        for part, kind in _SOURCES:
            reference = mapping(source.get(part))
            name = str(reference.get("name") or reference.get("secretName") or "")
            key = _key_of(file, reference)
            if name and key:
                data = _bytes_of(reader.object(kind, name), key, kind)
                if data is not None:
                    return data
    return None


def _key_of(file: str, reference: Mapping[str, Any]) -> str:
    items = maps(reference.get("items"))
    if not items:
        return file
    return next((str(item.get("key") or "") for item in items if item.get("path") == file), "")


def _bytes_of(holder: Mapping[str, Any], key: str, kind: str) -> bytes | None:
    texts, encoded = mapping(holder.get("data")), mapping(holder.get("binaryData"))
    if kind == "Secret":
        texts, encoded = {}, texts
    if key in texts:
        return str(texts[key]).encode()
    try:
        return base64.b64decode(str(encoded[key]), validate=True) if key in encoded else None
    except binascii.Error:
        return None
