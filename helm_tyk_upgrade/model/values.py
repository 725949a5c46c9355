"""What is known about a chart's values keys, what is proposed for the user's files, and what they are warned of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from helm_tyk_upgrade.model.change import Path, ValuesChanges
from helm_tyk_upgrade.model.chart import Chosen


@dataclass(frozen=True)
class Moved:
    """A key that a chart version renamed (`new`) or dropped (`new` is None). since: that chart version."""

    since: str
    old: Path
    new: Path | None
    source: str

    def __str__(self) -> str:
        return f"chart {self.since} ({self.source})"


@dataclass(frozen=True)
class Behaviour:
    """A new default that changes what the gateway does, and the values that keep the old way. sets: path -> value;
    items: path of a list -> the named item to add to it; unless: keys with which the user has chosen already."""

    id: str
    since: str
    what: str
    keeps: str
    risk: str
    source: str
    sets: tuple[tuple[Path, Any], ...] = ()
    items: tuple[tuple[Path, dict[str, Any]], ...] = ()
    unless: tuple[Path, ...] = ()


class Risk(str, Enum):
    """How much thought an edit needs. NONE: the gateway's objects stay the same; BEHAVIOUR: they change."""

    NONE = "none"
    REVIEW = "review"
    BEHAVIOUR = "changes behaviour"


Kind = Literal["rename", "remove dead", "remove redundant", "keep behaviour"]
Action = Literal["move", "delete", "set", "append"]


@dataclass(frozen=True)
class KeyEdit:
    """One edit of one file. move: from `path` to `to`; delete; set: a value at `path`, made with its parents;
    append: `value`, an item, to the list at `path`, made with its parents."""

    file: str
    action: Action
    path: Path
    to: Path = ()
    value: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Proposal:
    """Edits that belong together. edits: none where a person has to make them (`by_hand` says what and why);
    source: the chart version and the release note that say so; optional: not part of "all that are safe"."""

    kind: Kind
    path: Path
    reason: str
    risk: Risk
    source: str
    edits: tuple[KeyEdit, ...]
    risk_reason: str = ""
    by_hand: str = ""
    optional: bool = False

    @property
    def safe(self) -> bool:
        """Whether it may be taken without being looked at."""
        return bool(self.edits) and self.risk is Risk.NONE and not self.optional


@dataclass(frozen=True)
class FileWarning:
    """Something in a values file that a reader should know; `text` is safe to print. Line from 1, 0: the whole
    file."""

    file: str
    line: int
    kind: str
    text: str


@dataclass(frozen=True)
class ValuesAdvice:
    """What may be done about the overrides. refused: accepted proposals that could not be made, with the reason."""

    proposals: tuple[Proposal, ...] = ()
    warnings: tuple[FileWarning, ...] = ()
    refused: tuple[tuple[Proposal, str], ...] = ()


@dataclass(frozen=True)
class ValuesReport:
    """What a chart version means for values files, without a cluster. start: the old version, and why that one; to: the
    new version; source: where the values come from, in words; written: whether the edits are on disk."""

    chart: str
    start: Chosen
    to: Chosen
    source: str
    helm: str
    changes: ValuesChanges
    advice: ValuesAdvice
    given: dict[str, Any] = field(repr=False)
    notes: tuple[str, ...] = ()
    written: bool = False
