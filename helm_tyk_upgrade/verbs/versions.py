"""`helm tyk-upgrade versions`: published chart versions with the gateway each brings, and gateway versions."""

from __future__ import annotations

import argparse

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.model.chart import Catalogued, ChartVersion
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.verbs import flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chart", default="tyk-oss", metavar="CHART", help="default tyk-oss")
    parser.add_argument("--repo", default="", metavar="URL", help="chart repository URL")
    parser.add_argument(
        "--catalogue", default="", metavar="URL", help="Artifact Hub to ask ($TYK_UPGRADE_CATALOGUE)"
    )
    parser.add_argument("--ca-file", default="", metavar="FILE", help="CA bundle for HTTPS")
    parser.add_argument("--devel", action="store_true", help="prereleases too")
    parser.add_argument(
        "--all",
        action="store_true",
        help="every version; default: the newest 10, and what is still supported",
    )
    flags.add_output(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.charts.source import source_of
    from helm_tyk_upgrade.planning.chart_facts import catalogue
    from helm_tyk_upgrade.report.listings import columns, document
    from helm_tyk_upgrade.tyk import versions

    override = args.catalogue or context.env.get("TYK_UPGRADE_CATALOGUE", "")
    known = catalogue(context, override=override, ca_file=args.ca_file)
    found = known.versions(source_of(args.chart, given=args.chart, repo=args.repo))
    today = f"{context.clock.now():%Y-%m-%d}"
    limit = None if args.all else 10
    shown = [item for item in found.versions if args.devel or not item.prerelease]
    charts = [_chart(found, item) for item in shown][:limit]
    gateways = [_gateway(version, today) for version in _listed(today, limit)]
    if args.output == "json":
        context.out(
            document(
                "Versions",
                context.masker,
                chart=found.name,
                source=found.source,
                notes=list(found.notes),
                data=versions.as_of(),
                charts=charts,
                gateways=gateways,
            )
        )
        return Exit.OK
    for note in found.notes:
        context.say(f"Note: {context.masker.text(note)}")
    context.out(f"Chart {found.name}, from {found.source}")
    context.out(columns(_rows(charts), context.masker))
    context.out(f"\nGateway, data of {versions.as_of()}; release notes: {versions.notes_page()}")
    context.out(columns(_rows(gateways), context.masker))
    return Exit.OK


def _chart(found: Catalogued, item: ChartVersion) -> dict[str, str]:
    from helm_tyk_upgrade.tyk import versions

    known = versions.chart(found.name, item.version)
    published = (item.published and _day(item.published)) or (known.released if known else "")
    gateway = known.gateway_tag if known else _gateway_of(item)
    remarks = ["deprecated"] if item.deprecated else []
    if _is_tyks(found.name):
        remarks += map(str, versions.known_bad(item.version, "chart"))
    if not gateway:
        remarks.append(f"gateway: not in the data of {versions.as_of()}, and the catalogue names no image")
    return {
        "version": item.version,
        "published": published,
        "gateway": gateway or "unknown",
        "support": _chart_support(found, item),
        "security": "its authors say that it has security updates" if item.security else "",
        "remarks": "; ".join(remarks),
    }


def _gateway_of(item: ChartVersion) -> str:
    """What the catalogue says of a version that the data does not know: its default images, its appVersion; empty
    where it says neither."""
    from helm_tyk_upgrade.manifests.workloads import GATEWAY_IMAGE
    from helm_tyk_upgrade.tyk.gateway_version import image

    tags = [image(reference).tag for reference in item.images if GATEWAY_IMAGE.search(reference)]
    return next(filter(None, [*tags, item.app_version]), "")


def _chart_support(found: Catalogued, item: ChartVersion) -> str:
    """Tyk supports the newest release of its charts only (its release notes of the charts say so)."""
    if not _is_tyks(found.name):
        return "unknown: not a chart of Tyk's"
    newest = next((one for one in found.versions if not (one.prerelease or one.deprecated)), None)
    return "supported" if newest == item else "only the newest release is supported"


def _is_tyks(chart: str) -> bool:
    from helm_tyk_upgrade.tyk.charts import gateway_path

    return gateway_path(chart) is not None


def _listed(today: str, limit: int | None) -> list[str]:
    """The newest gateway versions, and the newest patch of each older line that is not at its end."""
    from helm_tyk_upgrade.tyk import versions

    known = list(versions.gateway_versions())
    if limit is None:
        return known
    alive = [text for text in known[limit:] if versions.newest_patch(text) == text and _lives(text, today)]
    return known[:limit] + alive


def _lives(version: str, today: str) -> bool:
    from helm_tyk_upgrade.tyk import versions

    support = versions.support(version, today)
    return isinstance(support, Known) and support.value.state != "end of life"


def _gateway(version: str, today: str) -> dict[str, str]:
    from helm_tyk_upgrade.tyk import versions

    known, support = versions.gateway(version), versions.support(version, today)
    fixes = versions.cves(version)
    return {
        "version": version,
        "published": known.released if known else "",
        "support": str(support.value) if isinstance(support, Known) else f"unknown: {support.reason}",
        "security": f"{count(len(fixes), 'CVE')} fixed" if fixes else "",
        "remarks": "; ".join(map(str, versions.known_bad(version))),
        "notes": versions.notes_of(version),
    }


def _rows(items: list[dict[str, str]]) -> list[tuple[str, ...]]:
    """A table for people; the address of the release notes stands above it, once."""
    if not items:
        return [("none",)]
    names = [name for name in items[0] if name != "notes"]
    return [tuple(name.upper() for name in names), *(tuple(item[name] for name in names) for item in items)]


def _day(seconds: int) -> str:
    from datetime import datetime, timezone

    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%d}"
