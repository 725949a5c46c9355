"""Charts and their published versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ChartSource:
    """Where charts come from, in Helm's words.

    reference is what Helm takes as CHART: `tyk-oss` with a repository URL, `REPO/NAME`, `oci://...` or a path.
    package is the Artifact Hub package (`repository/name`), empty where there is none.
    """

    name: str
    reference: str
    repository: str = ""
    package: str = ""

    @property
    def is_local(self) -> bool:
        return not self.repository and self.reference.startswith((".", "/"))


@dataclass(frozen=True)
class ChartVersion:
    """One published version. digest is the sha256 of the archive in hex, empty where the catalogue gives none;
    published is the time in seconds since the epoch, 0 where unknown; app_version: of the application, empty where
    the chart names none (Tyk's do not); security: its author says that it has security updates."""

    version: str
    digest: str = ""
    published: int = 0
    prerelease: bool = False
    deprecated: bool = False
    images: tuple[str, ...] = ()
    app_version: str = ""
    security: bool = False


@dataclass(frozen=True)
class Catalogued:
    """What a catalogue said about one chart, newest version first (by semver).

    source names who answered ("Artifact Hub", "repository index"); notes tell what was tried before and failed.
    """

    name: str
    versions: tuple[ChartVersion, ...]
    source: str
    repository: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChartArchive:
    """A chart archive on disk whose digest was checked. path: the .tgz or, for a local chart, its folder;
    verified_by: who published the digest that it equals (empty: nobody published one)."""

    name: str
    version: str
    path: str
    digest: str
    verified_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """A version and why it was taken; passed_over: (version, reason) of newer ones that were not."""

    version: str
    reason: str
    passed_over: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ChartFiles:
    """A chart read whole. files: path inside the chart (`values.yaml`, `charts/tyk-pump/Chart.yaml`) -> bytes;
    a subchart that came as an archive inside the chart is unpacked to a folder like the others.
    metadata: the chart's own Chart.yaml."""

    name: str
    version: str
    metadata: Mapping[str, Any] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def values(self) -> bytes:
        """values.yaml of the chart itself, comments kept; empty where it has none."""
        return self.files.get("values.yaml", b"")

    @property
    def templates(self) -> tuple[str, ...]:
        """Paths of all templates, those of subcharts too."""
        return tuple(sorted(path for path in self.files if "templates" in path.split("/")[:-1]))

    @property
    def subcharts(self) -> tuple[str, ...]:
        """Folders of the subcharts, at any depth: `charts/tyk-gateway`."""
        return tuple(
            sorted(path[: -len("/Chart.yaml")] for path in self.files if path.endswith("/Chart.yaml"))
        )
