"""Who holds a release: a Lease in the release's namespace, with holder, run and heartbeat."""

from __future__ import annotations

import getpass
import os
import socket
from datetime import datetime, timedelta
from typing import Any

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.events import moment
from helm_tyk_upgrade.cluster.refusals import ApiRefused
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown

LEASE_SECONDS = 60
"""A holder that gave no sign of life for so long is taken to be gone."""
RUN = "tyk-upgrade/run"


def lease_name(release: str) -> str:
    """Helm's release names have at most 53 characters, a Lease's name 253."""
    return f"tyk-upgrade-{release}"


class LeaseKeeper:
    """The Lease of one release. seconds: how long it lives without a sign of life."""

    seconds = LEASE_SECONDS

    def __init__(self, cluster: Cluster, namespace: str, release: str) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self.name = lease_name(release)

    def acquire(self, run: str, now: datetime) -> Maybe[str]:
        """Known("") when this run holds it now, Known(holder) when another live run does, Unknown when the
        cluster does not let us look or write. A lost race counts as held by the winner."""
        try:
            return self._acquire(run, now)
        except ApiRefused as error:
            if error.reason in ("AlreadyExists", "Conflict"):
                return Known("a run that started at the same moment")
            return Unknown(error.message)
        except (ClusterError, NotFound) as error:
            return Unknown(error.message)

    def renew(self, run: str, now: datetime) -> bool:
        """A sign of life. False when the lease is no longer ours. Raises ClusterError when that is not known, a
        lost race included."""
        try:
            lease = self._cluster.get("coordination.k8s.io/v1", "Lease", self.name, self._namespace)
        except NotFound:
            return False
        if _run_of(lease) != run:
            return False
        lease["spec"]["renewTime"] = _micro(now)
        self._cluster.replace(lease)
        return True

    def release(self, run: str) -> None:
        """Delete the lease where it is still this run's."""
        try:
            lease = self._cluster.get("coordination.k8s.io/v1", "Lease", self.name, self._namespace)
        except NotFound:
            return
        if _run_of(lease) == run:
            self._cluster.delete("coordination.k8s.io/v1", "Lease", self.name, self._namespace)

    def _acquire(self, run: str, now: datetime) -> Maybe[str]:
        try:
            lease = self._cluster.get("coordination.k8s.io/v1", "Lease", self.name, self._namespace)
        except NotFound:
            self._cluster.create(self._manifest(run, now))
            return Known("")
        if not self._ours(lease, run, now):
            return Known(describe(lease))
        taken = self._manifest(run, now)
        taken["metadata"]["resourceVersion"] = lease["metadata"]["resourceVersion"]
        self._cluster.replace(taken)
        return Known("")

    def _ours(self, lease: dict[str, Any], run: str, now: datetime) -> bool:
        """Whether the lease may be taken: it is this process's, its time has run out, or it is of this very run, which
        the file lock of its journal says is carried out by nobody else on this machine."""
        if not _alive(lease, now):
            return True
        holder = str((lease.get("spec") or {}).get("holderIdentity", ""))
        return _run_of(lease) == run and _place(holder) == _place(_holder())

    def _manifest(self, run: str, now: datetime) -> dict[str, Any]:
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "name": self.name,
                "namespace": self._namespace,
                "labels": {"app.kubernetes.io/managed-by": "tyk-upgrade"},
                "annotations": {RUN: run},
            },
            "spec": {
                "holderIdentity": _holder(),
                "leaseDurationSeconds": LEASE_SECONDS,
                "acquireTime": _micro(now),
                "renewTime": _micro(now),
            },
        }


def describe(lease: dict[str, Any]) -> str:
    spec = lease.get("spec") or {}
    return f"{spec.get('holderIdentity', 'somebody')} (run {_run_of(lease)}, last seen {spec.get('renewTime', '?')})"


def _holder() -> str:
    return f"{_user()}@{socket.gethostname()} pid {os.getpid()}"


def _place(holder: str) -> str:
    """The machine of a holder, without its process."""
    return holder.partition("@")[2].partition(" pid ")[0]


def _alive(lease: dict[str, Any], now: datetime) -> bool:
    spec = lease.get("spec") or {}
    seen = moment(spec.get("renewTime"))
    return seen is not None and now - seen < timedelta(
        seconds=int(spec.get("leaseDurationSeconds") or LEASE_SECONDS)
    )


def _run_of(lease: dict[str, Any]) -> str:
    return str(((lease.get("metadata") or {}).get("annotations") or {}).get(RUN, ""))


def _micro(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no passwd entry: a container with an arbitrary uid
        return f"uid {os.getuid()}"
