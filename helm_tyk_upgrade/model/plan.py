"""The plan: what an upgrade would do, and everything it depends on. Made by planning, carried out by applying."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.change import ManifestChanges, ValuesChanges
from helm_tyk_upgrade.model.chart import ChartArchive, Chosen
from helm_tyk_upgrade.model.inputs import Capabilities, Layers, RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.knowledge import NO_RECORD_READ, NOT_LOOKED_FOR, GoPlugins, TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.release import HelmVersion, Release
from helm_tyk_upgrade.model.server import ServerTruth
from helm_tyk_upgrade.model.values import ValuesAdvice
from helm_tyk_upgrade.model.verdict import Verdict

_NOT_ASKED = Unknown("the cluster was not asked which one it is")


@dataclass(frozen=True)
class GatewayTarget:
    """The gateway version that will run. version is unknown for a tag that is no Tyk version; image is the whole
    reference of the rendered manifest; expected comes from --expect-version and decides where version is unknown."""

    image: str
    version: Maybe[str]
    chosen: Chosen
    expected: str = ""


@dataclass(frozen=True)
class ValuesFile:
    """A local values file as it was read. path: as the user gave it; data: its exact bytes."""

    path: str
    data: bytes = field(repr=False)
    digest: str
    mode: int


@dataclass(frozen=True)
class ValuesInput:
    """The user values that Helm is given.

    source: for people, where they come from; files: the local files among them, as read; layers: what Helm is
    given, planned edits included; merged: the user values as Helm merges the layers (no chart defaults).
    """

    source: str
    files: tuple[ValuesFile, ...]
    layers: Layers
    merged: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Plan:
    """Everything an upgrade would do. `nothing_to_do` when chart, values and objects stay as they are and
    the live ones are as Helm made them."""

    helm: HelmVersion
    release: Release
    chart: Chosen
    archive: ChartArchive
    gateway_before: Maybe[str]
    gateway: Maybe[GatewayTarget]
    baseline: Maybe[Baseline]
    values: ValuesInput
    values_changes: ValuesChanges
    objects: ManifestChanges
    manifest: str = field(repr=False)
    verdicts: tuple[Verdict, ...]
    flags: UpgradeFlags
    settings: RunSettings
    rollback_to: int
    catalogue_notes: tuple[str, ...] = ()
    advice: ValuesAdvice = field(default_factory=ValuesAdvice)
    cluster: Maybe[str] = _NOT_ASKED
    deployed: str = ""
    """When Helm made the release's present revision, as its history says."""
    server: ServerTruth = field(default_factory=ServerTruth)
    transitions: Maybe[tuple[TransitionFinding, ...]] = NO_RECORD_READ
    plugins: Maybe[GoPlugins] = NOT_LOOKED_FOR
    offline: Capabilities | None = None
    """Where no cluster was asked: what was rendered for. Such a plan cannot be carried out."""
    only: tuple[str, ...] = ()
    """The parts that were asked for (values, diff, checks); empty: all. Only a whole plan can be carried out."""

    @property
    def blocking(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.blocks)

    @property
    def nothing_to_do(self) -> bool:
        same_chart = self.chart.version == self.release.chart_version
        healthy = self.release.status == "deployed" or self.offline is not None
        edits = self.values_changes.edited_files
        drifted = isinstance(self.server.drift, Known) and self.server.drift.value
        return (
            same_chart
            and healthy
            and not drifted
            and not self.objects.objects
            and not edits
            and not self.values_changes.yours
        )
