"""Whether the new chart reads the keys that it has no default for: asked of its templates, then of Helm."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.helm.client import values_document
from helm_tyk_upgrade.manifests.diff import compare, label_random, random_fields
from helm_tyk_upgrade.model.change import ABSENT, Path
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.values.dead import readable, reader
from helm_tyk_upgrade.values.paths import leaves, lookup

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
    without it gives the same objects. archive: where Helm finds that chart."""
    if not (isinstance(new, Known) and isinstance(effective, Known)):
        return {}
    asked = [path for path, _ in leaves(dict(given)) if path and lookup(new.value, path) is ABSENT]
    if not asked:
        return {}
    try:
        find = reader(_texts(chart), new.value, effective.value)
        answers = {path: readable(find, path) for path in asked}
    except TykUpgradeError as error:
        return {path: Unknown(f"the chart cannot be read: {error.message}") for path in asked}
    unread = [path for path, answer in answers.items() if answer == Known(False)]
    return answers | (_proven(context, archive, given, unread) if unread else {})


def _texts(chart: ChartFiles) -> dict[str, str]:
    return {
        path: data.decode("utf-8", "replace")
        for path, data in chart.files.items()
        if path in chart.templates or path.rpartition("/")[2] == "Chart.yaml"
    }


def _proven(context: Context, archive: str, given: Values, unread: Sequence[Path]) -> dict[Path, Maybe[bool]]:
    """The second half of the proof: all at once first, as nearly always nothing differs."""
    try:
        first = _render(context, archive, given)
        without = _render(context, archive, _without(given, unread))
        if not _differs(first, without, lambda: _render(context, archive, given)):
            return dict.fromkeys(unread, Known(False))
        if len(unread) > ONE_BY_ONE:
            reason = f"rendering without these {len(unread)} keys gives other objects: one of them is read"
            return dict.fromkeys(unread, Unknown(reason))
        return {path: _alone(context, archive, given, path, first) for path in unread}
    except TykUpgradeError as error:
        reason = f"no template seems to, but the chart cannot be rendered to prove it: {error.message}"
        return dict.fromkeys(unread, Unknown(reason))


def _alone(context: Context, archive: str, given: Values, path: Path, first: str) -> Maybe[bool]:
    without = _render(context, archive, _without(given, [path]))
    if _differs(first, without, lambda: _render(context, archive, given)):
        return Unknown("no template seems to, but rendering without it gives other objects")
    return Known(False)


def _render(context: Context, archive: str, values: Values) -> str:
    return context.helm.template("release", "default", archive, Layers((values_document(dict(values)),)))


def _differs(first: str, without: str, again: Any) -> bool:
    """Whether two renders differ in more than what is random at each render. again: renders the first once more."""
    if first == without:
        return False
    random = random_fields(first, again())
    changes = label_random(compare(first, without), random)
    return any(not field.random for change in changes.objects for field in change.fields)


def _without(given: Values, paths: Sequence[Path]) -> dict[str, Any]:
    left = copy.deepcopy(dict(given))
    for path in paths:
        above = lookup(left, path[:-1])
        if isinstance(above, dict):
            above.pop(str(path[-1]), None)
    return left
