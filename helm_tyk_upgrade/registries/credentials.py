"""Which credentials of a `config.json` (Docker's, Helm's, a pull secret's) are for an image. Pure.

Keys: https://docs.docker.com/reference/cli/docker/login/ (hosts, with Docker Hub's historic URL);
https://kubernetes.io/docs/concepts/containers/images/#config-json (paths and globs in pull secrets).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from helm_tyk_upgrade.registries.reference import HUB, Reference

HUB_KEY = "https://index.docker.io/v1/"
"""Under this name Docker keeps the credentials of Docker Hub."""
_HUB_HOSTS = (HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")
TOKEN_USER = "<token>"
"""A credential helper answers with this name where the secret is an identity token."""


@dataclass(frozen=True)
class Credential:
    """One identity at a registry. source: words that tell the reader where it is kept; own: by the user of this
    machine, so that no node has it."""

    source: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    own: bool = False

    @property
    def anonymous(self) -> bool:
        return not (self.username or self.registry_token or self.identity_token)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no view may show."""
        both = f"{self.username}:{self.password}" if self.password else ""
        encoded = base64.b64encode(both.encode()).decode()
        found = (self.password, encoded, self.registry_token, self.identity_token)
        return tuple(text for text in found if text)

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


ANONYMOUS = Credential("no credentials")


def read_config(data: bytes) -> dict[str, Any] | None:
    """The object in a config file, None where there is none."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def credentials_for(
    image: Reference, auths: object, source: str, *, globs: bool = False
) -> tuple[Credential, ...]:
    """Those entries of `auths` that are for the image's registry, the most specific first. globs: `*` in host names
    counts, as the kubelet has it in pull secrets."""
    entries = auths if isinstance(auths, Mapping) else {}
    fitting = [str(key) for key in entries if is_for(image, str(key), globs=globs)]
    found = [_credential(entries[key], source) for key in sorted(fitting, key=len, reverse=True)]
    return tuple(credential for credential in found if not credential.anonymous)


def is_for(image: Reference, key: str, *, globs: bool = False) -> bool:
    """Whether a key of `auths` names the image's registry, or a folder in it that holds the image."""
    host, _, path = key.partition("://")[2].partition("/") if "://" in key else key.partition("/")
    path = path.strip("/").removeprefix("v1").removeprefix("v2").strip("/")
    if path and not f"{image.repository}/".startswith(f"{path}/"):
        return False
    registry = image.registry.lower()
    if registry in _HUB_HOSTS:
        return host.lower() in _HUB_HOSTS
    return _same_host(registry, host.lower(), globs)


def _same_host(registry: str, host: str, globs: bool) -> bool:
    if registry == host or not globs:
        return registry == host
    ours, theirs = registry.split("."), host.split(".")
    return len(ours) == len(theirs) and all(map(fnmatchcase, ours, theirs))


def helper_for(image: Reference, config: Mapping[str, Any]) -> str:
    """The credential helper that has the say over the image's registry, "" where the file itself holds all."""
    helpers = config.get("credHelpers")
    if isinstance(helpers, Mapping):
        for key, helper in helpers.items():
            if is_for(image, str(key)):
                return str(helper)
    return str(config.get("credsStore") or "")


def helper_answer(data: bytes, source: str) -> Credential | None:
    """What `docker-credential-NAME get` printed, None where that is not its protocol."""
    answer = read_config(data)
    if (
        answer is None
        or not isinstance(answer.get("Username"), str)
        or not isinstance(answer.get("Secret"), str)
    ):
        return None
    if answer["Username"] == TOKEN_USER:
        return Credential(source, identity_token=answer["Secret"])
    return Credential(source, answer["Username"], answer["Secret"])


def _credential(entry: object, source: str) -> Credential:
    fields = entry if isinstance(entry, Mapping) else {}
    username, password = (str(fields.get(name) or "") for name in ("username", "password"))
    if fields.get("auth"):
        username, password = _decoded(str(fields["auth"])) or (username, password)
    return Credential(
        source,
        username,
        password,
        str(fields.get("registrytoken") or ""),
        str(fields.get("identitytoken") or ""),
    )


def _decoded(auth: str) -> tuple[str, str] | None:
    try:
        username, colon, password = base64.b64decode(auth).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (username, password.rstrip("\0")) if colon else None
