"""The answers that a plan is made from, before they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.change import Path
from helm_tyk_upgrade.model.facts import CauseRenders, Permission
from helm_tyk_upgrade.model.hold import Held
from helm_tyk_upgrade.model.knowledge import GoPlugins, TransitionFinding
from helm_tyk_upgrade.model.known import Maybe, Unknown
from helm_tyk_upgrade.model.kubernetes import KubernetesFindings
from helm_tyk_upgrade.model.plan import ValuesInput
from helm_tyk_upgrade.model.release import HelmVersion, Rendered, Revision, Stored
from helm_tyk_upgrade.model.server import LiveNeighbours, ServerTruth

if TYPE_CHECKING:
    from helm_tyk_upgrade.planning.chart_facts import OldChart, Target
    from helm_tyk_upgrade.planning.gateway_facts import GatewayFacts


@dataclass(frozen=True)
class ValueAnswers:
    """See Facts."""

    old_defaults: Maybe[dict[str, Any]] = field(repr=False)
    new_defaults: Maybe[dict[str, Any]] = field(repr=False)
    effective: Maybe[dict[str, Any]] = field(repr=False)
    template_reads: Mapping[Path, Maybe[bool]] = field(default_factory=dict)


@dataclass(frozen=True)
class ServerAnswers:
    """What the cluster, the registries and the records say: see Facts."""

    server: ServerTruth
    kubernetes: KubernetesFindings
    plugins: Maybe[GoPlugins]
    transitions: Maybe[tuple[TransitionFinding, ...]]


@dataclass(frozen=True)
class CheckAnswers:
    """What only the checks need: see Facts."""

    history: tuple[Revision, ...]
    baseline: Maybe[Baseline]
    owner: Maybe[str]
    cluster: Maybe[str]
    permissions: tuple[Permission, ...]
    found: ServerAnswers
    lock: Maybe[Held | None]


@dataclass(frozen=True)
class Answers:
    """given: the user's values as planned, merged; again: a second render of the same; renders: those that tell
    causes; hidden: user values that nobody but Helm may read."""

    helm: HelmVersion
    stored: Stored
    target: Target
    old: Maybe[OldChart]
    values: ValuesInput
    given: dict[str, Any] = field(repr=False)
    rendered: Rendered = field(repr=False)
    again: Rendered | None = field(repr=False)
    renders: CauseRenders = field(repr=False)
    hidden: tuple[Path, ...]
    merged: ValueAnswers = field(repr=False)
    gateway: Maybe[GatewayFacts]
    checks: CheckAnswers


def unasked_checks(reason: Unknown) -> CheckAnswers:
    """What a plan holds that was made without its checks."""
    near = LiveNeighbours(reason, reason, reason, reason, reason, reason)
    server = ServerTruth(reason, reason, reason, reason, reason, near)
    kubernetes = KubernetesFindings(reason, reason, reason, reason, reason)
    return CheckAnswers(
        (), reason, reason, reason, (), ServerAnswers(server, kubernetes, reason, reason), reason
    )
