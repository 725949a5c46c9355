"""Merged values as answers: what Helm cannot merge is unknown, with its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import HelmError
from helm_tyk_upgrade.helm.merged import Merged, merged
from helm_tyk_upgrade.model.change import Path
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.plan import ValuesInput
from helm_tyk_upgrade.model.secrets import texts_of
from helm_tyk_upgrade.planning.no_chart import NO_CHART
from helm_tyk_upgrade.values.paths import leaves

Values = dict[str, Any]


@dataclass(frozen=True)
class FourValues:
    """given: the user's layers alone; then the chart's defaults, old and new, and the new chart's values with the
    layers."""

    given: Values = field(repr=False)
    old_defaults: Maybe[Values] = field(repr=False)
    new_defaults: Maybe[Values] = field(repr=False)
    effective: Maybe[Values] = field(repr=False)


def merged_values(context: Context, files: Maybe[ChartFiles], layers: Layers) -> Maybe[Values]:
    whole = merged_whole(context, files, layers)
    return whole if isinstance(whole, Unknown) else Known(whole.value.values)


def merged_whole(context: Context, files: Maybe[ChartFiles], layers: Layers) -> Maybe[Merged]:
    """With what each enabled subchart sees."""
    if isinstance(files, Unknown):
        return files
    try:
        return Known(merged(context.helm, files.value, layers))
    except HelmError as error:
        return Unknown(error.message)


def four_values(context: Context, old: Maybe[ChartFiles], new: ChartFiles, layers: Layers) -> FourValues:
    """All four, asked side by side. Raises HelmError for layers that Helm cannot read."""
    given, *others = context.helm.side_by_side(
        lambda: merged(context.helm, NO_CHART, layers).values,
        lambda: merged_values(context, old, Layers()),
        lambda: merged_values(context, Known(new), Layers()),
        lambda: merged_values(context, Known(new), layers),
    )
    return FourValues(given, *others)


def user_values(context: Context, values: ValuesInput, planned: Layers) -> Values:
    """The user's values as planned, without the chart's defaults. Raises HelmError for layers that Helm cannot read."""
    return values.merged if planned == values.layers else merged(context.helm, NO_CHART, planned).values


def hidden_values(context: Context, documents: Iterable[str | bytes]) -> tuple[Path, ...]:
    """The keys of documents that Helm fetches by a downloader of a secret store (`secrets://`, `vault://`): their
    values are secret whatever their name and type, and the masker learns both."""
    found: list[Path] = []
    for document in documents:
        if isinstance(document, str) and _is_secret_store(document):
            values = merged(context.helm, NO_CHART, Layers((document,))).values
            found.extend(path for path, _ in leaves(values))
            context.masker.learn(texts_of(values))
    context.masker.learn_paths(found)
    return tuple(found)


def _is_secret_store(document: str) -> bool:
    scheme, separator, _ = document.partition("://")
    return bool(separator) and scheme not in ("http", "https", "file", "oci")
