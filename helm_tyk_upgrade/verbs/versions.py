"""`helm tyk-upgrade versions`: published chart versions with the gateway each brings, and gateway versions."""

from __future__ import annotations

import argparse
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.verbs import flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chart", default="tyk-oss", metavar="CHART", help="default tyk-oss")
    parser.add_argument("--repo", default="", metavar="URL", help="chart repository URL")
    parser.add_argument(
        "--catalogue", default="", metavar="URL", help="Artifact Hub to ask ($TYK_UPGRADE_CATALOGUE)"
    )
    parser.add_argument("--ca-file", default="", metavar="FILE", help="CA bundle for HTTPS")
    parser.add_argument("--devel", action="store_true", help="prereleases too")
    parser.add_argument("--all", action="store_true", help="every version; default: the newest 10 of each")
    flags.add_output(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.charts.source import source_of
    from helm_tyk_upgrade.planning.chart_facts import catalogue
    from helm_tyk_upgrade.report.listings import columns, document

    override = args.catalogue or context.env.get("TYK_UPGRADE_CATALOGUE", "")
    known = catalogue(context, override=override, ca_file=args.ca_file)
    found = known.versions(source_of(args.chart, given=args.chart, repo=args.repo))
    today = f"{context.clock.now():%Y-%m-%d}"
    count = None if args.all else 10
    charts = [_chart(found.name, item) for item in found.versions if args.devel or not item.prerelease][
        :count
    ]
    gateways = [_gateway(version, today) for version in _gateway_versions()][:count]
    if args.output == "json":
        text = document(
            "Versions",
            context.masker,
            chart=found.name,
            source=found.source,
            notes=list(found.notes),
            charts=charts,
            gateways=gateways,
        )
        context.out(text)
        return Exit.OK
    for note in found.notes:
        context.say(f"Note: {context.masker.text(note)}")
    context.out(f"Chart {found.name}, from {found.source}")
    context.out(columns(_rows(charts), context.masker))
    context.out("\nGateway")
    context.out(columns(_rows(gateways), context.masker))
    return Exit.OK


def _chart(name: str, item: Any) -> dict[str, str]:
    from helm_tyk_upgrade.tyk import versions

    known = versions.chart(name, item.version)
    published = (item.published and _day(item.published)) or (known.released if known else "")
    faults = versions.known_bad(item.version, "chart")
    return {
        "version": item.version,
        "published": published,
        "gateway": known.gateway_tag if known else "unknown",
        "remarks": "; ".join([*(["deprecated"] if item.deprecated else []), *map(str, faults)]),
    }


def _gateway_versions() -> tuple[str, ...]:
    from helm_tyk_upgrade.tyk import versions

    return versions.gateway_versions()


def _gateway(version: str, today: str) -> dict[str, str]:
    from helm_tyk_upgrade.model.known import Known
    from helm_tyk_upgrade.tyk import versions

    known, support = versions.gateway(version), versions.support(version, today)
    return {
        "version": version,
        "published": known.released if known else "",
        "support": str(support.value) if isinstance(support, Known) else f"unknown: {support.reason}",
        "remarks": "; ".join(map(str, versions.known_bad(version))),
    }


def _rows(items: list[dict[str, str]]) -> list[tuple[str, ...]]:
    if not items:
        return [("none",)]
    return [tuple(name.upper() for name in items[0]), *(tuple(item.values()) for item in items)]


def _day(seconds: int) -> str:
    from datetime import datetime, timezone

    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%d}"
