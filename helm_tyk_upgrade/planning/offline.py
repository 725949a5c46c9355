"""A plan without a cluster, for a pull request: the old chart with the old values stands for the release."""

from __future__ import annotations

import re
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from helm_tyk_upgrade.charts.archive import local_archive, read_chart
from helm_tyk_upgrade.charts.source import source_of
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import ClusterError, NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.helm.merged import merged
from helm_tyk_upgrade.helm.offline import NO_CLUSTER, OfflineHelm
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Capabilities, Layers, Offline, Request
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.release import Release, Stored
from helm_tyk_upgrade.model.version import compare
from helm_tyk_upgrade.planning import asking
from helm_tyk_upgrade.planning.asked import CHECKS, DIFF, VALUES
from helm_tyk_upgrade.planning.build import build
from helm_tyk_upgrade.planning.chart_facts import OldChart, Target, Wanted, fetch_version, find_target
from helm_tyk_upgrade.planning.gather import Gathered, Start, gathered, planned_values, questions
from helm_tyk_upgrade.planning.merging import hidden_values
from helm_tyk_upgrade.planning.no_chart import NO_CHART
from helm_tyk_upgrade.planning.offline_checks import as_far_as_known, with_checks
from helm_tyk_upgrade.planning.values_facts import given_values
from helm_tyk_upgrade.planning.values_input import read_files
from helm_tyk_upgrade.planning.values_only import DEFAULT_CHART, default_documents, listed

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster

T = TypeVar("T")
_LOOKUP = re.compile(rb"\{\{[^}]*\blookup\s")


class OfflineContext(Context):
    """As the context it is made of, with the way to the cluster closed."""

    def __init__(self, context: Context, capabilities: Capabilities) -> None:
        super().__init__(context.env, context.streams, context.clock)
        self.masker = context.masker
        self._capabilities = capabilities

    @cached_property
    def helm(self) -> OfflineHelm:
        binary = self.env.get("HELM_BIN") or "helm"
        return OfflineHelm(
            self.processes, binary, self._capabilities, masker=self.masker, memory=self.cache_folder
        )

    @cached_property
    def namespace(self) -> str:
        """Where no kubeconfig says more: as Helm has it."""
        try:
            return super().namespace
        except TykUpgradeError:
            return "default"

    @cached_property
    def cluster(self) -> Cluster:
        raise ClusterError(NO_CLUSTER)


def plan_offline(request: Request, context: Context, offline: Offline, only: Collection[str] = ()) -> Plan:
    """The plan from the old chart and values to the new ones, as `helm template` renders both. Neither a cluster nor an
    image registry is asked. only: as for gather(). Raises TykUpgradeError where no plan can be made."""
    found = gather_offline(request, context, offline, tuple(only))
    plan = build(found, request)
    verdicts = as_far_as_known(plan.verdicts, request.policies)
    notes = (*plan.catalogue_notes, *_notes(found.facts.chart_files))
    return replace(plan, offline=offline.capabilities, verdicts=verdicts, catalogue_notes=notes)


def _notes(chart: ChartFiles | None) -> tuple[str, ...]:
    asks = chart is not None and any(map(_LOOKUP.search, chart.files.values()))
    return ("the chart asks the cluster (`lookup`): offline it finds nothing there",) if asks else ()


def gather_offline(request: Request, context: Context, offline: Offline, only: tuple[str, ...]) -> Gathered:
    """What gather() finds out but for what a cluster tells, which is Unknown; the release is one made of the old chart
    and the old values. Raises TykUpgradeError where no plan can be made."""
    _refuse(request, offline)
    closed = OfflineContext(context, offline.capabilities)
    closed.helm.check_flags(request.flags)
    with ThreadPoolExecutor(max_workers=32) as pool:
        start = _start(pool, request, closed, offline)
        values = start.values.result()
        decided = planned_values(request, closed, start, values, None)
        parts = tuple(part for part in only or (VALUES, DIFF) if part != CHECKS) or (VALUES,)
        answers = asking.ask(questions(pool, closed, request, parts, start, values, decided))
    if not only or CHECKS in only:
        answers = with_checks(closed, request, offline.capabilities, answers)
    return gathered(closed, request, only, answers, decided)


