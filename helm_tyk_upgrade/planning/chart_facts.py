"""The chart: which versions exist, which one is taken, and its archive; the old version's files for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helm_tyk_upgrade.charts.archive import get_archive, read_chart
from helm_tyk_upgrade.charts.catalogue import Catalogue
from helm_tyk_upgrade.charts.newest import newest
from helm_tyk_upgrade.charts.polite import Polite
from helm_tyk_upgrade.charts.source import source_of, with_catalogue
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.model.chart import Catalogued, ChartArchive, ChartFiles, ChartSource, Chosen
from helm_tyk_upgrade.model.inputs import Request, Trust
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.release import Release


@dataclass(frozen=True)
class Target:
    """The chart version to upgrade to, on disk and checked."""

    source: ChartSource
    catalogued: Maybe[Catalogued]
    chosen: Chosen
    archive: ChartArchive
    files: ChartFiles


@dataclass(frozen=True)
class OldChart:
    """The chart version that runs now. as_installed: whether these are surely its files; a chart on disk may have been
    changed without a new version."""

    archive: ChartArchive
    files: ChartFiles
    as_installed: bool = True


def catalogue(context: Context, *, override: str, ca_file: str) -> Catalogue:
    polite = Polite(context.http(ca_file), context.clock, context.cache_folder / "catalogue")
    helm = context.helm
    return Catalogue(polite, override=override, search=helm.search, repositories=helm.repositories)


def target_chart(context: Context, request: Request, release: Release) -> Target:
    """Decide the chart version and get its archive. Raises NotFound, CatalogueError or UsageError."""
    source = source_of(release.chart, given=request.chart, repo=request.repo)
    wanted = Wanted(source, request.version, release.chart_version, request.catalogue, request.trust)
    return find_target(context, wanted)


def old_chart(context: Context, request: Request, release: Release, target: Target) -> Maybe[OldChart]:
    """The version that runs now; unknown when it cannot be had any more."""
    return fetch_version(
        context, target, release.chart, release.chart_version, request.catalogue, request.trust
    )


@dataclass(frozen=True)
class Wanted:
    """version: exact, a range, or empty for the newest; current: the one that runs, empty where that is not known;
    catalogue: --catalogue."""

    source: ChartSource
    version: str
    current: str
    catalogue: str
    trust: Trust


def find_target(context: Context, wanted: Wanted) -> Target:
    """The version that is wanted, got and checked. Raises NotFound, CatalogueError or UsageError."""
    source = wanted.source
    if source.is_local:
        archive = get_archive(source, "", _no_pull, context.cache_folder / "charts", {})
        chosen = Chosen(archive.version, f"the chart at {archive.path}")
        return Target(source, Unknown("a chart on disk is in no catalogue"), chosen, archive, _files(archive))
    known = catalogue(context, override=wanted.catalogue, ca_file=wanted.trust.ca_file)
    catalogued = known.versions(source)
    chosen = newest(catalogued, wanted.version, devel=wanted.trust.devel, current=wanted.current)
    source = with_catalogue(source, catalogued)
    archive = _archive(context, known, source, catalogued, chosen.version, wanted.trust)
    return Target(source, Known(catalogued), chosen, archive, _files(archive))


def find_version(
    context: Context, target: Target, chart: str, version: str, override: str, trust: Trust
) -> Maybe[ChartFiles]:
    """The files of another version of the target's chart; unknown when it cannot be had."""
    found = fetch_version(context, target, chart, version, override, trust)
    return found if isinstance(found, Unknown) else Known(found.value.files)


def fetch_version(
    context: Context, target: Target, chart: str, version: str, override: str, trust: Trust
) -> Maybe[OldChart]:
    """The same with its archive, which Helm can render."""
    if version == target.archive.version:
        return Known(OldChart(target.archive, target.files, not target.source.is_local))
    if isinstance(target.catalogued, Unknown):
        return Unknown(f"{chart} {version} is in no catalogue: the chart is a local one")
    try:
        known = catalogue(context, override=override, ca_file=trust.ca_file)
        archive = _archive(context, known, target.source, target.catalogued.value, version, trust)
        return Known(OldChart(archive, _files(archive)))
    except (TykUpgradeError, NotFound) as error:
        return Unknown(f"chart {chart} {version} cannot be had: {error.message}")


def _archive(
    context: Context,
    known: Catalogue,
    source: ChartSource,
    catalogued: Catalogued,
    version: str,
    trust: Trust,
) -> ChartArchive:
    def pull(what: ChartSource, which: str, folder: Path) -> Path:
        return context.helm.pull(what, which, folder, trust)

    published = known.digests(source, catalogued, version)
    return get_archive(source, version, pull, context.cache_folder / "charts", published)


def _files(archive: ChartArchive) -> ChartFiles:
    return read_chart(Path(archive.path))


def _no_pull(source: ChartSource, version: str, folder: Path) -> Path:
    raise NotFound(f"{source.reference} is a chart on disk and is not pulled")
