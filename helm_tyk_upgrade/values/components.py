"""Which components of a chart are switched off: their defaults take no effect, and neither do values for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, Path
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.values.dead import subchart_places, template_texts
from helm_tyk_upgrade.values.paths import lookup


def switched_off(chart: ChartFiles, effective: Mapping[str, Any]) -> tuple[Path, ...]:
    """Where the values of subcharts are that conditions or tags switch off. effective: the chart's values as Helm
    merged them.

    No rule of Helm's is written again: Helm puts `global` among the values of each subchart that is on, and a subchart
    that is off gets nothing. One for which the user gives a `global` of its own counts as on.
    """
    found = []
    for place in subchart_places(template_texts(chart)):
        values = lookup(effective, place)
        if values is ABSENT or (isinstance(values, dict) and "global" not in values):
            found.append(place)
    return tuple(dict.fromkeys(found))


def component_of(path: Path, off: tuple[Path, ...]) -> Path:
    """The component that is off and holds the path; () where there is none."""
    return next((place for place in off if path[: len(place)] == place), ())
