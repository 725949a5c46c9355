"""What the world answered. Each answer is a value or "unknown, because"; nothing here is a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.change import ManifestChanges, Path, ValuesChanges
from helm_tyk_upgrade.model.chart import Catalogued, ChartArchive, ChartFiles, Chosen
from helm_tyk_upgrade.model.hold import Held
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.knowledge import NO_RECORD_READ, NOT_LOOKED_FOR, GoPlugins, TransitionFinding
from helm_tyk_upgrade.model.known import Maybe, Unknown
from helm_tyk_upgrade.model.kubernetes import KubernetesFindings
from helm_tyk_upgrade.model.plan import GatewayTarget, ValuesInput
from helm_tyk_upgrade.model.release import HelmVersion, Release, Rendered, Revision, Stored
from helm_tyk_upgrade.model.server import ServerTruth
from helm_tyk_upgrade.model.values import Proposal

_NOT_LOOKED = Unknown("who holds the release was not looked at")
_NOT_ASKED = Unknown("the cluster was not asked which one it is")


@dataclass(frozen=True)
class Permission:
    """One verb the run will use. allowed is unknown when the server could not say; without_it: what the run does
    without where it is optional, empty where the run needs it; namespace: empty for the release's."""

    verb: str
    group: str
    resource: str
    allowed: Maybe[bool]
    without_it: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        group = f".{self.group}" if self.group else ""
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.verb} {self.resource}{group}{where}"


@dataclass(frozen=True)
class GatewayObject:
    """A workload of a manifest that runs a gateway. namespace: never empty; replicas is unknown under an autoscaler;
    in_emptydir: API definitions or policies are kept in a volume that goes with the pod."""

    kind: str
    namespace: str
    name: str
    replicas: Maybe[int]
    in_emptydir: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


_NOT_RENDERED = Unknown("the other combinations of chart and values were not rendered")


@dataclass(frozen=True)
class CauseRenders:
    """Renders beside the planned one: the 2x2 of charts and values, and what tells a default from a template. One that
    must equal another was not made again. new_defaults: the old templates with the new defaults and the old values;
    today: the old chart with the old values, as Helm and the cluster render it now."""

    old_chart_new_values: Maybe[Rendered] = field(default=_NOT_RENDERED, repr=False)
    new_chart_old_values: Maybe[Rendered] = field(default=_NOT_RENDERED, repr=False)
    new_defaults: Maybe[Rendered] = field(default=_NOT_RENDERED, repr=False)
    today: Maybe[Rendered] = field(default=_NOT_RENDERED, repr=False)


@dataclass(frozen=True)
class Facts:
    """Everything the checks and the plan are made from."""

    helm: HelmVersion
    release: Release
    history: tuple[Revision, ...]
    stored: Stored
    catalogued: Maybe[Catalogued]
    chart: Chosen
    archive: ChartArchive
    values: ValuesInput
    given: dict[str, Any] = field(repr=False)
    old_defaults: Maybe[dict[str, Any]] = field(repr=False)
    new_defaults: Maybe[dict[str, Any]] = field(repr=False)
    effective: Maybe[dict[str, Any]] = field(repr=False)
    rendered: Rendered = field(repr=False)
    gateway_before: Maybe[str]
    gateway: Maybe[GatewayTarget]
    baseline: Maybe[Baseline]
    permissions: tuple[Permission, ...]
    owner: Maybe[str]
    today: str
    gateway_support: Maybe[str]
    gateway_offer: str = ""
    known_bad: tuple[str, ...] = ()
    gateway_asked: bool = False
    restore_apis: bool = False
    chart_files: ChartFiles | None = field(default=None, repr=False)
    template_reads: Mapping[Path, Maybe[bool]] = field(default_factory=dict)
    """Of the user's keys for which the new chart has no default: whether any of its templates reads them."""
    hidden_values: tuple[Path, ...] = ()
    """User values that nobody but Helm may read (downloader schemes such as `secrets://`)."""
    refused_edits: tuple[tuple[Proposal, str], ...] = ()
    """Accepted edits that cannot be made, with the reason."""
    gateways_before: tuple[GatewayObject, ...] = ()
    gateways_after: tuple[GatewayObject, ...] = ()
    """Of the stored and of the new manifest; the first is the one that is backed up and proven."""
    rendered_again: Rendered | None = field(default=None, repr=False)
    """A second render of the same, where the first may hold values that are random each time."""
    renders: CauseRenders = field(default_factory=CauseRenders)
    only: tuple[str, ...] = ()
    """The parts of a plan that were asked for (values, diff, checks); empty: all."""
    cluster: Maybe[str] = _NOT_ASKED
    """The cluster's identity: the UID of its namespace kube-system."""
    server: ServerTruth = field(default_factory=ServerTruth)
    kubernetes: KubernetesFindings = field(default_factory=KubernetesFindings)
    transitions: Maybe[tuple[TransitionFinding, ...]] = NO_RECORD_READ
    """The records that the planned move crosses; unknown outside of every record."""
    plugins: Maybe[GoPlugins] = NOT_LOOKED_FOR
    flags: UpgradeFlags = field(default_factory=UpgradeFlags)
    """As given for Helm: --force-conflicts and --history-max decide what the run, and its rollback, can do."""
    lock: Maybe[Held | None] = _NOT_LOOKED
    """Of the lease in the cluster; None where there is none."""


@dataclass(frozen=True)
class Changes:
    """What the facts mean: the input of every check beside them."""

    values: ValuesChanges
    objects: ManifestChanges
