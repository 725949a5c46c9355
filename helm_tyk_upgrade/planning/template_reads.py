"""Whether the new chart reads the keys that it has no default for, and makes anything of the empty values: asked of
its templates, then of Helm."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.helm.client import values_document
from helm_tyk_upgrade.manifests.diff import compare, label_random, random_fields
from helm_tyk_upgrade.model.change import ABSENT, Path
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.values.dead import api_versions, is_empty, reader, template_texts
from helm_tyk_upgrade.values.paths import dotted, equal, insert, leaves, lookup

Values = Mapping[str, Any]
ONE_BY_ONE = 20
"""So many keys are tried alone when rendering without all of them gives other objects."""


def template_reads(
    context: Context,
    archive: str,
    chart: ChartFiles,
    given: Values,
    new: Maybe[Values],
    effective: Maybe[Values],
) -> dict[Path, Maybe[bool]]:
    """Of each given key without a default: Known(False) only where no template can read it and rendering the chart
    without it gives the same objects. Known(False) too for an empty value (0, false, "") that every template replaces
    by `default`, with the same proof. What a template takes with a whole map (`toYaml`) is read where it turns up in
    the objects, else unknown. archive: where Helm finds that chart."""
    if not (isinstance(new, Known) and isinstance(effective, Known)):
        return {}
    asked = [path for path, _ in leaves(dict(given)) if path and lookup(new.value, path) is ABSENT]
    empty = [path for path, value in leaves(dict(given)) if path and _may_be_replaced(path, value, new.value)]
    if not (asked or empty):
        return {}
    try:
        texts = template_texts(chart)
        find = reader(texts, new.value, effective.value)
        answers = {path: find.readable(path) for path in asked}
    except TykUpgradeError as error:
        return {path: Unknown(f"the chart cannot be read: {error.message}") for path in asked}
    unread = [path for path, answer in answers.items() if answer == Known(False)]
    replaced = [path for path in empty if find.instead(path)]
    whole = {
        path: above for path in asked if answers[path] == Known(True) if (above := find.taken_whole(path))
    }
    chart_in = _Chart(context, archive, api_versions(texts))
    proven, same, shown = context.helm.side_by_side(
        lambda: _proven(chart_in, given, unread) if unread else {},
        lambda: _proven(chart_in, given, replaced) if replaced else {},
        lambda: _shown(chart_in, given, whole) if whole else {},
    )
    found: dict[Path, Maybe[bool]] = answers | proven | shown
    return found | {path: answer for path, answer in same.items() if answer == Known(False)}


@dataclass(frozen=True)
class _Chart:
    """A chart to render: as for a cluster without custom resources and, where its templates ask for API versions,
    as for one that has all they name. Else what they guard would never be looked at."""

    context: Context
    archive: str
    named: tuple[str, ...]

    def render(self, values: Values) -> tuple[str, ...]:
        """Raises TykUpgradeError where Helm cannot render it."""
        layers = Layers((values_document(dict(values)),))
        clusters = ((), self.named) if self.named else ((),)
        helm = self.context.helm
        return tuple(
            helm.side_by_side(
                *(
                    partial(helm.template, "release", "default", self.archive, layers, api_versions=served)
                    for served in clusters
                )
            )
        )


def _may_be_replaced(path: Path, value: Any, new: Values) -> bool:
    """A null is no value, and what only repeats the default is judged as that."""
    return value is not None and is_empty(value) and not equal(value, lookup(new, path))


def _proven(chart: _Chart, given: Values, unread: Sequence[Path]) -> dict[Path, Maybe[bool]]:
    """The second half of the proof: all at once first, as nearly always nothing differs."""
    try:
        first = chart.render(given)
        without = chart.render(_without(given, unread))
        if not _differs(first, without, lambda: chart.render(given)):
            return dict.fromkeys(unread, Known(False))
        if len(unread) > ONE_BY_ONE:
            reason = f"rendering without these {len(unread)} keys gives other objects: one of them is read"
            return dict.fromkeys(unread, Unknown(reason))
        return {path: _alone(chart, given, path, first) for path in unread}
    except TykUpgradeError as error:
        reason = f"no template seems to, but the chart cannot be rendered to prove it: {error.message}"
        return dict.fromkeys(unread, Unknown(reason))


def _shown(chart: _Chart, given: Values, whole: Mapping[Path, Path]) -> dict[Path, Maybe[bool]]:
    """Whether values inside maps that templates take whole turn up in what is rendered: looked for by marks in their
    place, all in one render; one by one where the chart wants something else in one of these places.
    whole: path -> that map."""
    marks = {path: _mark(lookup(given, path), number) for number, path in enumerate(whole)}
    try:
        shown = _marks_shown(chart, given, marks)
    except TykUpgradeError as error:
        if len(whole) > ONE_BY_ONE:
            return {path: _not_renderable(whole[path], error) for path in whole}
        return {path: _mark_alone(chart, given, path, marks[path], whole[path]) for path in whole}
    return {path: Known(True) if shown[path] else _not_shown(above) for path, above in whole.items()}


def _mark_alone(chart: _Chart, given: Values, path: Path, mark: str | int, above: Path) -> Maybe[bool]:
    try:
        shown = _marks_shown(chart, given, {path: mark})
    except TykUpgradeError as error:
        return _not_renderable(above, error)
    return Known(True) if shown[path] else _not_shown(above)


def _not_shown(above: Path) -> Unknown:
    return Unknown(f"a template takes all of {dotted(above)}, and rendering does not show what becomes of it")


def _not_renderable(above: Path, error: TykUpgradeError) -> Unknown:
    reason = (
        f"a template takes all of {dotted(above)}, and the chart cannot be rendered with another value there"
    )
    return Unknown(f"{reason}: {error.message}")


def _marks_shown(chart: _Chart, given: Values, marks: Mapping[Path, str | int]) -> dict[Path, bool]:
    """Which of the marks turn up when they stand in place of the values. Raises TykUpgradeError as Helm's render."""
    marked = copy.deepcopy(dict(given))
    for path, mark in marks.items():
        if mark:
            insert(marked, path, [mark] if isinstance(lookup(given, path), list) else mark)
    rendered = "\n".join(chart.render(marked)) if any(marks.values()) else ""
    return {
        path: bool(mark) and re.search(rf"(?<!\w){mark}(?!\w)", rendered) is not None
        for path, mark in marks.items()
    }


