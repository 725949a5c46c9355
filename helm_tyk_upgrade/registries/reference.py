"""Image references, read as Docker, containerd and the kubelet read them. Pure.

Grammar and defaults: https://pkg.go.dev/github.com/distribution/reference
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

HUB = "docker.io"
_HUB_ENDPOINT = "registry-1.docker.io"
_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]{{1,5}})?")
_PART = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_LONGEST_NAME = 255


@dataclass(frozen=True)
class Reference:
    """registry: host, with its port where one is written; `docker.io` where none is. tag: empty only where a
    digest stands alone; a digest decides what is pulled, the tag beside it does not."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        """The whole name, as a node lists it: `docker.io/library/redis:7`."""
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.registry}/{self.repository}{tag}" + (f"@{self.digest}" if self.digest else "")

    @property
    def endpoint(self) -> str:
        """Host and port that serve it: Docker Hub's differs from its name."""
        return _HUB_ENDPOINT if self.registry == HUB else self.registry

    @property
    def pinned(self) -> str:
        """What is asked of the registry: the digest, else the tag."""
        return self.digest or self.tag

    @property
    def loopback(self) -> bool:
        """Whether it names the machine that reads it: Docker and containerd speak plain HTTP to such only."""
        host = self.endpoint.rpartition("]")[0].removeprefix("[") or self.endpoint.partition(":")[0]
        return is_loopback(host)


def is_loopback(host: str) -> bool:
    """host: a name or an address, without port and brackets."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def parse(text: str) -> Reference:
    """Raises ValueError with the fault: the kubelet refuses such a reference too (InvalidImageName)."""
    name, at, digest = text.partition("@")
    name, tag = _tag(name)
    if at and not is_digest(digest):
        raise ValueError("what follows @ is no digest")
    if tag is not None and not _TAG.fullmatch(tag):
        raise ValueError("what follows : is no tag")
    registry, repository = _split(name)
    if len(name) > _LONGEST_NAME or not _DOMAIN.fullmatch(registry):
        raise ValueError("it does not begin with a registry's host")
    if not repository or not all(map(_PART.fullmatch, repository.split("/"))):
        raise ValueError("its name has characters or signs in places that no image may have")
    return Reference(registry, repository, tag or ("" if at else "latest"), digest)


def is_digest(text: str) -> bool:
    return _DIGEST.fullmatch(text) is not None


def _tag(name: str) -> tuple[str, str | None]:
    head, colon, tail = name.rpartition(":")
    if not colon or "/" in tail:  # that colon belongs to the registry's port
        return name, None
    return head, tail


def _split(name: str) -> tuple[str, str]:
    """Registry and repository. The first part is a host only where it cannot be the name of a Hub account."""
    first, slash, rest = name.partition("/")
    is_host = "." in first or ":" in first or first == "localhost" or first != first.lower()
    if not slash or not is_host:
        first, rest = HUB, name
    first = HUB if first == "index.docker.io" else first
    return first, f"library/{rest}" if first == HUB and "/" not in rest else rest
