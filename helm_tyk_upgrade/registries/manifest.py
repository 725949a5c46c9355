"""Image manifests and indexes: for which platforms is there an image? Pure.

https://github.com/opencontainers/image-spec/blob/main/image-index.md and manifest.md
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.registries.reference import is_digest

TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ACCEPT = ", ".join(TYPES)
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


@dataclass(frozen=True)
class Index:
    """Platforms (`linux/arm64/v8`) of the images in it. untold: some of its images do not say theirs."""

    platforms: tuple[str, ...]
    untold: bool


@dataclass(frozen=True)
class Single:
    """A manifest of one image; its platform stands in its config, under this digest."""

    config: str


def read_manifest(document: Mapping[str, Any] | None) -> Index | Single | None:
    """None where the document is no manifest that a kubelet's runtime takes."""
    if document is None or document.get("schemaVersion") != 2:
        return None
    if isinstance(document.get("manifests"), list):
        return _index(document["manifests"])
    config = document.get("config")
    digest = str(config.get("digest")) if isinstance(config, Mapping) else ""
    return Single(digest) if is_digest(digest) and isinstance(document.get("layers"), list) else None


def platform_of(description: object) -> str:
    """`linux/arm64/v8` from a config or an index entry's platform, "" where it does not say."""
    said = description if isinstance(description, Mapping) else {}
    words = [said.get("os"), said.get("architecture"), said.get("variant")]
    if not all(isinstance(word, str) and _WORD.fullmatch(word) for word in words[:2]):
        return ""
    variant = words[2] if isinstance(words[2], str) and _WORD.fullmatch(words[2]) else ""
    return "/".join(str(word) for word in (*words[:2], variant) if word)


def without(offered: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The wanted platforms that are not offered; a node does not tell its CPU's variant, so none is compared."""
    plain = {"/".join(platform.split("/")[:2]) for platform in offered}
    return tuple(platform for platform in wanted if "/".join(platform.split("/")[:2]) not in plain)


def has_digest(body: bytes, digest: str) -> bool:
    """Whether these are the bytes that the digest names; False for one that is none."""
    if not is_digest(digest):
        return False
    algorithm, _, value = digest.partition(":")
    return hmac.compare_digest(hashlib.new(algorithm, body).hexdigest(), value)


def _index(entries: list[Any]) -> Index:
    """Entries for `unknown/unknown` are attestations, no images."""
    found = [platform_of(entry.get("platform")) for entry in entries if isinstance(entry, Mapping)]
    told = dict.fromkeys(platform for platform in found if platform and not platform.startswith("unknown/"))
    return Index(tuple(told), "" in found)
