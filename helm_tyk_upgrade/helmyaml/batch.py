"""Edits that wait to be applied together, and which of them get in each other's way."""

from __future__ import annotations

from dataclasses import dataclass, field

from helm_tyk_upgrade.helmyaml.paths import Path
from helm_tyk_upgrade.helmyaml.splice import Splice, overlap


@dataclass(frozen=True)
class Reach:
    """What an edit touches: whole subtrees, and the mapping that gains (`grows`) or loses an entry.

    `last`: after the edits that wait, the entry to be lost is the only one left.
    """

    zones: tuple[Path, ...]
    grows: Path | None = None
    shrinks: Path | None = None
    last: bool = False


@dataclass
class Batch:
    """Splices against one and the same text of one document each. Not a record: it grows until it is
    applied."""

    splices: list[Splice] = field(default_factory=list)
    zones: set[Path] = field(default_factory=set)
    above: set[Path] = field(default_factory=set)
    grown: set[Path] = field(default_factory=set)
    shrunk: set[Path] = field(default_factory=set)
    inserted: dict[int, Path] = field(default_factory=dict)
    """Where text is put in without replacing any, and the mapping it goes to."""

    def clashes(self, reach: Reach) -> bool:
        """Whether an edit stands inside, around or beside one that waits so that the old text misleads it."""
        for zone in reach.zones:
            if zone in self.above or any(zone[:size] in self.zones for size in range(len(zone))):
                return True
        lost = reach.shrinks
        return lost is not None and (lost in self.grown or (reach.last and lost in self.shrunk))

    def fits(self, reach: Reach, splices: list[Splice]) -> bool:
        """Whether splices neither overlap waiting ones nor add, at one place, to another mapping than
        those do."""
        points = [splice.start for splice in splices if splice.start == splice.end]
        home = _home(reach)
        if any(self.inserted.get(point, home) != home for point in points):
            return False
        return not overlap([*self.splices, *splices])

    def add(self, reach: Reach, splices: list[Splice]) -> None:
        self.splices += splices
        self.inserted.update((splice.start, _home(reach)) for splice in splices if splice.start == splice.end)
        self.zones.update(reach.zones)
        for zone in reach.zones:
            self.above.update(zone[:size] for size in range(len(zone) + 1))
        if reach.grows is not None:
            self.grown.add(reach.grows)
        if reach.shrinks is not None:
            self.shrunk.add(reach.shrinks)


def _home(reach: Reach) -> Path:
    return reach.grows if reach.grows is not None else next(iter(reach.zones), ())
