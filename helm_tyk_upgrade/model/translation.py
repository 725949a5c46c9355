"""A legacy chart's values as values of its successor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.model.change import Path


@dataclass(frozen=True)
class Row:
    """One row of the table. new: None where the new chart has no counterpart; beside: more keys to set (the value
    `$value` stands for the row's own); default: what the old chart does where the key is not set, None where the new
    one does the same; as_list: the value becomes the only item of a list."""

    old: Path
    new: Path | None
    note: str = ""
    beside: tuple[tuple[Path, Any], ...] = ()
    default: Any = None
    as_list: bool = False


@dataclass(frozen=True)
class Unmapped:
    """A key of the old file that goes nowhere, and what to do about it."""

    path: Path
    line: int
    reason: str


@dataclass(frozen=True)
class Translation:
    """data: the new file as bytes; comments: of each key, what its author said and what we say; moved: (old key, new
    key); unmapped: what a person has to decide; differences: what the new chart does otherwise; plan: the way beside
    the old release, step by step."""

    source: str
    data: bytes = field(repr=False)
    values: dict[str, Any] = field(repr=False)
    comments: dict[Path, tuple[str, str]] = field(repr=False)
    moved: tuple[tuple[Path, Path], ...]
    unmapped: tuple[Unmapped, ...]
    differences: tuple[str, ...]
    plan: tuple[str, ...]
