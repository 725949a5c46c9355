"""Ask the world, side by side where the answers do not depend on each other."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.helm.merged import merged
from helm_tyk_upgrade.manifests.secrets import secret_values
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.change import EditedFile, Path
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.facts import Facts, Permission
from helm_tyk_upgrade.model.inputs import Layers, Request
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.plan import ValuesInput
from helm_tyk_upgrade.model.release import HelmVersion, Release, Rendered, Revision, Stored
from helm_tyk_upgrade.planning.accepting import Choose, safe_ones
from helm_tyk_upgrade.planning.chart_facts import Target, old_chart, target_chart
from helm_tyk_upgrade.planning.gateway_facts import gateway_facts
from helm_tyk_upgrade.planning.merging import hidden_values, merged_values
from helm_tyk_upgrade.planning.no_chart import NO_CHART
from helm_tyk_upgrade.planning.object_facts import gateways_of, may_be_random, object_rights
from helm_tyk_upgrade.planning.release import find_release
from helm_tyk_upgrade.planning.template_reads import template_reads
from helm_tyk_upgrade.planning.values_facts import given_values
from helm_tyk_upgrade.planning.values_input import as_planned
from helm_tyk_upgrade.planning.write_edits import planned_values
from helm_tyk_upgrade.targets.release import ReleaseTarget

Values = dict[str, Any]


@dataclass(frozen=True)
class Gathered:
    """The facts, and the file edits that the request makes necessary."""

    facts: Facts
    edited: tuple[EditedFile, ...]


def gather(request: Request, context: Context, choose: Choose = safe_ones) -> Gathered:
    """Everything a plan is made from. Raises TykUpgradeError where no plan can be made at all; what merely could
    not be found out is Unknown in the facts. choose: which proposals --write accepts."""
    with ThreadPoolExecutor(max_workers=12) as pool:
        version = pool.submit(context.helm.version)
        release = find_release(context.helm, context.namespace, request.release)
        context.helm.check_flags(request.flags, release.apply_method)
        first = _ask_about_release(pool, context, request, release)
        stored, target, old = first.stored.result(), first.chart.result(), first.old.result()
        values = given_values(request, context, stored)
        decided = planned_values(request, context, release, target, old, stored.manifest, values, choose)
        planned = as_planned(decided.layers, {file.file: file.after for file in decided.edited})
        second = _ask_helm(pool, context, request, release, target, old, planned)
        permissions = _ask_permissions(pool, context, request, stored, second.rendered.result())
        for manifest in (stored.manifest, second.rendered.result().manifest):
            context.masker.learn(secret_values(split(manifest)))
        given = ValuesInput(values.source, values.files, decided.layers, values.merged)
        facts = _facts(context, request, version.result(), first, second, given, permissions.result())
    return Gathered(replace(facts, refused_edits=decided.refused), decided.edited)


def _facts(
    context: Context,
    request: Request,
    version: HelmVersion,
    first: _First,
    second: _Second,
    values: ValuesInput,
    permissions: tuple[Permission, ...],
) -> Facts:
    """The answers in one record, with what the two manifests say of the gateway."""
    stored, target, rendered = first.stored.result(), first.chart.result(), second.rendered.result()
    given, effective = second.given.result(), second.effective.result()
    new_defaults = second.new_defaults.result()
    today = f"{context.clock.now():%Y-%m-%d}"
    gateway = gateway_facts(request, stored.manifest, rendered.manifest, target.chosen.version, today)
    namespace = stored.release.namespace
    return Facts(
        helm=version,
        release=stored.release,
        history=first.history.result(),
        stored=stored,
        catalogued=target.catalogued,
        chart=target.chosen,
        archive=target.archive,
        values=values,
        given=given,
        old_defaults=second.old_defaults.result(),
        new_defaults=new_defaults,
        effective=effective,
        rendered=rendered,
        gateway_before=gateway.before,
        gateway=gateway.target,
        baseline=first.baseline.result(),
        permissions=permissions,
        owner=first.owner.result(),
        today=today,
        gateway_support=gateway.support,
        gateway_offer=gateway.offer,
        known_bad=gateway.known_bad,
        gateway_asked=bool(request.gateway_version),
        restore_apis=request.settings.restore_apis,
        chart_files=target.files,
        template_reads=template_reads(
            context, target.archive.path, target.files, given, new_defaults, effective
        ),
        hidden_values=second.hidden.result(),
        gateways_before=gateways_of(stored.manifest, namespace),
        gateways_after=gateways_of(rendered.manifest, namespace),
        rendered_again=second.again.result() if second.again else None,
        cluster=first.cluster.result(),
    )


@dataclass(frozen=True)
class _First:
    """Questions that need only the release."""

    stored: Future[Stored]
    history: Future[tuple[Revision, ...]]
    chart: Future[Target]
    old: Future[Maybe[ChartFiles]]
    baseline: Future[Maybe[Baseline]]
    owner: Future[Maybe[str]]
    cluster: Future[Maybe[str]]


@dataclass(frozen=True)
class _Second:
    """Questions to Helm that need the chart and the values too."""

    given: Future[Values]
    old_defaults: Future[Maybe[Values]]
    new_defaults: Future[Maybe[Values]]
    effective: Future[Maybe[Values]]
    rendered: Future[Rendered]
    hidden: Future[tuple[Path, ...]]
    again: Future[Rendered] | None


def _ask_about_release(
    pool: ThreadPoolExecutor, context: Context, request: Request, release: Release
) -> _First:
    helm, target = context.helm, ReleaseTarget(context, release)
    stored = pool.submit(helm.stored, release.name, release.namespace)
    chart = pool.submit(target_chart, context, request, release)
    return _First(
        stored=stored,
        history=pool.submit(helm.history, release.name, release.namespace),
        chart=chart,
        old=pool.submit(lambda: old_chart(context, request, release, chart.result())),
        baseline=pool.submit(lambda: _baseline(target, stored.result())),
        owner=pool.submit(lambda: target.owner(stored.result().manifest)),
        cluster=pool.submit(target.cluster_identity),
    )


def _ask_helm(
    pool: ThreadPoolExecutor,
    context: Context,
    request: Request,
    release: Release,
    chart: Target,
    old: Maybe[ChartFiles],
    planned: Layers,
) -> _Second:
    helm = context.helm

    def render() -> Rendered:
        return helm.render(release.name, release.namespace, chart.archive.path, planned, request.flags)

    random = may_be_random(chart.files, planned, request.flags)
    return _Second(
        given=pool.submit(lambda: merged(helm, NO_CHART, planned).values),
        old_defaults=pool.submit(merged_values, context, old, Layers()),
        new_defaults=pool.submit(merged_values, context, Known(chart.files), Layers()),
        effective=pool.submit(merged_values, context, Known(chart.files), planned),
        rendered=pool.submit(render),
        hidden=pool.submit(hidden_values, context, planned.documents),
        again=pool.submit(render) if random else None,
    )


def _ask_permissions(
    pool: ThreadPoolExecutor, context: Context, request: Request, stored: Stored, rendered: Rendered
) -> Future[tuple[Permission, ...]]:
    target = ReleaseTarget(context, stored.release)
    rights = object_rights(stored, rendered, request.flags)
    return pool.submit(target.permissions, rights, context.env.get("HELM_DRIVER", ""))


def _baseline(target: ReleaseTarget, stored: Stored) -> Maybe[Baseline]:
    try:
        return Known(target.read_baseline(stored.manifest))
    except TykUpgradeError as error:
        return Unknown(error.message)
