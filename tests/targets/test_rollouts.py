"""What counts of a rollout, and what is still seen without the right to read events."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.model.pods import Container, Rollout, WorkloadRef
from helm_tyk_upgrade.targets import rollouts
from helm_tyk_upgrade.targets.evidence import evidence_files
from helm_tyk_upgrade.targets.observation import Observation
from tests.applying.build import look, pod
from tests.targets.build import ScriptedCluster, TestDoors, gateway_manifest

FORBIDDEN = ClusterError("events is forbidden")
BAD_NAME = Container("gateway", "?", "", "waiting", "InvalidImageName", "couldn't parse")


class Blind(ScriptedCluster):
    """A cluster that lets us read logs, but no events."""

    def events(self, namespace: str, uids: list[str]) -> list[Any]:
        raise FORBIDDEN

    def pod_logs(self, namespace: str, name: str, container: str, **more: Any) -> str:
        return f"log of {name}"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[WorkloadRef]:
    """Every workload that was looked at; each has one pod with a name that is no image's."""
    asked: list[WorkloadRef] = []

    def observe(cluster: Cluster, ref: WorkloadRef) -> Rollout:
        asked.append(ref)
        broken = replace(pod("a", ready=False), containers=(BAD_NAME,))
        return look(broken).rollouts[0]

    monkeypatch.setattr(rollouts, "observe_rollout", observe)
    return asked


def test_workloads_that_do_not_count_are_not_asked_for(seen: list[WorkloadRef]) -> None:
    manifest = gateway_manifest(gateway_manifest().replace("gateway-tyk}", "other}"))
    doors = TestDoors(Blind())
    gateway = WorkloadRef("Deployment", "apis", "gateway-tyk")
    rollouts.observe(doors, manifest, "apis", {}, {}, {gateway})
    assert seen == [gateway]
    rollouts.observe(doors, manifest, "apis", {}, {})
    assert len(seen) == 3


def test_without_the_right_to_read_events_pods_still_tell(seen: list[WorkloadRef]) -> None:
    observed, _ = rollouts.observe(TestDoors(Blind()), gateway_manifest(), "apis", {}, {})
    assert observed.doom.startswith("a: invalid-image-name")


def test_without_the_right_to_read_events_the_logs_are_kept() -> None:
    broken = replace(pod("a", ready=False), containers=(BAD_NAME,))
    observed = Observation(look(broken).rollouts, ())
    files = {file.name: file.data for file in evidence_files(TestDoors(cast(Any, Blind())), observed, "apis")}
    assert files["a.gateway.log"] == b"log of a"
    assert json.loads(files["events.json"]) == {"unknown": "events is forbidden"}
