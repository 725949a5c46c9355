"""A Helm repository: index.yaml and the archives."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import yaml

from testbed.catalogue.charts import Chart
from testbed.catalogue.response import Request, Response, ranged, text


@dataclass(frozen=True)
class Repo:
    """`index` is made once for the charts: it is asked for often and its text does not change."""

    charts: tuple[Chart, ...]
    index: bytes

    def answer(self, request: Request) -> tuple[str, Response]:
        """(name of the route, answer) for a request below /charts."""
        if request.method not in ("GET", "HEAD"):
            return "repo other", text("method not allowed", 405)
        if request.path == "/index.yaml":
            return "repo index", Response(200, "text/yaml", self.index, (("Cache-Control", "max-age=60"),))
        chart = next((c for c in self.charts if request.path == f"/{c.filename}"), None)
        if chart is None:
            return "repo other", text("not found", 404)
        if chart.data is None:
            return "repo archive", text("not found", 404)
        archive = Response(200, "application/gzip", chart.data)
        return "repo archive", ranged(archive, request.headers.get("range"))


def build_index(charts: tuple[Chart, ...]) -> bytes:
    """index.yaml as `helm repo index` writes it: the highest version of each chart first."""
    entries: dict[str, list[dict[str, Any]]] = {}
    for chart in sorted(charts, key=lambda chart: chart.order, reverse=True):
        created = datetime.datetime.fromtimestamp(chart.ts, datetime.timezone.utc)
        stamp = created.strftime("%Y-%m-%dT%H:%M:%SZ")
        entry = chart.metadata | {"created": stamp, "digest": chart.digest, "urls": [chart.filename]}
        entries.setdefault(chart.name, []).append(entry)
    newest = max((entry["created"] for versions in entries.values() for entry in versions), default="")
    index = {"apiVersion": "v1", "entries": entries, "generated": newest}
    # Faults are switched often in tests, and PyYAML without its C part takes a tenth of a second here.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(index, Dumper=dumper, allow_unicode=True).encode()
