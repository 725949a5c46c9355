"""The user's values as they are given now, before any edit: where from, which files, what Helm will be handed."""

from __future__ import annotations

from collections.abc import Callable

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.helm.merged import merged
from helm_tyk_upgrade.model.change import Path
from helm_tyk_upgrade.model.inputs import Request
from helm_tyk_upgrade.model.plan import ValuesInput
from helm_tyk_upgrade.model.release import Stored
from helm_tyk_upgrade.planning import values_input
from helm_tyk_upgrade.planning.no_chart import NO_CHART
from helm_tyk_upgrade.values.compare import changes
from helm_tyk_upgrade.values.paths import insert, lookup


def given_values(request: Request, context: Context, stored: Callable[[], Stored]) -> ValuesInput:
    """Reads the files and asks Helm to merge them; with --keep-release-values, what only the release has becomes the
    lowest layer. The secrets among them are made known to the masker. stored: asked only where the release's values
    matter, so that files can be read meanwhile."""
    stdin = _standard_input(request, context)
    release_values = stored().values if values_input.from_release(request.layers) else None
    source, layers = values_input.locate(request.layers, stdin, release_values)
    found = merged(context.helm, NO_CHART, layers).values
    context.masker.learn_tree(found)
    if request.keep_release_values:
        kept = stored().values or {}
        lost = changes(kept, found)[1]
        layers = values_input.with_kept(layers, _only(kept, lost))
        source += f", and {len(lost)} values that only the release has" if lost else ""
        found = merged(context.helm, NO_CHART, layers).values
    return values_input.values_input(source, layers, found)


def _only(values: dict[str, object], paths: tuple[Path, ...]) -> dict[str, object]:
    kept: dict[str, object] = {}
    for path in paths:
        insert(kept, path, lookup(values, path))
    return kept


def _standard_input(request: Request, context: Context) -> bytes | None:
    """`-f -` is read once; Helm gets its bytes again for each question."""
    if "-" not in request.layers.documents:
        return None
    return context.streams.stdin.buffer.read()
