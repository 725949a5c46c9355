"""What the world answered. Each answer is a value or "unknown, because"; nothing here is a decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.change import ManifestChanges, ValuesChanges
from helm_tyk_upgrade.model.chart import Catalogued, ChartArchive, Chosen
from helm_tyk_upgrade.model.known import Maybe
from helm_tyk_upgrade.model.plan import GatewayTarget, ValuesInput
from helm_tyk_upgrade.model.release import HelmVersion, Release, Rendered, Revision, Stored


@dataclass(frozen=True)
class Permission:
    """One verb the run will use. allowed is unknown when the server could not say."""

    verb: str
    group: str
    resource: str
    allowed: Maybe[bool]

    def __str__(self) -> str:
        group = f".{self.group}" if self.group else ""
        return f"{self.verb} {self.resource}{group}"


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
    restore_apis: bool = False
    history_max: int = 0


@dataclass(frozen=True)
class Changes:
    """What the facts mean: the input of every check beside them."""

    values: ValuesChanges
    objects: ManifestChanges
