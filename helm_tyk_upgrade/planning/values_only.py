"""The values part of a plan for files alone: no release, no cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.charts.archive import read_chart
from helm_tyk_upgrade.charts.source import source_of
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.model.change import ValuesChanges
from helm_tyk_upgrade.model.chart import ChartFiles, Chosen
from helm_tyk_upgrade.model.inputs import Layers, Trust
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.model.values import ValuesAdvice, ValuesReport
from helm_tyk_upgrade.model.version import compare, is_version, parse_range
from helm_tyk_upgrade.planning.accepting import Choose, accept
from helm_tyk_upgrade.planning.advising import advise
from helm_tyk_upgrade.planning.bound_secrets import learn_bound
from helm_tyk_upgrade.planning.chart_facts import Target, Wanted, find_target, find_version
from helm_tyk_upgrade.planning.merging import FourValues, four_values, hidden_values
from helm_tyk_upgrade.planning.template_reads import template_reads
from helm_tyk_upgrade.planning.values_input import DEFAULT_FILE, has_unread, read_files
from helm_tyk_upgrade.values.judging import OTHER_CHART, Judged
from helm_tyk_upgrade.values.places import Places

DEFAULT_CHART = "tyk-oss"


@dataclass(frozen=True)
class ValuesRequest:
    """start: the version or the path of the old chart, empty to choose; to: version or range of the new one."""

    layers: Layers
    start: str
    to: str
    chart: str
    repo: str
    catalogue: str
    trust: Trust


@dataclass(frozen=True)
class ValuesFacts:
    """The report, and what edits start from."""

    report: ValuesReport
    files: tuple[ValuesFile, ...]
    helm_major: int


def default_documents(given: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """(where the values come from, in words; the documents). Without any: values.yaml in this folder, unless the
    folder is a chart. Raises UsageError."""
    if given:
        return ", ".join("standard input" if name == "-" else name for name in given), given
    if Path("Chart.yaml").is_file():
        raise UsageError(
            "no values file is given, and this folder is a chart: its values.yaml holds the chart's defaults",
            "name your values file",
        )
    if not Path(DEFAULT_FILE).is_file():
        raise UsageError(
            f"no values file is given, and there is no {DEFAULT_FILE} here", "name a values file"
        )
    return f"{DEFAULT_FILE} in this folder", (DEFAULT_FILE,)


def gather_values(request: ValuesRequest, source: str, context: Context) -> ValuesFacts:
    """Reads the files first: what is wrong with them is said before anything is fetched. source: where the values
    come from, in words. Raises TykUpgradeError."""
    files = read_files(request.layers.documents)
    helm = context.helm.version()
    for file in files:
        Places(file.path, file.data, helm.major)
    target = find_target(context, _wanted(request))
    start, old = _start(context, request, target)
    four, bound = context.helm.side_by_side(
        lambda: four_values(context, old, target.files, request.layers),
        lambda: learn_bound(context, target.archive.path, request.layers),
    )
    context.masker.learn_tree(four.given)
    judged = _judge(context, request, target, start, four, files)
    report = ValuesReport(
        chart=target.files.name,
        start=start,
        to=target.chosen,
        source=source,
        helm=helm.text,
        changes=_changes(four, judged, bound),
        advice=ValuesAdvice(judged.proposals, judged.warnings),
        given=four.given,
        notes=target.catalogued.value.notes if isinstance(target.catalogued, Known) else (),
    )
    return ValuesFacts(report, files, helm.major)


def with_edits(facts: ValuesFacts, choose: Choose) -> ValuesReport:
    """The report with the edits of the accepted proposals. Nothing is written here."""
    report = facts.report
    accepted = accept(report.advice.proposals, facts.files, choose, facts.helm_major)
    return replace(
        report,
        changes=replace(report.changes, edited_files=accepted.edited),
        advice=replace(report.advice, refused=accepted.refused),
    )


def _wanted(request: ValuesRequest) -> Wanted:
    chart = source_of(DEFAULT_CHART, given=request.chart, repo=request.repo)
    if chart.is_local and request.to:
        raise UsageError(
            f"--to {request.to} does not go with the chart {request.chart}: it has one version",
            "leave --to out, or name the chart without a path",
        )
    if request.to and not is_version(request.to):
        try:
            parse_range(request.to)
        except ValueError as error:
            raise UsageError(
                f"--to {request.to}: {error}", "give a version (5.3.0) or a range (>=5.1 <6, ^5.2, 5.x)"
            ) from error
    return Wanted(chart, request.to, "", request.catalogue, request.trust)


def _start(context: Context, request: ValuesRequest, target: Target) -> tuple[Chosen, Maybe[ChartFiles]]:
    """The old chart: the version or path given, else the version before the new one."""
    given = request.start
    if given.startswith((".", "/", "~")) or given.endswith((".tgz", "/")):
        files = read_chart(Path(given).expanduser())
        return Chosen(files.version, f"the chart at {given}"), Known(files)
    chosen = listed(given, target) if given else _before(target)
    trust, override = request.trust, request.catalogue
    return chosen, find_version(context, target, target.files.name, chosen.version, override, trust)


def listed(version: str, target: Target) -> Chosen:
    """The version given with --from, as the catalogue writes it. Raises UsageError, or NotFound with what there is."""
    if not is_version(version):
        raise UsageError(
            f"--from {version} is no chart version", "give the one that runs: helm list shows it"
        )
    if isinstance(target.catalogued, Known):
        listed = [item.version for item in target.catalogued.value.versions]
        same = next((item for item in listed if compare(item, version) == 0), None)
        if same is None:
            raise NotFound(
                f"chart {target.files.name} has no version {version} ({target.catalogued.value.source})",
                f"newest: {', '.join(listed[:5])}",
            )
        version = same
    return Chosen(version, "you asked for it")


def _before(target: Target) -> Chosen:
    """Files do not say which version runs. The one before the new one is what most people come from."""
    if isinstance(target.catalogued, Unknown):
        raise UsageError(
            "--from is needed: a chart on disk does not tell which version comes before it",
            "give a version, or the path of the old chart",
        )
    for item in target.catalogued.value.versions:
        if compare(item.version, target.archive.version) < 0 and not item.prerelease:
            why = f"a guess, the version before {target.archive.version}: --from names the one that runs"
            return Chosen(item.version, why)
    return Chosen(target.archive.version, "there is no version before it")


def _judge(
    context: Context,
    request: ValuesRequest,
    target: Target,
    start: Chosen,
    four: FourValues,
    files: tuple[ValuesFile, ...],
) -> Judged:
    reads = template_reads(
        context, target.archive.path, target.files, four.given, four.new_defaults, four.effective
    )
    return advise(
        chart=target.files,
        start=start.version,
        to=target.archive.version,
        given=four.given,
        old_defaults=four.old_defaults,
        new_defaults=four.new_defaults,
        effective=four.effective,
        files=files,
        sets=request.layers.sets,
        unread=has_unread(request.layers.documents),
        hidden=hidden_values(context, request.layers.documents),
        reads=reads,
        helm_major=context.helm.version().major,
    )


def _changes(four: FourValues, judged: Judged, bound: Maybe[int]) -> ValuesChanges:
    answers = (four.old_defaults, four.new_defaults, four.effective, bound)
    unknown = tuple(dict.fromkeys(answer.reason for answer in answers if isinstance(answer, Unknown)))
    return ValuesChanges((), judged.overrides, judged.new_defaults, (), (), unknown)


def refuse_others(report: ValuesReport) -> None:
    """Raises TykUpgradeError where the values are those of another chart: nothing of them may be edited away."""
    refuse_legacy(report.given, report.chart)
    for warning in report.advice.warnings:
        if warning.kind == OTHER_CHART:
            raise TykUpgradeError(
                f"nothing was written to {warning.file}: {warning.text}",
                f"the chart {report.chart} was taken; give --chart, or edit by hand what -o diff shows",
            )


def refuse_legacy(given: dict[str, Any], chart: str) -> None:
    """Raises TykUpgradeError for the values of tyk-headless: no key of theirs means the same in tyk-oss."""
    legacy = {"redis", "secrets", "gateway", "rbac", "mongo"} & given.keys()
    if chart == DEFAULT_CHART and len(legacy) > 1 and not {"global", "tyk-gateway"} & given.keys():
        raise TykUpgradeError(
            f"these look like values of tyk-headless (top keys: {', '.join(sorted(legacy))}), not of {chart}",
            "values --translate FILE makes a tyk-oss values file of them; see docs/tyk-headless.md",
        )