def _refuse(request: Request, offline: Offline) -> None:
    """Raises UsageError for what cannot be without a cluster; no values file is one of that."""
    if not request.release:
        raise UsageError(
            "RELEASE is needed with --kube-version: no cluster is asked which releases there are",
            "give its name: the names of its objects are made of it",
        )
    default_documents(_names(request.layers))
    if request.keep_release_values:
        raise UsageError(
            "--keep-release-values: the values that only the release has are in the cluster",
            "leave it out, or leave --kube-version out",
        )
    if "-" in request.layers.documents and "-" in offline.documents:
        raise UsageError(
            "standard input cannot be both the old and the new values", "give one of them as a file"
        )


def _names(layers: Layers) -> tuple[str, ...]:
    return tuple(document for document in layers.documents if isinstance(document, str))


def _start(pool: ThreadPoolExecutor, request: Request, context: OfflineContext, offline: Offline) -> Start:
    """The answers that gather() has of Helm and the release."""
    before = _old_documents(context, offline)
    reading = pool.submit(given_values, request, context, _no_release)
    target = _target(context, request, offline)
    old = _old_chart(context, request, offline, target)
    values = reading.result()
    # --set flags stand for both sides: a pipeline gives them at each run.
    layers = Layers(before, values.layers.sets) if before else values.layers
    stored = _stored(context, request, old, layers)
    return Start(_done(stored), _done(values), _done(target), _done(Known(old)))


def _no_release() -> Stored:
    raise ClusterError(NO_CLUSTER)


def _target(context: OfflineContext, request: Request, offline: Offline) -> Target:
    """As gather() chooses it: where a prerelease runs that is newer than every stable version, that one stays."""
    source = source_of(DEFAULT_CHART, given=request.chart, repo=request.repo)
    wanted = Wanted(source, request.version, "", request.catalogue, request.trust)
    target = find_target(context, wanted)
    if request.version or _is_path(offline.start):
        return target
    running = listed(offline.start, target).version
    newer = compare(running, target.chosen.version) > 0
    return find_target(context, replace(wanted, current=running)) if newer else target


def _is_path(start: str) -> bool:
    return start.startswith((".", "/", "~")) or start.endswith((".tgz", "/"))


def _old_chart(context: OfflineContext, request: Request, offline: Offline, target: Target) -> OldChart:
    """Raises NotFound where it cannot be had: without it there is nothing to compare with."""
    if _is_path(offline.start):
        path = Path(offline.start).expanduser().absolute()
        return OldChart(local_archive(path), read_chart(path))
    version = listed(offline.start, target).version
    found = fetch_version(context, target, target.files.name, version, request.catalogue, request.trust)
    if isinstance(found, Unknown):
        raise NotFound(f"--from {offline.start}: {found.reason}", "--from takes the path of a chart too")
    return found.value


def _old_documents(context: OfflineContext, offline: Offline) -> tuple[str | bytes, ...]:
    """Each file is there. Raises NotFound."""
    read_files(offline.documents)
    stdin = context.streams.stdin.buffer.read() if "-" in offline.documents else b""
    return tuple(stdin if document == "-" else document for document in offline.documents)


def _stored(context: OfflineContext, request: Request, old: OldChart, layers: Layers) -> Stored:
    """What Helm would keep. Raises HelmError where the old chart does not render."""
    name, namespace, helm = request.release, context.namespace, context.helm
    values = merged(helm, NO_CHART, layers).values
    hidden_values(context, layers.documents)
    context.masker.learn_tree(values)
    manifest = helm.template(name, namespace, old.archive.path, layers, flags=request.flags)
    release = Release(name, namespace, 0, "unknown", old.files.name, old.files.version)
    return Stored(release, values, manifest, "")


def _done(answer: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(answer)
    return future