def _mark(value: Any, number: int) -> str | int:
    """Of the value's type where that can be recognised again; "" for what cannot be marked. A number has six digits:
    Helm writes those of seven as 1e+06. No mark is part of another."""
    if value is None or value in ({}, []):
        return ""
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return 918_273 + number if plain else f"mark-{number}-only"


def _alone(chart: _Chart, given: Values, path: Path, first: Sequence[str]) -> Maybe[bool]:
    without = chart.render(_without(given, [path]))
    if _differs(first, without, lambda: chart.render(given)):
        return Unknown("no template seems to, but rendering without it gives other objects")
    return Known(False)


def _differs(first: Sequence[str], without: Sequence[str], again: Callable[[], Sequence[str]]) -> bool:
    """Whether renders differ in more than what is random at each. again: renders the first once more."""
    if first == without:
        return False
    return any(map(_not_only_random, first, without, again()))


def _not_only_random(first: str, without: str, again: str) -> bool:
    changes = label_random(compare(first, without), random_fields(first, again))
    return any(not field.random for change in changes.objects for field in change.fields)


def _without(given: Values, paths: Sequence[Path]) -> dict[str, Any]:
    left = copy.deepcopy(dict(given))
    for path in paths:
        above = lookup(left, path[:-1])
        if isinstance(above, dict):
            above.pop(str(path[-1]), None)
    return left
