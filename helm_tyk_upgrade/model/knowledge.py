"""What is on record about moving from one Tyk version to another, and what of it concerns this release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helm_tyk_upgrade.model.known import Maybe, Unknown


@dataclass(frozen=True)
class TransitionFinding:
    """One record that the planned move crosses. concerns: whether it meets this release, as far as could be detected;
    severity `blocks`: data or service would be lost; one_way: going back does not undo it."""

    id: str
    component: Literal["gateway", "chart"]
    severity: Literal["blocks", "warns", "tells"]
    what: str
    concerns: Maybe[bool]
    evidence: tuple[str, ...]
    todo: str
    source: str
    one_way: bool = False


@dataclass(frozen=True)
class GoPlugin:
    """A Go plugin, or something that may be one. where: the API, value or log line that names it; path: as
    configured; looked_for: the file names the target version tries, in its order; present: which of them were seen,
    or why that could not be found out; sure: False where only the bundle's manifest would tell its language."""

    where: str
    path: str
    looked_for: tuple[str, ...]
    present: Maybe[tuple[str, ...]]
    sure: bool = True


@dataclass(frozen=True)
class GoPlugins:
    """All that were found, and the compiler command for the target version and architecture (one per platform)."""

    plugins: tuple[GoPlugin, ...]
    commands: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    """Places that could not be looked at, with the reason: they may hold plugins."""


NO_RECORD_READ: Maybe[tuple[TransitionFinding, ...]] = Unknown("no record was read")
NOT_LOOKED_FOR: Maybe[GoPlugins] = Unknown("plugins were not looked for")
