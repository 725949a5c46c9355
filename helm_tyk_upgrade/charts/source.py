"""Where the charts of a release come from. Pure.

Helm does not keep it: a release knows its chart's name and version, not its repository. So the user's --repo,
REPO/NAME, oci:// or path decides, else Tyk's public repository.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from helm_tyk_upgrade.charts.polite import shown
from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.model.chart import Catalogued, ChartSource

TYK_REPOSITORY = "https://helm.tyk.io/public/helm/charts/"
TYK_HUB = "tyk-helm"
"""Tyk's repository on Artifact Hub."""
RENAMED = {"tyk-single-dc": "tyk-stack", "tyk-mdcb-data-plane": "tyk-data-plane"}
"""Charts renamed on 2023-10-30; the old names are not found in the catalogues any more."""


def source_of(chart: str, *, given: str = "", repo: str = "") -> ChartSource:
    """The source for a release of `chart` (the name in Helm's storage).

    given: the chart as the user named it on the command line, in any form Helm takes; repo: --repo. Raises
    UsageError where they contradict each other.
    """
    chart = RENAMED.get(chart, chart)
    if repo:
        return _from_repository(chart, given, repo)
    if given.startswith("oci://"):
        name = given.rstrip("/").rpartition("/")[2].partition(":")[0].partition("@")[0]
        return ChartSource(name, given, package=f"{TYK_HUB}/{name}")
    if given.startswith(("http://", "https://")):
        return ChartSource(chart, given)
    if given.startswith((".", "/", "~")) or given.endswith((".tgz", "/")):
        return local_source(chart, given)
    if "/" in given:
        return ChartSource(given.rpartition("/")[2], given)
    name = given or chart
    return ChartSource(name, name, TYK_REPOSITORY, f"{TYK_HUB}/{name}")


def local_source(chart: str, path: str) -> ChartSource:
    """A chart on disk, its path written so that it cannot be taken for REPO/NAME."""
    return ChartSource(chart, path if path.startswith((".", "/")) else f"./{path}")


def _from_repository(chart: str, given: str, repo: str) -> ChartSource:
    parts = urlsplit(repo)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UsageError(f"--repo {shown(repo)}: not a repository URL", "give https://HOST/PATH")
    if given.startswith("oci://") or "/" in given:
        raise UsageError(
            f"--repo does not go with the chart {given}", "give only the chart's name, such as tyk-oss"
        )
    name = given or chart
    return ChartSource(name, name, repo, f"{TYK_HUB}/{name}" if same_repository(repo, TYK_REPOSITORY) else "")


def same_repository(one: str, other: str) -> bool:
    """Whether two URLs name the same repository: case of the host and a last slash do not count."""
    return _normal(one) == _normal(other)


def with_catalogue(source: ChartSource, catalogued: Catalogued) -> ChartSource:
    """The default source with the repository that the catalogue names (a mirror's catalogue names the
    mirror). A repository that the user gave stays."""
    if (
        not source.package
        or not catalogued.repository
        or not same_repository(source.repository, TYK_REPOSITORY)
    ):
        return source
    return replace(source, repository=catalogued.repository)


def _normal(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower().rpartition("@")[2], parts.path.rstrip("/")
