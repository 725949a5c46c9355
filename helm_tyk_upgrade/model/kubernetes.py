"""What Kubernetes itself means for an upgrade: found in the manifests, the chart and the live neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helm_tyk_upgrade.model.change import ObjectId
from helm_tyk_upgrade.model.known import Maybe, Unknown

_NOT_LOOKED = Unknown("it was not looked for")


@dataclass(frozen=True)
class OldApi:
    """An object whose API version the cluster no longer serves, or will not for ever. stored: in the manifest that
    Helm keeps, else in the new one; version: of Kubernetes, in which it was removed or deprecated, or (unrecorded: the
    cluster is newer than the records) up to which there are records; instead: the API version to use, empty for none.
    """

    id: ObjectId
    stored: bool
    state: Literal["removed", "deprecated", "unrecorded"]
    version: str
    instead: str = ""


UNCOUNTED = "pods-uncounted"
"""The rule of an interruption that hangs on how many pods run, where that could not be read."""


@dataclass(frozen=True)
class Interruption:
    """Why a workload loses requests or all its pods while its pods are replaced (certain), or could (else)."""

    id: ObjectId
    rule: str
    certain: bool
    reason: str
    hint: str
    gateway: bool = False


@dataclass(frozen=True)
class Rescaled:
    """A replica count that an autoscaler has set and that the upgrade sets. live: now; then: after the upgrade;
    rendered: whether the manifest names it (else it left the manifest, and Kubernetes' default takes its place);
    conflicts: a server-side apply, which the API server refuses unless it is forced."""

    id: ObjectId
    autoscaler: str
    live: int
    then: int
    rendered: bool
    conflicts: bool


@dataclass(frozen=True)
class OutdatedCrd:
    """A CRD that the chart carries in crds/ and that the cluster has otherwise, or (missing) not at all. path: in the
    chart; differs: the fields."""

    name: str
    path: str
    missing: bool
    differs: tuple[str, ...] = ()


@dataclass(frozen=True)
class KubernetesFindings:
    """record_bytes: how large Helm's record of the new revision will be, about. workloads whose pods stay are among the
    interruptions too: who reads them knows what restarts."""

    apis: Maybe[tuple[OldApi, ...]] = _NOT_LOOKED
    interruptions: Maybe[tuple[Interruption, ...]] = _NOT_LOOKED
    rescaled: Maybe[tuple[Rescaled, ...]] = _NOT_LOOKED
    crds: Maybe[tuple[OutdatedCrd, ...]] = _NOT_LOOKED
    record_bytes: Maybe[int] = _NOT_LOOKED
