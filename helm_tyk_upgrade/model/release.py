"""A Helm release as Helm reports it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

ApplyMethod = Literal["client-side apply", "server-side apply", ""]

TYK_CHARTS = ("tyk-oss", "tyk-gateway", "tyk-stack", "tyk-control-plane", "tyk-data-plane")
LEGACY_CHARTS = ("tyk-headless", "tyk-pro", "tyk-hybrid")
_FAILED = re.compile(r'(Upgrade|Rollback|Release) "[^"]*" failed: ')
"""Helm's own descriptions, 3.13 to 4.3."""


@dataclass(frozen=True)
class Release:
    """One release, at its newest revision.

    status is Helm's own word (deployed, failed, pending-upgrade, ...); apply_method is empty where Helm 3
    does not tell it (then objects are client-side applied).
    """

    name: str
    namespace: str
    revision: int
    status: str
    chart: str
    chart_version: str
    apply_method: ApplyMethod = ""

    @property
    def is_legacy(self) -> bool:
        return self.chart in LEGACY_CHARTS

    @property
    def is_tyk(self) -> bool:
        return self.chart in TYK_CHARTS

    @property
    def pending(self) -> bool:
        return self.status.startswith("pending-")

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class Revision:
    """One line of `helm history`."""

    revision: int
    status: str
    chart: str
    updated: str
    description: str


def worked(revision: Revision) -> bool:
    """Whether a rollback may go there. After a failed rollback Helm 3 calls a failed upgrade superseded; its
    description still tells."""
    if revision.status == "superseded":
        return not _FAILED.match(revision.description)
    return revision.status == "deployed"


@dataclass(frozen=True)
class Stored:
    """What Helm keeps of one revision: the user's values (None: none given), the manifest and the hooks as text."""

    release: Release
    values: dict[str, Any] | None
    manifest: str
    hooks: str


@dataclass(frozen=True)
class Rendered:
    """What an upgrade would store (dry run) or stored: manifest and hooks as text, the notes for the user.

    revision and status are Helm's; of a dry run they are what would come next and `pending-upgrade`.
    """

    manifest: str
    hooks: str
    notes: str = ""
    revision: int = 0
    status: str = ""


@dataclass(frozen=True)
class HelmVersion:
    text: str
    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return self.text
