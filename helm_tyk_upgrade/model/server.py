"""What the API server and the registries say of manifests before anything is applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.model.change import ObjectId
from helm_tyk_upgrade.model.known import Maybe, Unknown

_NOT_ASKED = Unknown("the cluster was not asked")


@dataclass(frozen=True)
class FieldConflict:
    """A field that another manager owns and a server-side apply would change. time: RFC 3339, empty if unknown."""

    path: str
    manager: str
    time: str = ""


@dataclass(frozen=True)
class DryRunAnswer:
    """What the API server says to one object, stored nowhere. accepted: yes, no, or unknown and why; reason and
    causes: its own words for a no; immutable: the no is about a field that may not change in place; conflicts: fields
    of other managers, which stop a server-side apply that is not forced, whatever `accepted` says of the object."""

    id: ObjectId
    accepted: Maybe[bool]
    reason: str = ""
    causes: tuple[str, ...] = ()
    immutable: bool = False
    conflicts: tuple[FieldConflict, ...] = ()
    hook: str = ""
    """The events of a hook, empty for an object of the release."""


@dataclass(frozen=True)
class Drift:
    """A live field that differs from what Helm stored and that the upgrade or its rollback will overwrite. An object
    that is gone has an empty path. manager and time: who changed it last and when, empty where not recorded."""

    id: ObjectId
    path: str
    stored: Any = field(repr=False)
    live: Any = field(repr=False)
    name: str = ""
    manager: str = ""
    time: str = ""


@dataclass(frozen=True)
class Unread:
    """A stored object whose live fields could not be read, and why."""

    id: ObjectId
    reason: str

    def __str__(self) -> str:
        return f"{self.id}: {self.reason}"


@dataclass(frozen=True)
class ImagePresence:
    """One image reference of a manifest, asked of its registry. used_by: the workloads; present: unknown with the
    reason where the registry did not say; digest: of what the reference names now, empty where not told;
    missing: platforms of the cluster's nodes (`linux/arm64`) for which it has no image; evidence: who said so, in
    words, where present is known."""

    image: str
    used_by: tuple[str, ...]
    present: Maybe[bool]
    digest: str = ""
    missing: tuple[str, ...] = ()
    evidence: str = ""


@dataclass(frozen=True)
class LiveNeighbours:
    """Live objects beside the release's own that decide how an upgrade goes. Each list holds the API's own dicts."""

    autoscalers: Maybe[tuple[Mapping[str, Any], ...]] = field(default=_NOT_ASKED, repr=False)
    budgets: Maybe[tuple[Mapping[str, Any], ...]] = field(default=_NOT_ASKED, repr=False)
    platforms: Maybe[tuple[str, ...]] = _NOT_ASKED
    """Of the nodes: `linux/amd64`."""
    kubernetes: Maybe[str] = _NOT_ASKED
    """The API server's version, `1.34.1`."""
    crds: Maybe[Mapping[str, Mapping[str, Any]]] = field(default=_NOT_ASKED, repr=False)
    """Of the CRDs that the chart carries in crds/: those that the cluster has, by name."""
    release_bytes: Maybe[int] = _NOT_ASKED
    """How large Helm's record of the present revision is, as stored."""


@dataclass(frozen=True)
class ServerTruth:
    """forward: the new manifest's objects; back: the stored manifest's, asked as a rollback would apply them."""

    forward: Maybe[tuple[DryRunAnswer, ...]] = _NOT_ASKED
    back: Maybe[tuple[DryRunAnswer, ...]] = _NOT_ASKED
    drift: Maybe[tuple[Drift, ...]] = _NOT_ASKED
    images: Maybe[tuple[ImagePresence, ...]] = _NOT_ASKED
    images_back: Maybe[tuple[ImagePresence, ...]] = _NOT_ASKED
    neighbours: LiveNeighbours = field(default_factory=LiveNeighbours)
    unread: tuple[Unread, ...] = ()
    """Objects of which `drift` says nothing."""
