"""The chart of a run that goes on: the very archive, wherever it can still be had."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from helm_tyk_upgrade.charts.archive import local_archive
from helm_tyk_upgrade.charts.source import source_of
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.chart import ChartArchive
from helm_tyk_upgrade.model.inputs import Trust
from helm_tyk_upgrade.store import intents
from helm_tyk_upgrade.store.bundle import BundleInfo, contents
from helm_tyk_upgrade.store.intents import KeptRun


def with_chart(kept: KeptRun, info: BundleInfo, context: Context, *, moved: bool = False) -> KeptRun:
    """The archive where it was, if it is still the same; else the bundle's copy, one in the cache, or what the
    catalogue has under the same digest. A chart in a folder is taken as it is there, on its own machine. Raises
    TykUpgradeError."""
    intent = kept.intent
    if intent is None or _in_place(intent.archive, moved):
        return kept
    archive = intent.archive
    path = _in_bundle(archive, info) or _in_cache(archive, context) or _in_catalogue(archive, context)
    return replace(kept, intent=replace(intent, archive=replace(archive, path=path)))


def _in_place(archive: ChartArchive, moved: bool) -> bool:
    path = Path(archive.path)
    if path.is_dir():
        return not moved or local_archive(path).digest == archive.digest
    return path.is_file() and sha256(path.read_bytes()) == archive.digest


def _in_bundle(archive: ChartArchive, info: BundleInfo) -> str:
    kept = any(entry["name"] == intents.CHART for entry in info.files)
    same = kept and sha256(contents(info, intents.CHART)) == archive.digest
    return str(info.path / intents.CHART) if same else ""


def _in_cache(archive: ChartArchive, context: Context) -> str:
    path = context.cache_folder / "charts" / f"{archive.digest}.tgz"
    return str(path) if path.is_file() and sha256(path.read_bytes()) == archive.digest else ""


def _in_catalogue(archive: ChartArchive, context: Context) -> str:
    from helm_tyk_upgrade.planning.chart_facts import Wanted, find_target

    gone = f"the chart {archive.name} {archive.version} of the run is in {archive.path} no more, nor in the bundle"
    hint = f"bring the archive with sha256 {archive.digest} there; helm tyk-upgrade rollback goes back"
    source = source_of(archive.name)
    override = context.env.get("TYK_UPGRADE_CATALOGUE", "")
    try:
        target = find_target(context, Wanted(source, archive.version, "", override, Trust()))
    except TykUpgradeError as error:
        raise TykUpgradeError(f"{gone}, and {error.message}", hint) from error
    if target.archive.digest != archive.digest:
        raise TykUpgradeError(f"{gone}, and the catalogue has another one of that version", hint)
    return target.archive.path
