"""What exists, asked in order until somebody knows: the user's own catalogue, Artifact Hub, the repository.

The answer says who gave it and what was tried before in vain.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from helm_tyk_upgrade.charts.artifacthub import SOURCE as HUB
from helm_tyk_upgrade.charts.artifacthub import ArtifactHub, Package, parse_package
from helm_tyk_upgrade.charts.polite import Polite, shown
from helm_tyk_upgrade.charts.repoindex import SOURCE as INDEX
from helm_tyk_upgrade.charts.repoindex import RepositoryIndex, parse_index
from helm_tyk_upgrade.charts.source import TYK_HUB, same_repository, with_catalogue
from helm_tyk_upgrade.edge.files import read_file
from helm_tyk_upgrade.errors import CatalogueError, NotFound, TykUpgradeError
from helm_tyk_upgrade.model.chart import Catalogued, ChartSource, ChartVersion
from helm_tyk_upgrade.model.version import compare

Search = Callable[[str], tuple[ChartVersion, ...]]
"""The versions of REPO/NAME that Helm has in its index on disk."""


@dataclass(frozen=True)
class Asked:
    """One who can be asked, by the name that appears in notes."""

    who: str
    question: Callable[[], Catalogued]


class Catalogue:
    """Answers for one run.

    override: --catalogue, a file or an address: a Helm index (…`.yaml`), a package as Artifact Hub gives it
    (….json), or the base address of a hub. search and repositories reach Helm's own repository settings
    (which hold its credentials); without them REPO/NAME is unknown.
    """

    def __init__(
        self,
        polite: Polite,
        *,
        override: str = "",
        hub_url: str = "",
        search: Search | None = None,
        repositories: Callable[[], dict[str, str]] | None = None,
    ) -> None:
        is_hub = override.startswith(("http://", "https://")) and not override.endswith((".yaml", ".json"))
        self._own_hub = is_hub or bool(hub_url)
        self._override = "" if is_hub else override
        self._override_name = shown(self._override)
        self._polite = polite
        base = override if is_hub else hub_url
        self._hub = ArtifactHub(polite, base) if base else ArtifactHub(polite)
        self._index = RepositoryIndex(polite)
        self._search = search
        self._repositories = repositories

    def versions(self, source: ChartSource, *, cross_check: bool = False) -> Catalogued:
        """What is published of the chart, from the first who knows it.

        cross_check: when the hub answers, the repository's index is read too, and what it has beyond the hub
        (which lags by half an hour) is added with a note. Raises CatalogueError when nobody could answer and
        NotFound when all who answered know no such chart.
        """
        asked = self._order(source)
        failures: list[tuple[str, TykUpgradeError]] = []
        for one in asked:
            try:
                found = one.question()
            except (CatalogueError, NotFound) as error:
                failures.append((one.who, error))
                continue
            notes = (*(f"{who}: {error.message}" for who, error in failures), *found.notes)
            found = replace(found, notes=notes)
            return self._cross_checked(found, source) if cross_check and found.source == HUB else found
        raise _nobody(source, failures)

    def details(self, source: ChartSource, version: str) -> Package:
        """One version as the hub shows it: digest, default images, dependencies. Raises CatalogueError or
        NotFound; ask only for what the hub may know (`source.package`)."""
        return self._hub.package(source.package or f"{TYK_HUB}/{source.name}", version)

    def digests(
        self, source: ChartSource, catalogued: Catalogued, version: str, *, cross_check: bool = False
    ) -> dict[str, str]:
        """Who publishes which sha256 for the archive of a version; empty where nobody does: that is less
        proof, not a failure.

        The hub speaks of the repository that it names, so its digest counts only where the archive comes from
        there too. The index is asked when it answered before, when the hub does not know the version, or with
        cross_check.
        """
        source = with_catalogue(source, catalogued)
        if source.is_local or not source.repository:
            return {}
        found: dict[str, str] = {}
        if catalogued.source == HUB:
            if same_repository(source.repository, catalogued.repository):
                found[HUB] = self._digest(lambda: self.details(source, version).shown)
            if found.get(HUB) and not cross_check:
                return found
            found[INDEX] = self._digest(
                lambda: _listed(self._index.chart(source.repository, source.name), version)
            )
        else:
            found[catalogued.source] = self._digest(lambda: _listed(catalogued, version))
        return {who: digest for who, digest in found.items() if digest}

    @staticmethod
    def _digest(question: Callable[[], ChartVersion]) -> str:
        try:
            return question().digest
        except (CatalogueError, NotFound):
            return ""  # the archive then says that this one did not verify it

    def _order(self, source: ChartSource) -> list[Asked]:
        if self._override:
            return [Asked(self._override_name, lambda: self._from_override(source))]
        hub = Asked(HUB, lambda: self._hub.package(source.package or f"{TYK_HUB}/{source.name}").catalogued)
        if source.reference.startswith("oci://"):
            return [hub]
        if source.repository:
            index = Asked(shown(source.repository), lambda: self._index.chart(source.repository, source.name))
            # What can be pulled from a mirror is told by the mirror, unless the user names a hub for it.
            return [hub, index] if source.package or self._own_hub else [index]
        return [Asked(source.reference, lambda: self._from_helm(source))]

    def _from_override(self, source: ChartSource) -> Catalogued:
        if self._override.startswith(("http://", "https://")):
            data = self._polite.get(self._override, lambda page: page.body)
        else:
            data = read_file(Path(self._override), what="catalogue", limit=64 << 20).data
        found = _parse(data, source.name, self._override_name)
        return replace(found, source=f"--catalogue {self._override_name}")

    def _from_helm(self, source: ChartSource) -> Catalogued:
        """REPO/NAME: the repository's index, read by us where it is public, else the copy that Helm has."""
        repository, _, name = source.reference.rpartition("/")
        url = (self._repositories() if self._repositories else {}).get(repository, "")
        if not url:
            raise NotFound(
                f"Helm knows no repository {repository}", "helm repo list shows those it knows; helm repo add"
            )
        try:
            return self._index.chart(url, name)
        except CatalogueError as error:
            versions = self._search(source.reference) if self._search else ()
            if not versions:
                raise
            note = f"{shown(url)}: {error.message}; read from Helm's copy, as of the last helm repo update"
            return Catalogued(name, versions, "Helm's repository cache", url, (note,))

    def _cross_checked(self, found: Catalogued, source: ChartSource) -> Catalogued:
        repository = found.repository or source.repository
        if not repository:
            return found
        try:
            index = self._index.chart(repository, source.name)
        except (CatalogueError, NotFound) as error:
            return replace(found, notes=(*found.notes, f"not cross-checked: {error.message}"))
        return merged(found, index)


