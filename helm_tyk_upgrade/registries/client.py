"""What a registry holds under a name: is the image there, for which platforms, which tags are there.

OCI distribution API: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from helm_tyk_upgrade.edge.http import Answer, Http
from helm_tyk_upgrade.errors import CatalogueError
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.registries.credentials import ANONYMOUS, Credential, read_config
from helm_tyk_upgrade.registries.manifest import (
    ACCEPT,
    TYPES,
    Index,
    has_digest,
    platform_of,
    read_manifest,
)
from helm_tyk_upgrade.registries.reference import Reference, is_digest
from helm_tyk_upgrade.registries.session import Refused, Session

_ABSENT = ("MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND")
"""The specification's codes, and Harbor's own for both."""
_HIDING = ("NAME_UNKNOWN", "NOT_FOUND")
"""With these a registry may hide a private repository from those who may not see it."""
_NEXT = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')
_NOT_ASKED = Unknown("not asked for")
_PAGES = 100
_PAGE = 1000


@dataclass(frozen=True)
class Held:
    """What the registry answered. digest: of what the name stands for now, empty where not told; platforms: unknown
    where they were not asked for or cannot be read; code: the registry's own word where the image is absent;
    asked_as: the `source` of the identity that got this answer; own: it is the user's own login, which no node has."""

    present: bool
    digest: str = ""
    platforms: Maybe[tuple[str, ...]] = _NOT_ASKED
    code: str = ""
    asked_as: str = ANONYMOUS.source
    own: bool = False


def held(
    http: Http, image: Reference, identities: Iterable[Maybe[Credential]], *, platforms: bool
) -> Maybe[Held]:
    """Whether the registry has the image, asked as one identity after the other until one may see it. identities: in
    their order, read when needed; an unknown one is why an answer stays unknown. platforms: read those too (on Docker
    Hub that counts as a pull)."""
    doubts: list[str] = []
    hidden: Held | None = None
    tried: set[Maybe[Credential]] = set()
    for identity in identities:
        if identity in tried:
            continue
        tried.add(identity)
        if isinstance(identity, Unknown):
            doubts.append(identity.reason)
            continue
        try:
            answer = _ask(Session(http, image, identity.value), image, platforms)
            found = replace(answer, asked_as=identity.value.source, own=identity.value.own)
        except Refused as error:
            doubts.append(error.message)
            continue
        except CatalogueError as error:
            return Unknown(error.message)
        if found.present or found.code not in _HIDING or not identity.value.anonymous:
            return Known(found)
        hidden = found
    if hidden is not None and not doubts:
        return Known(hidden)
    return Unknown("; ".join(dict.fromkeys(doubts)) or "nobody could be asked as")


def tags(http: Http, image: Reference, identity: Credential) -> Maybe[tuple[str, ...]]:
    """All tags of the image's repository, in the registry's order; every page is read."""
    try:
        return Known(tuple(_tags(Session(http, image, identity))))
    except CatalogueError as error:
        return Unknown(error.message)


def _ask(session: Session, image: Reference, platforms: bool) -> Held:
    path = f"manifests/{image.pinned}"
    if not platforms:
        answer = session.get(path, accept=ACCEPT, method="HEAD")
        digest = answer.headers.get("docker-content-digest", "")
        told = answer.status == 200 and answer.content_type in TYPES and is_digest(digest)
        if told and image.digest in ("", digest):
            return Held(True, digest)
    answer = session.get(path, accept=ACCEPT)
    if answer.status == 404:
        return Held(False, code=_absent(answer, image))
    if answer.status != 200:
        raise CatalogueError(f"{image.endpoint}: it answers with HTTP {answer.status}")
    return _present(session, answer, image, platforms)


def _absent(answer: Answer, image: Reference) -> str:
    """The code of a 404; a page that says "not found" is not a registry's word on an image."""
    errors = (read_config(answer.body) or {}).get("errors")
    said = [item.get("code") for item in errors if isinstance(item, dict)] if isinstance(errors, list) else []
    for code in _ABSENT:
        if code in said:
            return code
    raise CatalogueError(f"{image.endpoint}: HTTP 404, but not as a registry says it")


def _present(session: Session, answer: Answer, image: Reference, platforms: bool) -> Held:
    document = read_config(answer.body)
    manifest = read_manifest(document)
    if manifest is None:
        raise CatalogueError(f"{image.endpoint}: what it answers is no image manifest")
    claimed = image.digest or answer.headers.get("docker-content-digest", "")
    if claimed and not has_digest(answer.body, claimed):
        raise CatalogueError(f"{image.endpoint}: the manifest it answers with is not the one of its digest")
    digest = claimed or f"sha256:{hashlib.sha256(answer.body).hexdigest()}"
    if not platforms:
        return Held(True, digest)
    if isinstance(manifest, Index):
        return Held(True, digest, _listed(manifest))
    return Held(True, digest, _platform(session, manifest.config))


def _listed(index: Index) -> Maybe[tuple[str, ...]]:
    if index.untold:
        return Unknown("its index does not say for which platforms all its images are")
    return Known(index.platforms)


def _platform(session: Session, config: str) -> Maybe[tuple[str, ...]]:
    """The platform of a single image, from its config."""
    try:
        answer = session.get(f"blobs/{config}")
    except CatalogueError as error:
        return Unknown(error.message)
    if answer.status != 200 or not has_digest(answer.body, config):
        return Unknown(f"{session.image.endpoint}: its config cannot be read (HTTP {answer.status})")
    platform = platform_of(read_config(answer.body))
    return Known((platform,)) if platform else Unknown("its config names no platform")


def _tags(session: Session) -> list[str]:
    found: list[str] = []
    path = f"tags/list?n={_PAGE}"
    for _ in range(_PAGES):
        answer = session.get(path)
        listed = (read_config(answer.body) or {}).get("tags") if answer.status == 200 else None
        if not isinstance(listed, list):
            raise CatalogueError(f"{session.image.endpoint}: no list of tags (HTTP {answer.status})")
        found += [tag for tag in listed if isinstance(tag, str)]
        path = _next(answer, session.image.repository)
        if not path:
            return found
    raise CatalogueError(f"{session.image.endpoint}: its list of tags has no end")


def _next(answer: Answer, repository: str) -> str:
    """The path of the next page; "" where this was the last. A page elsewhere is not asked: it would get our token."""
    link = _NEXT.search(answer.headers.get("link", ""))
    if link is None:
        return ""
    here, there = urlsplit(answer.url), urlsplit(urljoin(answer.url, link[1]))
    path = f"/v2/{repository}/tags/list"
    if here[:2] != there[:2] or there.path != path:
        raise CatalogueError(f"{here.netloc}: its next page of tags is somewhere else")
    return f"tags/list?{there.query}"
