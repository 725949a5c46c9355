"""What is seen of a pending release: age, lease, workloads, history, and the journals of this machine."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.edge.http import Http
from helm_tyk_upgrade.edge.process import Processes
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.helm.client import Helm
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.stuck import Pending
from helm_tyk_upgrade.store.journal import Journal, RunHeader, create
from helm_tyk_upgrade.targets.stuck import WATCH, pending, stuck
from tests.applying.build import RELEASE, ScriptedHelm, stored_answer

NOW = datetime(2026, 11, 23, 20, 4, 35, tzinfo=timezone.utc)
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: gw}
spec:
  selector: {matchLabels: {app: gw}}
  template:
    metadata: {labels: {app: gw}}
    spec: {containers: [{name: gateway-tyk-gateway, image: "tyk-gateway:v5.9.1"}]}
"""
HOOK = """\
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}
spec: {template: {spec: {containers: [{name: c, image: "i:1"}]}}}
"""
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "gw",
        "namespace": "apis",
        "uid": "d-1",
        "generation": 2,
        "annotations": {"deployment.kubernetes.io/revision": "2"},
    },
    "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "gw"}}},
    "status": {
        "observedGeneration": 2,
        "replicas": 1,
        "updatedReplicas": 1,
        "readyReplicas": 1,
        "availableReplicas": 1,
    },
}
REPLICASET = {
    "metadata": {
        "uid": "r-1",
        "name": "gw-1",
        "annotations": {"deployment.kubernetes.io/revision": "2"},
        "labels": {"pod-template-hash": "h"},
        "ownerReferences": [{"uid": "d-1", "controller": True, "kind": "Deployment", "name": "gw"}],
    }
}


def pod(uid: str, *, ready: bool = True, restarts: int = 0) -> dict[str, Any]:
    return {
        "metadata": {
            "name": f"gw-{uid}",
            "namespace": "apis",
            "uid": uid,
            "labels": {"app": "gw", "pod-template-hash": "h"},
            "ownerReferences": [{"uid": "r-1", "controller": True, "kind": "ReplicaSet", "name": "gw-1"}],
        },
        "spec": {"containers": [{"name": "c", "image": "i"}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": [
                {
                    "name": "c",
                    "image": "i",
                    "imageID": "",
                    "ready": ready,
                    "restartCount": restarts,
                    "state": {},
                }
            ],
        },
    }


@dataclass
class World:
    """The cluster, Helm and the clock; `meanwhile` happens while somebody watches."""

    lease: dict[str, Any] | None = None
    deployment: dict[str, Any] | Exception = field(default_factory=lambda: copy.deepcopy(DEPLOYMENT))
    job: dict[str, Any] | None = None
    pods: list[dict[str, Any]] = field(default_factory=lambda: [pod("1")])
    meanwhile: Callable[[], None] = lambda: None
    slept: float = 0.0
    scripted: ScriptedHelm = field(default_factory=ScriptedHelm)

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
        found = {"Lease": self.lease, "Deployment": self.deployment, "Job": self.job}[kind]
        if found is None:
            raise NotFound(f"{kind} {name} is not there")
        if isinstance(found, Exception):
            raise found
        return copy.deepcopy(found)

    def list(self, api_version: str, kind: str, *more: Any) -> list[dict[str, Any]]:
        return copy.deepcopy({"ReplicaSet": [REPLICASET], "Pod": self.pods}[kind])


class Watching(Clock):
    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self._world.slept)

    def sleep(self, seconds: float) -> None:
        self._world.slept += seconds
        self._world.meanwhile()


class Doors:
    def __init__(self, world: World) -> None:
        self.clock: Clock = Watching(world)
        self.masker = Masker()
        self.cluster = cast(Cluster, world)
        self.helm = Helm(cast(Processes, world.scripted))

    def http(self, ca_file: str = "") -> Http:
        raise AssertionError("nothing is downloaded here")


def history(*rows: tuple[int, str], updated: str) -> bytes:
    return json.dumps(
        [{"revision": number, "status": status, "updated": updated} for number, status in rows]
    ).encode()


