"""The credentials that a pod's nodes pull with: its imagePullSecrets, else those of its service account.

https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/; the manifest's own Secrets and
ServiceAccounts come before those of the cluster, because the upgrade is about to apply them.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.manifests.split import ManifestObject, mapping, maps
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.registries.credentials import Credential, credentials_for, read_config
from helm_tyk_upgrade.registries.reference import Reference

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

_KEYS = {".dockerconfigjson": True, ".dockercfg": False}
"""The two types' keys, and whether the document has `auths`; the older type is that map itself."""
_NOT_THERE = Unknown("not there")


class PullSecrets:
    """Reads each object once, when a pod first needs it. Safe to use from several threads."""

    def __init__(self, context: Doors, objects: Sequence[ManifestObject], namespace: str) -> None:
        self._context = context
        self._namespace = namespace
        self._objects = {
            (item.id.kind, item.id.namespace or namespace, item.id.name): item.data
            for item in objects
            if item.id.kind in ("Secret", "ServiceAccount")
        }
        self._read: dict[tuple[str, str, str], Maybe[dict[str, Any]]] = {}
        self._turn = threading.Lock()

    def credentials(
        self, pod: dict[str, Any], namespace: str, image: Reference
    ) -> Iterator[Maybe[Credential]]:
        """Those for the image's registry, in the pod's order. pod: its spec. Unknown, with the reason, for a Secret
        that cannot be read; one that does not exist is passed over, as the kubelet does."""
        where = namespace or self._namespace
        names = _names(pod)
        if not names:
            account = str(pod.get("serviceAccountName") or pod.get("serviceAccount") or "default")
            found = self._get("ServiceAccount", where, account)
            if isinstance(found, Unknown):
                yield from _doubt("the pull secrets of service account", account, found)
                return
            names = _names(found.value)
        for name in names:
            secret = self._get("Secret", where, name)
            if isinstance(secret, Unknown):
                yield from _doubt("pull secret", name, secret)
            else:
                yield from self._of(secret.value, name, image)

    def _of(self, secret: dict[str, Any], name: str, image: Reference) -> Iterator[Maybe[Credential]]:
        for key, nested in _KEYS.items():
            data = _value(secret, key)
            if data is None:
                continue
            config = read_config(data)
            if config is None:
                yield Unknown(f"pull secret {name} holds no JSON object under {key}")
                continue
            auths = config.get("auths") if nested else config
            for credential in credentials_for(image, auths, f"pull secret {name}", globs=True):
                self._context.masker.learn(credential.secrets)
                yield Known(credential)

    def _get(self, kind: str, namespace: str, name: str) -> Maybe[dict[str, Any]]:
        key = (kind, namespace, name)
        if key in self._objects:
            return Known(self._objects[key])
        with self._turn:
            if key not in self._read:
                self._read[key] = self._ask(*key)
            return self._read[key]

    def _ask(self, kind: str, namespace: str, name: str) -> Maybe[dict[str, Any]]:
        try:
            return Known(self._context.cluster.get("v1", kind, name, namespace))
        except NotFound:
            return _NOT_THERE
        except TykUpgradeError as error:
            return Unknown(error.message)


def _doubt(what: str, name: str, found: Unknown) -> Iterator[Unknown]:
    if found is not _NOT_THERE:
        yield Unknown(f"{what} {name} cannot be read: {found.reason}")


def _names(holder: dict[str, Any]) -> list[str]:
    found = (str(item.get("name") or "") for item in maps(holder.get("imagePullSecrets")))
    return list(dict.fromkeys(filter(None, found)))


def _value(secret: dict[str, Any], key: str) -> bytes | None:
    """A key of a Secret: `stringData` wins over `data`, as in the API server. None where it is not there."""
    plain = mapping(secret.get("stringData")).get(key)
    if plain is not None:
        return str(plain).encode()
    encoded = mapping(secret.get("data")).get(key)
    if encoded is None:
        return None
    try:
        return base64.b64decode(str(encoded))
    except (binascii.Error, ValueError):
        return b""
