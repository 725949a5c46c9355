"""Why each field changes: the renders that tell your values, new defaults and new templates apart.

The 2x2 of old and new chart with old and new values, the old templates with the new defaults, and the old chart with
the old values as it comes out today. Only those are made that are not known without: where the values stay, or the
chart, corners of the 2x2 are the same. (New templates with old defaults would tell the same, but templates often cannot
do without the keys that came with them.)
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.helm.client import values_document
from helm_tyk_upgrade.helm.merged import write_chart
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.facts import CauseRenders
from helm_tyk_upgrade.model.inputs import Layers, UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.release import Rendered, Stored
from helm_tyk_upgrade.planning.chart_facts import OldChart, Target
from helm_tyk_upgrade.planning.repeatable import may_move
from helm_tyk_upgrade.values.paths import equal

OLD_NEW, NEW_OLD, DEFAULTS, TODAY = "old chart, new values", "new chart, old values", "defaults", "today"
Made = Mapping[str, Maybe[Rendered]]


@dataclass(frozen=True)
class CauseQuestion:
    """stored: what Helm keeps; given: the user's values as planned, merged; planned: the layers they come from."""

    stored: Stored
    old: Maybe[OldChart]
    target: Target
    given: dict[str, Any] = field(repr=False)
    planned: Layers
    flags: UpgradeFlags

    @property
    def old_layers(self) -> Layers:
        """The values of the release, for standard input."""
        values = self.stored.values
        return Layers((values_document(values),)) if values else Layers()

    @property
    def same_values(self) -> bool:
        return equal(self.stored.values or {}, self.given)

    @property
    def old_chart(self) -> Maybe[OldChart]:
        """Unknown too where it may be another one of the same version."""
        if isinstance(self.old, Known) and not self.old.value.as_installed:
            path = self.target.archive.path
            return Unknown(f"the chart at {path} may have changed since this version was installed")
        return self.old

    @cached_property
    def moves(self) -> bool:
        """Whether one of the charts may come out otherwise on another day or in another cluster, by their text."""
        old = self.old_chart
        if may_move(self.target.files, self.planned, self.flags):
            return True
        return isinstance(old, Known) and may_move(old.value.files, self.old_layers, self.flags)

    @property
    def same_chart(self) -> bool:
        old = self.old_chart
        return isinstance(old, Known) and old.value.files.files == self.target.files.files


def start_renders(
    pool: ThreadPoolExecutor, context: Context, question: CauseQuestion, planned: Future[Rendered]
) -> Callable[[], CauseRenders]:
    """Starts what has to be rendered; the answer waits for it, and for the planned render."""
    jobs = {name: pool.submit(_made, context, question, name) for name in needed(question)}
    return lambda: corners(question, planned.result(), {name: job.result() for name, job in jobs.items()})


def corners(question: CauseQuestion, planned: Rendered, made: Made) -> CauseRenders:
    """All renders, from those that were made and those that must equal another. Pure."""
    stored: Maybe[Rendered] = Known(Rendered(question.stored.manifest, question.stored.hooks))
    old = question.old_chart
    if isinstance(old, Unknown):
        old_new = stored if question.same_values else old
        return CauseRenders(old_new, made.get(NEW_OLD, Known(planned)), old, old)
    if question.same_values and question.same_chart:
        return CauseRenders(*[Known(planned)] * 4)
    today = made.get(TODAY, stored)
    old_new = made.get(OLD_NEW, today if question.same_values else Known(planned))
    new_old = made.get(NEW_OLD, Known(planned) if question.same_values else today)
    return CauseRenders(old_new, new_old, made.get(DEFAULTS, today), today)


def with_new_defaults(old: ChartFiles, new: ChartFiles) -> dict[str, bytes] | None:
    """The old chart's files with the values.yaml of the new one, for the chart and each subchart that it still has;
    None where these are the same. A schema of the old values would refuse the new ones and is left out. Pure."""
    files = {path: data for path, data in old.files.items() if not path.endswith("values.schema.json")}
    differ = False
    for folder in ("", *(f"{folder}/" for folder in old.subcharts)):
        path = f"{folder}values.yaml"
        before, after = old.files.get(path, b""), new.files.get(path, b"")
        if f"{folder}Chart.yaml" in new.files and before != after:
            files[path], differ = after, True
    return files if differ else None


def needed(question: CauseQuestion) -> frozenset[str]:
    """The names of the renders that have to be made. Pure, but for reading local values files."""
    if question.same_values and question.same_chart:
        return frozenset()
    old, new = question.old_chart, question.target.files
    names = set()
    if not question.same_values and (question.moves or not question.same_chart):
        names.add(NEW_OLD)
    if isinstance(old, Unknown):
        return frozenset(names)
    if not question.same_values and not question.same_chart:
        names.add(OLD_NEW)
    if question.moves:
        names.add(TODAY)
    if with_new_defaults(old.value.files, new) is not None:
        names.add(DEFAULTS)
    return frozenset(names)


def _made(context: Context, question: CauseQuestion, name: str) -> Maybe[Rendered]:
    old, new = question.old_chart, question.target
    if name == NEW_OLD:
        return _render(context, question, new.archive.path, question.old_layers)
    if isinstance(old, Unknown):
        return old
    if name == DEFAULTS:
        files = with_new_defaults(old.value.files, new.files) or {}
        return _render_files(context, question, files)
    layers = question.planned if name == OLD_NEW else question.old_layers
    return _render(context, question, old.value.archive.path, layers)


def _render_files(context: Context, question: CauseQuestion, files: dict[str, bytes]) -> Maybe[Rendered]:
    with tempfile.TemporaryDirectory(prefix="tyk-upgrade-") as folder:
        root = Path(folder) / question.target.files.name
        try:
            write_chart(root, files)
        except TykUpgradeError as error:
            return Unknown(error.message)
        return _render(context, question, str(root), question.old_layers)


def _render(context: Context, question: CauseQuestion, chart: str, layers: Layers) -> Maybe[Rendered]:
    """As the upgrade would, but not held against the API server's schema: none of these is ever applied. A chart that
    asks nothing of the cluster is rendered without it, in half the time."""
    release, flags = question.stored.release, question.flags
    if not question.moves:
        try:
            return Known(
                Rendered(
                    context.helm.template(release.name, release.namespace, chart, layers, flags=flags), ""
                )
            )
        except TykUpgradeError:
            pass  # it may want a newer Kubernetes than Helm assumes without a cluster: the cluster decides
    try:
        return Known(
            context.helm.render(release.name, release.namespace, chart, layers, flags, validate=False)
        )
    except TykUpgradeError as error:
        return Unknown(error.message)
