"""A namespace of its own on the test cluster, with pods that answer HTTP, for the whole session."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.cluster.access import access_from_env
from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.model.pods import WorkloadRef

KUBECONFIG = os.environ.get("TYK_UPGRADE_TEST_KUBECONFIG", "")
IMAGE = "tyk-upgrade.test/tyk-gateway:v5.8.1"
MANAGER = "tests"


@pytest.fixture(scope="session")
def live_env() -> dict[str, str]:
    """The environment of a person with the test cluster's kubeconfig and nothing else."""
    if not KUBECONFIG:
        pytest.skip("no test cluster: set TYK_UPGRADE_TEST_KUBECONFIG (scripts/test does)")
    return {"KUBECONFIG": KUBECONFIG, "PATH": os.environ.get("PATH", "")}


@pytest.fixture(scope="session")
def cluster(live_env: dict[str, str]) -> Iterator[Cluster]:
    with Cluster(access_from_env(live_env), live_env) as connected:
        yield connected


@pytest.fixture(scope="session")
def namespace(cluster: Cluster) -> Iterator[str]:
    name = f"test-cluster-{secrets.token_hex(3)}"
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    cluster.delete("v1", "Namespace", name)


@pytest.fixture(scope="session")
def workload(cluster: Cluster, namespace: str) -> WorkloadRef:
    """Two pods of the stand-in gateway on port 8080; it answers without a Redis, if unwell."""
    cluster.apply(deployment("web", namespace, replicas=2), dry_run=False, force=True, field_manager=MANAGER)
    ref = WorkloadRef("Deployment", namespace, "web")
    wait_for(lambda: observe_rollout(cluster, ref).complete, "two pods of web")
    return ref


@pytest.fixture(scope="session")
def pod(cluster: Cluster, workload: WorkloadRef) -> str:
    return observe_rollout(cluster, workload).new_pods[0].name


def deployment(name: str, namespace: str, /, replicas: int = 1, **container: Any) -> dict[str, Any]:
    """A Deployment of the stand-in gateway; keywords change its container."""
    described = {
        "name": "web",
        "image": IMAGE,
        "env": [
            {"name": "TYK_GW_LISTENPORT", "value": "8080"},
            {"name": "TYK_GW_STORAGE_ADDRS", "value": "localhost:1"},
            {"name": "STANDIN_START_DELAY", "value": "0"},
        ],
        "readinessProbe": {"httpGet": {"path": "/hello", "port": 8080}, "periodSeconds": 1},
    } | container
    labels = {"app": name}
    spec = {"terminationGracePeriodSeconds": 1, "containers": [described]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.2)


@pytest.fixture
def kubeconfig_of(tmp_path: Path, cluster: Cluster) -> Callable[..., dict[str, str]]:
    """Writes a kubeconfig for the test cluster with the given `user` entry; returns the environment for
    it."""

    def write(user: dict[str, Any], **changes: Any) -> dict[str, str]:
        access = cluster.access
        authority = tmp_path / "ca.crt"
        authority.write_text(access.ca)
        entry = {"server": access.server, "certificate-authority": "ca.crt"} | changes
        path = tmp_path / "config"
        path.write_text(_kubeconfig(entry, user))
        return {"KUBECONFIG": str(path), "PATH": os.environ.get("PATH", "")}

    return write


def _kubeconfig(cluster: dict[str, Any], user: dict[str, Any]) -> str:
    return json.dumps(
        {
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "it", "user": "me"}}],
            "clusters": [{"name": "it", "cluster": cluster}],
            "users": [{"name": "me", "user": user}],
        }
    )
