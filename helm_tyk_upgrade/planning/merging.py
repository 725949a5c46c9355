"""Merged values as answers: what Helm cannot merge is unknown, with its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import HelmError
from helm_tyk_upgrade.helm.merged import merged
from helm_tyk_upgrade.model.change import Path
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
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
    if isinstance(files, Unknown):
        return files
    try:
        return Known(merged(context.helm, files.value, layers).values)
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


def hidden_values(context: Context, documents: Iterable[str | bytes]) -> tuple[Path, ...]:
    """The keys of documents that Helm fetches by a downloader of a secret store (`secrets://`, `vault://`): their
    values are secret whatever their name, and the masker learns them."""
    found: list[Path] = []
    for document in documents:
        if isinstance(document, str) and _is_secret_store(document):
            values = merged(context.helm, NO_CHART, Layers((document,))).values
            context.masker.learn(value for _, value in leaves(values) if isinstance(value, str))
            found.extend(path for path, _ in leaves(values))
    return tuple(found)


def _is_secret_store(document: str) -> bool:
    scheme, separator, _ = document.partition("://")
    return bool(separator) and scheme not in ("http", "https", "file", "oci")