@pytest.fixture
def world() -> World:
    """Revision 4 was written an hour ago, and everything stands still."""
    made = World()
    rows = ((2, "superseded"), (3, "deployed"), (4, "pending-upgrade"))
    made.scripted.answers["history"] = history(*rows, updated="2026-11-23T19:04:35.123456789Z")
    made.scripted.answers["get"] = stored_answer(MANIFEST, revision=4)
    return made


def seen(world: World, runs: Path) -> Pending:
    found = pending(Doors(world), runs, replace(RELEASE, revision=4))
    assert found is not None
    return found


def lease(seconds_ago: float, version: str = "1") -> dict[str, Any]:
    return {
        "metadata": {"resourceVersion": version, "annotations": {"tyk-upgrade/run": "r-9"}},
        "spec": {
            "holderIdentity": "ann@elsewhere pid 7",
            "leaseDurationSeconds": 60,
            "renewTime": f"{NOW - timedelta(seconds=seconds_ago):%Y-%m-%dT%H:%M:%S.%fZ}",
        },
    }


def test_a_release_that_is_not_pending_is_not_looked_at_any_further(world: World, tmp_path: Path) -> None:
    world.scripted.answers["history"] = history((3, "deployed"), updated="2026-11-23T19:04:35Z")
    assert stuck(Doors(world), tmp_path, RELEASE) is None


def test_it_is_not_freed_to_a_revision_that_failed(world: World, tmp_path: Path) -> None:
    """After a failed rollback Helm 3 calls the failed upgrade superseded."""
    rows = [
        {"revision": 2, "status": "superseded", "description": "Install complete"},
        {"revision": 3, "status": "superseded", "description": 'Upgrade "tyk" failed: timed out'},
        {"revision": 4, "status": "pending-rollback", "description": "Rollback to 2"},
    ]
    updated = {"updated": "2026-11-23T19:04:35Z"}
    world.scripted.answers["history"] = json.dumps([row | updated for row in rows]).encode()
    assert seen(world, tmp_path).good == 2


def test_a_release_that_stands_still_can_be_freed(world: World, tmp_path: Path) -> None:
    found = seen(world, tmp_path)
    assert (found.revision, found.status, found.good) == (4, "pending-upgrade", 3)
    assert isinstance(found.age, Known)
    assert 3600 <= found.age.value <= 3600 + WATCH
    assert (found.moving, found.unfinished, found.alive) == (Known(()), Known(()), False)
    assert world.slept == WATCH
    advice = stuck(Doors(world), tmp_path, RELEASE)
    assert advice is not None
    assert (advice.action, advice.command) == ("free", "helm rollback tyk 3 -n apis")


def test_a_new_pod_while_it_is_watched_is_somebody_at_work(world: World, tmp_path: Path) -> None:
    world.meanwhile = lambda: world.pods.append(pod("2"))
    assert seen(world, tmp_path).moving == Known(("Deployment apis/gw changed while it was watched",))


def test_a_pod_that_crashes_again_and_again_is_nobody_at_work(world: World, tmp_path: Path) -> None:
    world.pods = [pod("1", ready=False, restarts=3)]
    world.meanwhile = lambda: world.pods.__setitem__(0, pod("1", ready=True, restarts=4))
    assert seen(world, tmp_path).moving == Known(())


def test_a_workload_that_was_never_made_is_unfinished(world: World, tmp_path: Path) -> None:
    world.deployment = NotFound("not there")
    found = seen(world, tmp_path)
    assert found.unfinished == Known(("Deployment apis/gw, which is not there",))
    assert found.moving == Known(())


def test_pods_that_cannot_be_seen_are_unknown(world: World, tmp_path: Path) -> None:
    world.deployment = ClusterError("deployments is forbidden")
    found = seen(world, tmp_path)
    assert found.moving == found.unfinished == Unknown("deployments is forbidden")


@pytest.mark.parametrize(("active", "unfinished"), [(1, ("hook Job migrate, which runs",)), (0, ())])
def test_a_hook_that_runs_is_what_helm_waits_for(
    world: World, tmp_path: Path, active: int, unfinished: tuple[str, ...]
) -> None:
    stored = json.loads(stored_answer(MANIFEST, revision=4))
    stored["hooks"] = [[text.encode().hex() for text in ("templates/job.yaml", HOOK)]]
    world.scripted.answers["get"] = json.dumps(stored).encode()
    world.job = {"status": {"active": active}}
    assert seen(world, tmp_path).unfinished == Known(unfinished)


