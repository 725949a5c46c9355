"""The node's registry: what the kubelet says of an absent image is not what it says of pull trouble."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testbed.images.__main__ import read_versions
from tests.testbed.conftest import CACHE_SETTINGS, Kubectl, execute, wait_until

pytestmark = pytest.mark.cluster
Node = Callable[..., str]
LOADED = "docker.io/library/busybox:1.32"
FETCH = "import sys, urllib.request as web; print(web.urlopen(sys.argv[1]).read().decode())"
TROUBLE = {"500": "500 Internal Server Error", "429": "429 Too Many Requests", "down": "connection refused"}


@pytest.fixture
def node(kubeconfig: Path, repo: Path) -> Iterator[Node]:
    """scripts/testbed of the test cluster's own state, its registry well before and after the test."""
    if not (kubeconfig.parent / "bin" / "testbed").exists():
        pytest.skip("only the own test bed has a registry")
    settings = {**CACHE_SETTINGS, "TYK_UPGRADE_TESTBED_STATE": str(kubeconfig.parents[1])}

    def run(*args: str) -> str:
        done = execute([str(repo / "scripts" / "testbed"), *args], settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("registry", "ok") == "ok\n"
    yield run
    run("registry", "ok")


def start(kubectl: Kubectl, name: str, image: str, policy: str) -> None:
    container = {"name": "main", "image": image, "imagePullPolicy": policy, "command": ["sleep", "3600"]}
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 0},
    }
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}
    kubectl("apply", "-f", "-", given=json.dumps(manifest))


def pull_failures(kubectl: Kubectl, name: str) -> list[tuple[int, str]]:
    """Count and message of the kubelet's events on failed pulls of a Deployment's pods."""
    events = json.loads(kubectl("get", "events", "--field-selector=reason=Failed", "--output=json"))["items"]
    return [
        (event["count"], event["message"])
        for event in events
        if event["involvedObject"]["name"].startswith(f"{name}-")
        and event["message"].startswith("Failed to pull image")
    ]


def failed_pulls(kubectl: Kubectl, name: str, times: int, seconds: float) -> list[str]:
    """The messages, when the kubelet has failed so often."""
    wait_until(lambda: sum(count for count, _ in pull_failures(kubectl, name)) >= times, seconds)
    return [message for _, message in pull_failures(kubectl, name)]


def waiting_reason(kubectl: Kubectl, name: str) -> str:
    path = "--output=jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}"
    return kubectl("get", "pods", f"--selector=app={name}", path)


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize("image", ["tyk-upgrade.test/tyk-gateway:v0.0.1", "docker.tyk.io/nobody/nothing:v1"])
def test_an_absent_image_is_not_found_again_and_again(kubectl: Kubectl, image: str) -> None:
    start(kubectl, "absent", image, "IfNotPresent")
    # The kubelet's second attempt comes at the pod's first turn that is 10 s after the first.
    messages = failed_pulls(kubectl, "absent", 2, 40)
    assert all(message.endswith(f"{image}: not found") for message in messages), messages
    assert waiting_reason(kubectl, "absent") in ("ErrImagePull", "ImagePullBackOff")


def test_pull_trouble_has_texts_of_its_own_and_passes(kubectl: Kubectl, node: Node) -> None:
    for mode, text in TROUBLE.items():
        assert node("registry", mode) == f"{mode}\n"
        start(kubectl, f"mode-{mode}", LOADED, "Always")
        messages = failed_pulls(kubectl, f"mode-{mode}", 1, 20)
        assert all(text in message and "not found" not in message for message in messages), messages
    node("registry", "ok")
    for mode in TROUBLE:
        kubectl("rollout", "status", f"deployment/mode-{mode}", "--timeout=60s")


@pytest.mark.usefixtures("node")
def test_a_registry_whose_name_does_not_resolve_is_no_absent_image(kubectl: Kubectl) -> None:
    start(kubectl, "nowhere", "nowhere.example/tyk-gateway:v1", "IfNotPresent")
    [message] = failed_pulls(kubectl, "nowhere", 1, 30)
    assert "lookup nowhere.example" in message
    assert "not found" not in message


def test_a_loaded_image_needs_no_registry(kubectl: Kubectl, node: Node) -> None:
    node("registry", "down")
    start(kubectl, "loaded", LOADED, "IfNotPresent")
    kubectl("rollout", "status", "deployment/loaded", "--timeout=30s")
    assert pull_failures(kubectl, "loaded") == []


def test_the_registry_lists_what_was_loaded(node: Node, repo: Path) -> None:
    path = "http://tyk-upgrade.test/v2/tyk-gateway/tags/list"
    tags = json.loads(node("exec", "--", sys.executable, "-c", FETCH, path))["tags"]
    versions = read_versions(repo / "testbed" / "gateway" / "versions")
    assert {f"v{version}" for version in versions} <= set(tags)