def merged(hub: Catalogued, index: Catalogued) -> Catalogued:
    """The hub's answer with the versions that only the index has; digests are only the hub's own.

    Versions that only the hub has are left out with a note: they cannot be pulled.
    """
    from_hub = {item.version: item for item in hub.versions}
    versions = tuple(_joined(from_hub.get(item.version), item) for item in index.versions)
    notes = list(hub.notes)
    added = [item.version for item in index.versions if item.version not in from_hub]
    if added and (not hub.versions or compare(added[0], hub.versions[0].version) > 0):
        notes.append(f"the repository has {added[0]}, which Artifact Hub does not list yet")
    gone = [version for version in from_hub if version not in {item.version for item in index.versions}]
    if gone:
        notes.append(f"listed on Artifact Hub but not in the repository: {', '.join(gone[:5])}")
    return replace(hub, versions=versions, notes=tuple(notes))


def _joined(hub: ChartVersion | None, index: ChartVersion) -> ChartVersion:
    if hub is None:
        return replace(index, digest="")
    return replace(
        index,
        digest=hub.digest,
        published=hub.published or index.published,
        prerelease=hub.prerelease or index.prerelease,
        deprecated=hub.deprecated or index.deprecated,
        images=hub.images,
        app_version=hub.app_version or index.app_version,
        security=hub.security or index.security,
    )


def _listed(catalogued: Catalogued, version: str) -> ChartVersion:
    for item in catalogued.versions:
        if item.version == version:
            return item
    raise NotFound(f"{catalogued.source} does not list {catalogued.name} {version}")


def _parse(data: bytes, name: str, where: str) -> Catalogued:
    """A package of Artifact Hub (JSON with available_versions), else a Helm index."""
    if data.lstrip()[:1] == b"{":
        try:
            tree = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise CatalogueError(f"{where} is not valid JSON", "see --catalogue") from error
        if isinstance(tree, dict) and "available_versions" in tree:
            package = parse_package(tree)
            if package.catalogued.name != name:
                raise NotFound(f"{where} describes {package.catalogued.name}, not {name}", "see --catalogue")
            return package.catalogued
    return parse_index(data, name, where)


def _nobody(source: ChartSource, failures: list[tuple[str, TykUpgradeError]]) -> TykUpgradeError:
    said = "; ".join(f"{who}: {error.message}" for who, error in failures)
    hint = failures[-1][1].hint if failures else ""
    if failures and all(isinstance(error, NotFound) for _who, error in failures):
        return NotFound(f"chart {source.name} is not known ({said})", hint)
    return CatalogueError(
        f"no catalogue could say which versions of {source.name} exist ({said})",
        f"{hint}; offline, give an index with --catalogue FILE, or a chart on disk".lstrip("; "),
    )