def test_a_holder_in_its_time_is_alive_and_need_not_be_watched(world: World, tmp_path: Path) -> None:
    world.lease = lease(5)
    found = seen(world, tmp_path)
    assert found.alive
    assert world.slept == 0.0


def test_a_late_holder_is_watched_for_longer_than_a_beat(world: World, tmp_path: Path) -> None:
    world.lease = lease(500)
    assert not seen(world, tmp_path).alive
    assert world.slept == 22.5


def test_a_late_holder_that_gives_a_sign_of_life_has_a_wrong_clock(world: World, tmp_path: Path) -> None:
    world.lease = lease(500)
    world.meanwhile = lambda: setattr(world, "lease", lease(485, version="2"))
    assert seen(world, tmp_path).alive


@pytest.mark.parametrize(
    ("updated", "age"),
    [
        ("2026-11-23T20:04:25.1Z", "known"),
        ("2026-11-23T21:04:25.123456+01:00", "known"),
        ("2026-11-23T23:00:00Z", "two clocks disagree"),
        ("yesterday", "Helm wrote 'yesterday'"),
        ("", "Helm wrote ''"),
    ],
)
def test_the_age_is_helms_own_time_or_unknown(world: World, tmp_path: Path, updated: str, age: str) -> None:
    world.scripted.answers["history"] = history((4, "pending-upgrade"), updated=updated)
    found = seen(world, tmp_path).age
    if age == "known":
        assert isinstance(found, Known)
        assert 9 <= found.value <= 10 + WATCH
    else:
        assert isinstance(found, Unknown)
        assert age in found.reason


def journal(runs: Path, *steps: tuple[str, str], run: str = "20261123-1", revision: int = 3) -> Journal:
    made = create(runs, RunHeader(run, "upgrade", "apis", "tyk", revision, "a", "b", "t", "1"))
    for number, (step, event) in enumerate(steps, start=1):
        made.append(Entry(number, step, event, "t"))
    return made


def test_a_run_that_is_at_work_here_is_named(world: World, tmp_path: Path) -> None:
    kept = journal(tmp_path, ("upgrade", "begin"))
    found = seen(world, tmp_path)
    assert (found.working, found.run) == (kept.header.run, "")
    assert world.slept == 0.0


@pytest.mark.parametrize(
    ("steps", "revision", "run"),
    [
        ((("upgrade", "begin"),), 3, "20261123-1"),
        ((("upgrade", "begin"), ("upgrade", "end"), ("rollback", "begin")), 2, "20261123-1"),
        ((("lock", "begin"),), 3, ""),
        ((("upgrade", "begin"),), 1, ""),
        ((("upgrade", "begin"),), 4, ""),
        ((("upgrade", "begin"), ("", "ended")), 3, ""),
    ],
)
def test_a_revision_is_a_cut_off_runs_where_it_can_have_made_it(
    world: World, tmp_path: Path, steps: tuple[tuple[str, str], ...], revision: int, run: str
) -> None:
    journal(tmp_path, *steps, revision=revision)  # dropped at once: its lock is free
    found = seen(world, tmp_path)
    assert (found.working, found.run) == ("", run)


def test_a_damaged_journal_hides_nothing_else(world: World, tmp_path: Path) -> None:
    journal(tmp_path, ("upgrade", "begin"))
    journal(tmp_path, run="20261123-2")
    (tmp_path / "20261123-2" / "journal.jsonl").write_text("{damaged\n")
    assert seen(world, tmp_path).run == "20261123-1"


def test_a_release_that_flux_owns_is_told(world: World, tmp_path: Path) -> None:
    assert isinstance(world.deployment, dict)
    world.deployment["metadata"]["labels"] = {"helm.toolkit.fluxcd.io/name": "tyk"}
    assert seen(world, tmp_path).owner == Known("Flux HelmRelease tyk")
