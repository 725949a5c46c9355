"""The index.yaml of a chart repository: what can really be pulled from it.
https://helm.sh/docs/topics/chart_repository/
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urljoin

from helm_tyk_upgrade.charts.polite import Page, Polite, shown
from helm_tyk_upgrade.errors import CatalogueError, NotFound, TykUpgradeError
from helm_tyk_upgrade.helmyaml.read import read
from helm_tyk_upgrade.model.chart import Catalogued, ChartVersion
from helm_tyk_upgrade.model.secrets import printable
from helm_tyk_upgrade.model.version import is_prerelease, is_version, newest_first

SOURCE = "repository index"
_DIGEST = re.compile(r"^[0-9a-f]{64}$")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|z|[+-]\d\d:?\d\d)?")


class RepositoryIndex:
    """Reads `URL/index.yaml`, kept for five minutes. Without credentials: a repository that wants them is
    asked through Helm."""

    def __init__(self, polite: Polite) -> None:
        self._polite = polite

    def chart(self, repository: str, name: str) -> Catalogued:
        """Raises CatalogueError for an unusable index, NotFound where the chart is not in it."""
        return self._polite.get(
            index_url(repository), lambda page: _chart(page, name, repository), limit=64 << 20
        )


def _chart(page: Page, name: str, repository: str) -> Catalogued:
    if "html" in page.content_type:
        raise CatalogueError(
            f"{shown(repository)}: a web page was answered, not an index",
            "a wrong address or a proxy's login page answers so",
        )
    return parse_index(page.body, name, repository)


def index_url(repository: str) -> str:
    """The index of a repository, by its own URL or by that of its index."""
    if repository.endswith((".yaml", ".json")):
        return repository
    return urljoin(repository.rstrip("/") + "/", "index.yaml")


def parse_index(data: bytes, name: str, repository: str) -> Catalogued:
    """The versions of one chart in an index, YAML or JSON, newest first; entries that are no semver are left
    out, as Helm does. Raises CatalogueError, or NotFound naming the charts that are there."""
    entries = _entries(data, repository)
    if name not in entries:
        known = ", ".join(sorted(map(printable, entries))[:20]) or "no chart at all"
        raise NotFound(f"{shown(repository)} has no chart {name}", f"it has {known}")
    found: dict[str, ChartVersion] = {}
    for item in entries[name] if isinstance(entries[name], list) else []:
        version = _entry(item) if isinstance(item, dict) else None
        if version is not None:
            found.setdefault(version.version, version)
    ordered = tuple(found[text] for text in newest_first(list(found)))
    return Catalogued(name, ordered, SOURCE, repository)


def _entries(data: bytes, repository: str) -> dict[str, Any]:
    try:
        tree = json.loads(data) if data.lstrip()[:1] == b"{" else read(data, 3)
    except (ValueError, RecursionError, TykUpgradeError) as error:
        raise CatalogueError(
            f"{shown(repository)}: its index cannot be read", "it may have been cut off; try again"
        ) from error
    entries = tree.get("entries") if isinstance(tree, dict) else None
    if not isinstance(entries, dict):
        raise CatalogueError(f"{shown(repository)}: its index lists no charts", "is it a Helm repository?")
    return entries


def _entry(item: dict[str, Any]) -> ChartVersion | None:
    version = item.get("version")
    if not isinstance(version, str) or not is_version(version):
        return None
    digest = str(item.get("digest") or "").removeprefix("sha256:").lower()
    app_version = item.get("appVersion")
    return ChartVersion(
        version=version,
        digest=digest if _DIGEST.match(digest) else "",
        published=_seconds(item.get("created")),
        prerelease=is_prerelease(version) or _annotated(item, "prerelease"),
        deprecated=item.get("deprecated") is True,
        app_version=printable(app_version) if isinstance(app_version, str) else "",
        security=_annotated(item, "containsSecurityUpdates"),
    )


def _annotated(item: dict[str, Any], name: str) -> bool:
    """What Artifact Hub's annotations say of a version."""
    annotations = item.get("annotations")
    return isinstance(annotations, dict) and str(annotations.get(f"artifacthub.io/{name}")).lower() == "true"


def _seconds(created: Any) -> int:
    """RFC 3339 with any fraction, as Helm and other tools write it; 0 where it is none."""
    match = _TIME.match(created) if isinstance(created, str) else None
    if match is None:
        return 0
    zone = (match[3] or "Z").upper().replace("Z", "+0000").replace(":", "")
    try:
        moment = datetime.strptime(f"{match[1]}T{match[2]}{zone}", "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return 0
    return int(moment.astimezone(timezone.utc).timestamp())
