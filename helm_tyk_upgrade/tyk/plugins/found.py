"""A place that names a Go plugin, and reading JSON that may have any shape. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from helm_tyk_upgrade.model.secrets import printable

LONGEST = 4096
"""Characters of a name that somebody else chose which are kept: no longer path can be opened on Linux."""


@dataclass(frozen=True)
class Found:
    """where: the API, value or log line that names it; path: as configured there; symbol: the function to load, empty
    where it is not told; kind: `file`: a shared object, `bundle`: an archive whose manifest.json tells what is in it,
    `place`: somewhere plugins may be put; sure: False where it may be something else than a Go plugin."""

    where: str
    path: str
    symbol: str = ""
    kind: Literal["file", "bundle", "place"] = "file"
    sure: bool = True


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a map, an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def maps(value: Any) -> list[dict[str, Any]]:
    """The maps of a list; an empty list for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def below(value: Any, *steps: str) -> dict[str, Any]:
    """The map at the end of a path of keys, an empty one where there is none."""
    for step in steps:
        value = mapping(value).get(step)
    return mapping(value)


def text(value: Any) -> str:
    """A text as it may be shown: no control characters, not too long; empty for anything else."""
    return printable(value)[:LONGEST] if isinstance(value, str) else ""
