"""Artifact Hub: which versions of a chart exist. https://artifacthub.io/docs/api/

Its answers are judged by Content-Type: a path it does not know is answered with 200 and its web page. Null
fields are absent. `available_versions` is ordered by publishing time, and a package's `version` may be a
prerelease, so versions are sorted here by semver.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from helm_tyk_upgrade.charts.polite import FIVE_MINUTES, FOREVER, Page, Polite, UnexpectedStatus
from helm_tyk_upgrade.errors import CatalogueError, NotFound
from helm_tyk_upgrade.model.chart import Catalogued, ChartVersion
from helm_tyk_upgrade.model.secrets import printable
from helm_tyk_upgrade.model.version import is_prerelease, is_version, newest_first

T = TypeVar("T")
BASE_URL = "https://artifacthub.io/api/v1"
SOURCE = "Artifact Hub"
_UUID = re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_DIGEST = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Package:
    """One package as the hub knows it: all versions, and the details of one of them (`shown`).

    dependencies: only those enabled by the chart's defaults. successor: the package that a deprecated chart
    recommends (`tyk-helm/tyk-oss`), empty where it names none.
    """

    id: str
    catalogued: Catalogued
    shown: ChartVersion
    dependencies: tuple[tuple[str, str], ...] = ()
    successor: str = ""


class ArtifactHub:
    """Every method raises CatalogueError for an unusable answer, NotFound where the hub has no such thing."""

    def __init__(self, polite: Polite, base_url: str = BASE_URL) -> None:
        self._polite = polite
        self._base = base_url.rstrip("/")

    def package(self, package: str, version: str = "") -> Package:
        """`tyk-helm/tyk-oss`, at one version or at the hub's newest. Kept for five minutes."""
        where = "/".join(
            quote(part, safe="") for part in [*package.split("/"), *([version] if version else [])]
        )
        what = f"{package} {version}".strip()
        return self._get(f"{self._base}/packages/helm/{where}", what, lambda page: _package(page, what))

    def values(self, package_id: str, version: str) -> bytes:
        """The chart's values.yaml as published, comments kept, without the subcharts' defaults. Kept for
        ever: a published version does not change."""
        if not _UUID.match(package_id):
            raise CatalogueError(f"{SOURCE}: {printable(package_id)!r} is not a package id")
        what = f"values of {version}"
        url = f"{self._base}/packages/{package_id}/{quote(version, safe='')}/values"
        return self._get(url, what, lambda page: _values(page, what), FOREVER)

    def _get(self, url: str, what: str, read: Callable[[Page], T], fresh_for: float = FIVE_MINUTES) -> T:
        try:
            return self._polite.get(url, read, fresh_for=fresh_for)
        except UnexpectedStatus as error:
            raise _missing(error, what) from error


def _values(page: Page, what: str) -> bytes:
    if "yaml" not in page.content_type:
        raise _wrong_type(what, page.content_type)
    return page.body


def _package(page: Page, what: str) -> Package:
    if page.content_type != "application/json":
        raise _wrong_type(what, page.content_type)
    try:
        data = json.loads(page.body)
    except (ValueError, RecursionError) as error:
        raise CatalogueError(f"{SOURCE}: its answer about {what} is not valid JSON") from error
    if not isinstance(data, dict):
        raise CatalogueError(f"{SOURCE}: its answer about {what} is not a package")
    return parse_package(data)


def parse_package(data: dict[str, Any]) -> Package:
    """The package JSON of the hub -> Package. Fields of an unexpected type count as absent; a package
    without a name and a version raises CatalogueError."""
    name, version = _text(data, "normalized_name") or _text(data, "name"), _text(data, "version")
    if not name or not is_version(version):
        raise CatalogueError(f"{SOURCE}: its answer names no chart and version")
    shown = _version(data, data)
    versions = {version: shown}
    for item in _dicts(data, "available_versions"):
        text = _text(item, "version")
        if is_version(text) and text != version:
            versions[text] = _version(item, {})
    repository = data.get("repository")
    url = _text(repository, "url") if isinstance(repository, dict) else ""
    ordered = tuple(versions[text] for text in newest_first(list(versions)))
    return Package(
        id=_text(data, "package_id"),
        catalogued=Catalogued(name, ordered, SOURCE, url),
        shown=shown,
        dependencies=_dependencies(data),
        successor=_successor(data),
    )


def _version(item: dict[str, Any], details: dict[str, Any]) -> ChartVersion:
    """The list of versions tells version, time and prerelease; the rest is known for the version shown
    only."""
    version = _text(item, "version")
    digest = _text(details, "digest").removeprefix("sha256:").lower()
    images = [_text(image, "image") for image in _dicts(details, "containers_images")]
    return ChartVersion(
        version=version,
        digest=digest if _DIGEST.match(digest) else "",
        published=_seconds(item.get("ts")),
        # The flag is only what the chart's author annotated; old betas carry none.
        prerelease=item.get("prerelease") is True or is_prerelease(version),
        deprecated=details.get("deprecated") is True,
        images=tuple(image for image in images if image),
        app_version=_text(item, "app_version"),
        security=item.get("contains_security_updates") is True,
    )


def _dependencies(data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    inner = data.get("data")
    items = _dicts(inner, "dependencies") if isinstance(inner, dict) else []
    return tuple((_text(item, "name"), _text(item, "version")) for item in items)


def _successor(data: dict[str, Any]) -> str:
    for item in _dicts(data, "recommendations"):
        match = re.search(r"/packages/helm/([\w.-]+/[\w.-]+)/?$", _text(item, "url"))
        if match:
            return match[1]
    return ""


def _seconds(value: Any) -> int:
    """Seconds since the epoch, 0 for what is no time of this century."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 4_102_444_800:
        return value
    return 0


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return printable(value) if isinstance(value, str) else ""


def _dicts(item: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = item.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _missing(error: UnexpectedStatus, what: str) -> CatalogueError | NotFound:
    if error.status == 404:
        return NotFound(
            f"{SOURCE} has no {what}", "its names are case-sensitive; helm tyk-upgrade versions lists"
        )
    return CatalogueError(f"{SOURCE}: {error.message}", error.hint)


def _wrong_type(what: str, content_type: str) -> CatalogueError:
    return CatalogueError(
        f"{SOURCE}: its answer about {what} is {printable(content_type) or 'of no type'}, not data",
        "a wrong base address or a proxy's login page answers so; check --catalogue",
    )
