"""Images of the test cluster: what a real kubelet lists, and pull secrets read from a real API server."""

from __future__ import annotations

import base64
import io
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.registries.credentials import Credential
from helm_tyk_upgrade.registries.reference import parse
from helm_tyk_upgrade.targets.images import images
from helm_tyk_upgrade.targets.node_images import nodes
from helm_tyk_upgrade.targets.pull_secrets import PullSecrets

pytestmark = pytest.mark.cluster
ABSENT = "tyk-upgrade.test/tyk-gateway:v0.0.1"


@pytest.fixture
def context(kubeconfig: Path) -> Context:
    quiet = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    return Context({"KUBECONFIG": str(kubeconfig), "PATH": os.environ["PATH"]}, quiet)


@pytest.fixture
def namespace(context: Context) -> Iterator[str]:
    name = f"images-{secrets.token_hex(3)}"
    context.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    context.cluster.delete("v1", "Namespace", name)


def pod(image: str, policy: str) -> str:
    container = {"name": "main", "image": image, "imagePullPolicy": policy}
    data = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "one"},
        "spec": {"containers": [container]},
    }
    return json.dumps(data)


def test_what_the_kubelet_lists_needs_no_registry(context: Context) -> None:
    found = nodes(context)
    assert isinstance(found, Known)
    held = sorted(frozenset.intersection(*(node.images for node in found.value)))
    assert held, "the nodes list no image that all of them have"
    platforms = Known(tuple({node.platform for node in found.value}))
    for image, policy, there in (
        (held[0], "Never", True),
        (held[0], "IfNotPresent", True),
        (ABSENT, "Never", False),
    ):
        answer = images(context, split(pod(image, policy)), "default", platforms)
        assert isinstance(answer, Known)
        assert [item.present for item in answer.value] == [Known(there)]


def test_pull_secrets_are_read_as_the_kubelet_reads_them(context: Context, namespace: str) -> None:
    auths = {"private.example": {"username": "ann", "password": "canary-pass"}}
    data = base64.b64encode(json.dumps({"auths": auths}).encode()).decode()
    kind: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson"}
    named = {"metadata": {"name": "regcred", "namespace": namespace}}
    context.cluster.create({**kind, **named, "data": {".dockerconfigjson": data}})
    account = {
        "metadata": {"name": "puller", "namespace": namespace},
        "imagePullSecrets": [{"name": "regcred"}],
    }
    context.cluster.create({"apiVersion": "v1", "kind": "ServiceAccount", **account})
    expected = [Known(Credential("pull secret regcred", "ann", "canary-pass"))]
    reader = PullSecrets(context, (), namespace)
    for spec in ({"imagePullSecrets": [{"name": "regcred"}]}, {"serviceAccountName": "puller"}):
        assert list(reader.credentials(spec, "", parse("private.example/tyk:v1"))) == expected
        assert list(reader.credentials(spec, "", parse("other.example/tyk:v1"))) == []
    assert list(reader.credentials({}, "", parse("private.example/tyk:v1"))) == []
    assert context.masker.text("canary-pass").startswith("secret:")
