"""The routes of Artifact Hub's API that a client of Helm charts needs, answered from a list of charts.

Shapes, headers and pitfalls are those recorded from a real server (hub 0d8b1c0): what is null is absent, a
path that matches no route gets the web application (200 text/html), an unknown thing 404 without a message.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass

from testbed.catalogue.charts import Chart, default_values
from testbed.catalogue.documents import Repository, package_id
from testbed.catalogue.response import Request, Response, html, json_response, ranged, text

UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SHORT = (("Cache-Control", "max-age=300"),)
LONG = (("Cache-Control", "max-age=86400"),)


def not_found() -> Response:
    return Response(404, "application/json", b'{"message":""}\n')


def server_error() -> Response:
    return Response(500, "application/json", b'{"message":""}\n')


@dataclass(frozen=True)
class Hub:
    """The hub's view: `charts` may lack or hold versions that the repository does (not) have.

    `fetch` gives an archive as the hub gets it from the repository: None when gone, OSError when down.
    """

    charts: tuple[Chart, ...]
    fetch: Callable[[Chart], bytes | None]
    repository: Repository
    gateway_of: dict[str, str]

    def answer(self, request: Request) -> tuple[str, Response]:
        """(name of the route, answer) for a request below /api/v1."""
        if request.method in ("POST", "PUT", "DELETE"):
            return "hub other", text("Forbidden - referer not supplied", 403)
        path = request.path.rstrip("/")
        for name, pattern, handler in ROUTES:
            match = re.fullmatch(pattern, path)
            if match:
                if request.method != "GET":
                    return name, Response(405, "text/plain; charset=utf-8", b"")
                return name, handler(self, request, *match.groups())
        return "hub other", html("Artifact Hub")

    def package(self, request: Request, repo: str, name: str, version: str | None = None) -> Response:
        versions = self._versions(name) if repo == self.repository.name else []
        chosen = [c for c in versions if version in (None, c.version)]
        if not chosen:
            return not_found()
        chart = max(chosen, key=lambda c: c.order)
        tag = self.gateway_of.get(chart.version, "")
        return json_response(self.repository.package(chart, versions, tag), headers=SHORT)

    def summary(self, request: Request, repo: str, name: str) -> Response:
        versions = self._versions(name) if repo == self.repository.name else []
        if not versions:
            return not_found()
        return json_response(self.repository.row(max(versions, key=lambda c: c.order)), headers=SHORT)

    def changelog_markdown(self, request: Request, repo: str, name: str) -> Response:
        return not_found()

    def values(self, request: Request, identifier: str, version: str) -> Response:
        chart, refusal = self._fetched(identifier, version)
        if not chart:
            return refusal
        headers = (*LONG, ("X-Content-Type-Options", "nosniff"))
        whole = Response(200, "application/yaml", chart.files.get("values.yaml", b""), headers)
        return ranged(whole, request.headers.get("range"))

    def templates(self, request: Request, identifier: str, version: str) -> Response:
        chart, refusal = self._fetched(identifier, version)
        if not chart:
            return refusal
        own = {name: data for name, data in chart.files.items() if name.startswith("templates/")}
        listed = [{"name": name, "data": b64encode(data).decode()} for name, data in sorted(own.items())]
        return json_response({"templates": listed, "values": default_values(chart)}, headers=LONG)

    def values_schema(self, request: Request, identifier: str, version: str) -> Response:
        chart = self._by_id(identifier, version)
        if not chart:
            return not_found()
        return Response(200, "application/json", chart.files.get("values.schema.json", b""), SHORT)

    def security_report(self, request: Request, identifier: str, version: str) -> Response:
        if not self._by_id(identifier, version):
            return not_found()
        return Response(200, "application/json", b"", SHORT)

    def changelog(self, request: Request, identifier: str) -> Response:
        known = any(package_id(self.repository.name, c.name) == identifier for c in self.charts)
        return json_response([], headers=SHORT) if known else not_found()

    def search(self, request: Request) -> Response:
        query = request.query
        limit, offset = query.get("limit") or "20", query.get("offset") or "0"
        if not limit.isdigit() or not 0 < int(limit) <= 60:
            return _bad_request("invalid limit (0 < l <= 60)")
        if not offset.isdigit():
            return _bad_request("invalid offset (o >= 0)")
        wanted = (
            query.get("repo", self.repository.name) == self.repository.name and query.get("kind", "0") == "0"
        )
        rows = [self.repository.row(chart) for chart in self._latest() if wanted and _found(chart, query)]
        page = rows[int(offset) : int(offset) + int(limit)]
        total = (*SHORT, ("Pagination-Total-Count", str(len(rows))))
        return json_response({"packages": page}, headers=total)

    def _versions(self, name: str) -> list[Chart]:
        """All versions of a package by publish time, newest first: the order of `available_versions`."""
        own = [chart for chart in self.charts if chart.name == name]
        return sorted(own, key=lambda chart: chart.ts, reverse=True)

    def _latest(self) -> list[Chart]:
        names = sorted({chart.name for chart in self.charts})
        return [max(self._versions(name), key=lambda chart: chart.order) for name in names]

    def _by_id(self, identifier: str, version: str) -> Chart | None:
        own = (c for c in self.charts if package_id(self.repository.name, c.name) == identifier)
        return next((chart for chart in own if chart.version == version), None)

    def _fetched(self, identifier: str, version: str) -> tuple[Chart | None, Response]:
        chart = self._by_id(identifier, version)
        try:
            gone = chart is None or self.fetch(chart) is None
        except OSError:
            return None, server_error()
        return (None if gone else chart), not_found()


# Named routes before the one whose last part is any version. A kind other than helm is no route here, as an
# unknown kind is none there.
ROUTES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("hub search", "/packages/search", Hub.search),
    ("hub summary", "/packages/helm/([^/]+)/([^/]+)/summary", Hub.summary),
    ("hub changelog.md", r"/packages/helm/([^/]+)/([^/]+)/changelog\.md", Hub.changelog_markdown),
    ("hub package", "/packages/helm/([^/]+)/([^/]+)", Hub.package),
    ("hub package version", "/packages/helm/([^/]+)/([^/]+)/([^/]+)", Hub.package),
    ("hub changelog", f"/packages/({UUID})/changelog", Hub.changelog),
    ("hub values", f"/packages/({UUID})/([^/]+)/values", Hub.values),
    ("hub templates", f"/packages/({UUID})/([^/]+)/templates", Hub.templates),
    ("hub values-schema", f"/packages/({UUID})/([^/]+)/values-schema", Hub.values_schema),
    ("hub security-report", f"/packages/({UUID})/([^/]+)/security-report", Hub.security_report),
)


def _bad_request(message: str) -> Response:
    return Response(400, "application/json", b'{"message":"invalid input: %s"}\n' % message.encode())


def _found(chart: Chart, query: dict[str, str]) -> bool:
    if chart.metadata.get("deprecated") and query.get("deprecated") != "true":
        return False
    parts = [chart.name, str(chart.metadata.get("description", "")), *(chart.metadata.get("keywords") or [])]
    words = query.get("ts_query_web", "").lower().split()
    return all(word in " ".join(parts).lower() for word in words)
