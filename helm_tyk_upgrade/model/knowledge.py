"""What is on record about moving from one Tyk version to another, and what of it concerns this release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helm_tyk_upgrade.model.known import Maybe, Unknown

NOT_COMPARED = Unknown("the gateway versions were not compared")


@dataclass(frozen=True)
class TransitionFinding:
    """One record that the planned move crosses. concerns: whether it meets this release, as far as could be detected;
    severity `blocks`: data or service would be lost; one_way: going back does not undo it; check: the check that
    judges this one, empty where `known-transitions` does."""

    id: str
    component: Literal["gateway", "chart"]
    severity: Literal["blocks", "warns", "tells"]
    what: str
    concerns: Maybe[bool]
    evidence: tuple[str, ...]
    todo: str
    source: str
    one_way: bool = False
    check: str = ""


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
    """All that were found, and the compiler commands for the target version (one for each file name and platform)."""

    plugins: tuple[GoPlugin, ...]
    commands: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    """Places that could not be looked at, with the reason: they may hold plugins."""
    notes: tuple[str, ...] = ()
    """What the reader must know where there are plugins: what happens when one does not load, Go versions, the guide's
    path, what could not be told."""
    preflight: str = ""
    """Jobs, as a YAML manifest for `kubectl apply -f -`, that load the plugins with the planned image; empty where
    there is nothing to load or no way to."""
    rebuild: Maybe[bool] = NOT_COMPARED
    """Whether they must be compiled anew: the gateway's version or its edition changes."""


CHART_NOT_SUPPORTED = "chart-not-supported"
"""Id of the finding that the planned chart is not the newest one."""
OUTSIDE_OF_DATA = "-outside-of-data"
"""How the id of a finding ends that says of a version: nothing is on record."""
NO_RECORD_READ: Maybe[tuple[TransitionFinding, ...]] = Unknown("no record was read")
NOT_LOOKED_FOR: Maybe[GoPlugins] = Unknown("plugins were not looked for")
