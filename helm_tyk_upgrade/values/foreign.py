"""Values that were written for another chart: their keys are not dead, they are in the wrong place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, Judgement, Override, Path
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.values import Moved
from helm_tyk_upgrade.values.paths import lookup

_ENOUGH = 3
"""So many overrides outside of `global` (which every chart may read), most of them dead, tell of another chart."""


def is_foreign(overrides: Iterable[Override], moved: Iterable[Moved]) -> bool:
    """Whether the chart reads hardly anything of these values. moved: keys known to have been renamed or dropped, which
    tell of an old file, not of another chart's."""
    own = [each for each in overrides if each.path[:1] != ("global",)]
    return len(own) >= _ENOUGH and 2 * len(_lost(own, moved)) > len(own)


def chart_meant(
    overrides: Iterable[Override], moved: Iterable[Moved], new_defaults: Mapping[str, Any]
) -> str:
    """The subchart that has defaults for most of what this chart does not read; empty where there is none."""
    lost = _lost(overrides, moved)
    found = {
        name: sum(lookup(below, path[:2]) is not ABSENT for path in lost)
        for name, below in new_defaults.items()
        if isinstance(below, Mapping) and name != "global"
    }
    best = max(found, key=lambda name: found[name], default="")
    return best if best and 2 * found[best] > len(lost) else ""


def _lost(overrides: Iterable[Override], moved: Iterable[Moved]) -> list[Path]:
    """Guessed renames too: a chart's `gateway.x` looks much like the umbrella's `tyk-gateway.gateway.x`."""
    known = tuple(each.old for each in moved)
    return [
        each.path
        for each in overrides
        if each.path[:1] != ("global",)
        and each.judgement in (Judgement.DEAD, Judgement.RENAMED)
        and not any(each.path[: len(old)] == old for old in known)
        and each.new_default == Known(ABSENT)
    ]
