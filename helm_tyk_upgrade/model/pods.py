"""Workloads, their pods and what happened to them, as the API server reports it. Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ContainerState = Literal["waiting", "running", "terminated", "unknown"]


@dataclass(frozen=True)
class Condition:
    """One line of status.conditions. status: `True`, `False` or `Unknown`."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class WorkloadRef:
    """Which Deployment, StatefulSet or DaemonSet."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


@dataclass(frozen=True)
class Workload:
    """A Deployment, StatefulSet or DaemonSet.

    selector: the match labels; revision_hash: what the pods of its newest revision carry (`pod-template-hash`
    for a Deployment, `controller-revision-hash` otherwise), "" while its controller has not made one yet.
    """

    kind: str
    namespace: str
    name: str
    uid: str
    generation: int
    observed_generation: int
    desired: int
    updated: int
    ready: int
    available: int
    total: int
    selector: tuple[tuple[str, str], ...]
    revision_hash: str = ""
    strategy: str = "RollingUpdate"
    partition: int = 0
    paused: bool = False
    conditions: tuple[Condition, ...] = ()

    @property
    def hash_label(self) -> str:
        return "pod-template-hash" if self.kind == "Deployment" else "controller-revision-hash"

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


@dataclass(frozen=True)
class Container:
    """state's own words are in reason and message; last_* are those of the run before the last restart."""

    name: str
    image: str
    image_id: str
    state: ContainerState
    reason: str = ""
    message: str = ""
    ready: bool = False
    restarts: int = 0
    exit_code: int | None = None
    last_reason: str = ""
    last_exit_code: int | None = None
    init: bool = False
    started: datetime | None = None

    @property
    def digest(self) -> str:
        """`sha256:...` of the image that really runs, "" where the runtime does not tell."""
        return "sha256:" + self.image_id.rpartition("sha256:")[2] if "sha256:" in self.image_id else ""


@dataclass(frozen=True)
class Pod:
    """owner: `KIND/NAME` of its controller; template_hash: its revision, as Workload.revision_hash."""

    name: str
    namespace: str
    uid: str
    node: str
    phase: str
    ready: bool
    containers: tuple[Container, ...]
    owner: str
    template_hash: str
    created: datetime | None
    deleting: bool
    conditions: tuple[Condition, ...] = ()
    reason: str = ""
    message: str = ""

    @property
    def restarts(self) -> int:
        return sum(container.restarts for container in self.containers)

    def container(self, name: str) -> Container | None:
        return next((item for item in self.containers if item.name == name), None)


@dataclass(frozen=True)
class PodEvent:
    """type: `Normal` or `Warning`; object: `KIND/NAME` it is about; count: how often it happened between
    `first` and `time`."""

    time: datetime
    type: str
    reason: str
    message: str
    object: str
    count: int = 1
    first: datetime | None = None


@dataclass(frozen=True)
class Rollout:
    """How far a workload is. complete: every pod is of the newest revision, available, and no other is left;
    reason says what is still missing, in kubectl's manner."""

    workload: Workload
    new_pods: tuple[Pod, ...]
    old_pods: tuple[Pod, ...]
    complete: bool
    reason: str
    notes: tuple[str, ...] = field(default=())


EvidenceClass = Literal[
    "invalid-image-name",
    "image-not-found",
    "image-never-pulled",
    "admission-denied",
    "config-missing",
    "runs-as-root",
    "same-exit",
    "crashing",
    "unschedulable",
    "quota-exceeded",
    "pull-failing",
    "webhook-failing",
    "not-ready",
    "starting",
]


@dataclass(frozen=True)
class Evidence:
    """Why a rollout does not get on. terminal: waiting longer cannot help; waiting: it may, and only the
    time-out or the class's own grace decides. pod: its name, "" for the workload; since: when it was first
    seen, None where unknown; detail: the cluster's own words, made printable."""

    kind: Literal["terminal", "waiting"]
    what: EvidenceClass
    pod: str
    since: datetime | None
    detail: str
