"""Who holds a release: a Lease in the release's namespace, with holder, run and heartbeat.

A holder counts as gone by what is seen of it here, not by its clock: client-go's leader election does the same
(https://pkg.go.dev/k8s.io/client-go/tools/leaderelection, "tolerant to arbitrary clock skew").
"""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.events import moment
from helm_tyk_upgrade.cluster.refusals import ApiRefused
from helm_tyk_upgrade.edge import processes_here
from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.hold import Attempt, Holder
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown

LEASE_SECONDS = 60
"""A holder that gave no sign of life for so long is taken to be gone."""
BEATS = 4
"""Signs of life in that time."""
RUN, PROCESS = "tyk-upgrade/run", "tyk-upgrade/process"
_API = "coordination.k8s.io/v1"


def lease_name(release: str) -> str:
    """Helm's release names have at most 53 characters, a Lease's name 253."""
    return f"tyk-upgrade-{release}"


@dataclass(frozen=True)
class _Observed:
    """The lease's version, since when (monotonic) it has not changed, and whether it did so since we look."""

    version: str
    since: float
    moved: bool


class LeaseKeeper:
    """The Lease of one release. It remembers what it saw from one attempt to the next. seconds: how long the lease
    lives without a sign of life."""

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        release: str,
        clock: Clock | None = None,
        seconds: float = LEASE_SECONDS,
    ) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._clock = clock or Clock()
        self._observed: _Observed | None = None
        self.seconds = seconds
        self.name = lease_name(release)

    @property
    def beat(self) -> float:
        """Seconds between two signs of life."""
        return self.seconds / BEATS

    def look(self) -> Maybe[Holder | None]:
        """Who holds the release, None for nobody; Unknown when the cluster does not let us look."""
        try:
            return Known(holder_of(self._get()))
        except NotFound:
            return Known(None)
        except ClusterError as error:
            return Unknown(error.message)

    def acquire(self, run: str) -> Maybe[Attempt]:
        """One attempt. The lease is taken where it is free, this process's, or its holder is gone; to find that out,
        call again until `patience` is over. Unknown when the cluster does not let us look or write. A lost race
        counts as held by the winner."""
        try:
            return Known(self._acquire(run))
        except ApiRefused as error:
            if error.reason in ("AlreadyExists", "Conflict"):
                winner = Holder("a run that started at the same moment", "", None, None, self.seconds)
                return Known(Attempt(False, winner, patience=self.seconds))
            return Unknown(error.message)
        except (ClusterError, NotFound) as error:
            return Unknown(error.message)

    def renew(self, run: str) -> bool:
        """A sign of life. False when the lease is no longer ours. Raises ClusterError when that is not known, a
        lost race included."""
        try:
            lease = self._get()
        except NotFound:
            return False
        if not _is_mine(lease, run):
            return False
        lease["spec"]["renewTime"] = _micro(self._clock.now())
        self._cluster.replace(lease)
        return True

    def release(self, run: str) -> None:
        """Delete the lease where it is still this run's."""
        try:
            lease = self._get()
        except NotFound:
            return
        if _is_mine(lease, run):
            self._cluster.delete(_API, "Lease", self.name, self._namespace)

    def _get(self) -> dict[str, Any]:
        return self._cluster.get(_API, "Lease", self.name, self._namespace)

    def _acquire(self, run: str) -> Attempt:
        try:
            lease = self._get()
        except NotFound:
            self._cluster.create(self._manifest(run))
            return Attempt(True)
        holder = holder_of(lease)
        if holder is not None and not _same(holder, run) and not holder.gone:
            patience = self._patience(holder)
            if patience > 0:
                late = holder.is_late(self._clock.now()) and not (self._observed and self._observed.moved)
                return Attempt(False, holder, late, patience)
        taken = self._manifest(run)
        taken["metadata"]["resourceVersion"] = lease["metadata"]["resourceVersion"]
        self._cluster.replace(taken)
        return Attempt(True, None if holder is None or holder.run == run else holder)

    def _patience(self, holder: Holder) -> float:
        """Seconds for which the holder must yet be seen silent before it counts as gone: its lease's whole time, of
        which it may say itself how much is over, but for one beat and a bit. What it says counts no more once it
        gave a sign of life: then its clock may be wrong."""
        now, seen = self._clock.monotonic(), self._observed
        if seen is None or seen.version != holder.version:
            seen = self._observed = _Observed(holder.version, now, seen is not None)
        unchanged = now - seen.since
        left = holder.seconds - unchanged
        said = holder.silent(self._clock.now())
        if seen.moved or (said is not None and said < 0):
            return left
        a_beat = 1.5 * holder.seconds / BEATS
        return min(left, max(a_beat - unchanged, 0.0 if said is None else holder.seconds - said))

    def _manifest(self, run: str) -> dict[str, Any]:
        now = _micro(self._clock.now())
        return {
            "apiVersion": _API,
            "kind": "Lease",
            "metadata": {
                "name": self.name,
                "namespace": self._namespace,
                "labels": {"app.kubernetes.io/managed-by": "tyk-upgrade"},
                "annotations": {RUN: run, PROCESS: processes_here.identity()},
            },
            "spec": {
                "holderIdentity": _me(),
                "leaseDurationSeconds": max(1, round(self.seconds)),
                "acquireTime": now,
                "renewTime": now,
            },
        }


def holder_of(lease: dict[str, Any]) -> Holder | None:
    """Who the Lease says holds it; None for one that names nobody, which is free."""
    spec = lease.get("spec") or {}
    if not spec.get("holderIdentity"):
        return None
    process = str(((lease.get("metadata") or {}).get("annotations") or {}).get(PROCESS, ""))
    return Holder(
        who=str(spec["holderIdentity"]),
        run=_run_of(lease),
        process=process,
        gone=processes_here.is_gone(process),
        since=moment(spec.get("acquireTime")),
        seen=moment(spec.get("renewTime")),
        seconds=float(spec.get("leaseDurationSeconds") or LEASE_SECONDS),
        version=str((lease.get("metadata") or {}).get("resourceVersion", "")),
    )


def _same(holder: Holder, run: str) -> bool:
    """Whether the holder is of this very run on this machine: the file lock of its journal says that nobody else here
    carries it out."""
    machine = processes_here.machine_of(processes_here.identity())
    return holder.run == run and bool(machine) and processes_here.machine_of(holder.process) == machine


def _is_mine(lease: dict[str, Any], run: str) -> bool:
    """Of this run, carried out by this process: another machine may have resumed the run while this one slept."""
    return _run_of(lease) == run and (lease.get("spec") or {}).get("holderIdentity") == _me()


def _me() -> str:
    return f"{_user()}@{socket.gethostname()} pid {os.getpid()}"


def _run_of(lease: dict[str, Any]) -> str:
    return str(((lease.get("metadata") or {}).get("annotations") or {}).get(RUN, ""))


def _micro(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no passwd entry: a container with an arbitrary uid
        return f"uid {os.getuid()}"
