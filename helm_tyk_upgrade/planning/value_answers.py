"""What Helm makes of the values under the old and the new chart, and which keys the new chart reads at all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.helm.merged import Merged
from helm_tyk_upgrade.model.change import Path
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.planning.answers import ValueAnswers
from helm_tyk_upgrade.planning.chart_facts import Target
from helm_tyk_upgrade.planning.merging import merged_values, merged_whole
from helm_tyk_upgrade.planning.template_reads import template_reads

Values = dict[str, Any]


@dataclass(frozen=True)
class PendingValues:
    """Not all of it answered yet: each answer waits."""

    answers: Callable[[], ValueAnswers]
    subcharts: Callable[[], Maybe[tuple[str, ...]]]
    """Names of the new chart's subcharts that are enabled under the planned values."""


def ask(
    pool: ThreadPoolExecutor,
    context: Context,
    target: Target,
    old: Maybe[ChartFiles],
    given: Values,
    planned: Layers,
    *,
    reads: bool,
) -> PendingValues:
    """Starts asking. given: the user's values as planned, merged; reads: whether to find out which keys the templates
    read."""
    before = pool.submit(merged_values, context, old, Layers())
    defaults = pool.submit(merged_values, context, Known(target.files), Layers())
    whole = pool.submit(merged_whole, context, Known(target.files), planned)

    def read_keys() -> dict[Path, Maybe[bool]]:
        effective = _values(whole.result())
        return template_reads(context, target.archive.path, target.files, given, defaults.result(), effective)

    read = pool.submit(read_keys) if reads else None
    return PendingValues(
        lambda: ValueAnswers(
            before.result(), defaults.result(), _values(whole.result()), read.result() if read else {}
        ),
        lambda: _subcharts(whole.result()),
    )


def _values(whole: Maybe[Merged]) -> Maybe[Values]:
    return Known(whole.value.values) if isinstance(whole, Known) else whole


def _subcharts(whole: Maybe[Merged]) -> Maybe[tuple[str, ...]]:
    return Known(tuple(whole.value.subcharts)) if isinstance(whole, Known) else whole
