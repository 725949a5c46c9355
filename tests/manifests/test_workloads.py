"""What runs: the gateway found, images, names its pods refer to, requests, secrets to hide."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from helm_tyk_upgrade.manifests.secrets import secret_values
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.manifests.workloads import gateway, gateway_image, quantity, requests, workloads
from helm_tyk_upgrade.model.known import Known, Unknown

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "manifests"
recorded = pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded manifests are not here")


@recorded
@pytest.mark.parametrize("file", sorted(CORPUS.glob("tyk-oss-*.yaml")), ids=lambda path: path.stem)
def test_every_published_chart_has_its_gateway_found(file: Path) -> None:
    found = gateway(split(file.read_text()))
    assert found is not None
    assert found.id.name == "gateway-prod-tyk-gateway"
    assert found.id.kind == ("StatefulSet" if file.stem.endswith("tls") else "Deployment")
    assert found.replicas == Known(3 if file.stem.endswith("full") else 1)
    assert "tyk-gateway:v" in gateway_image(found)
    assert "secrets-prod-tyk-gateway" in found.secrets


@recorded
def test_images_of_hooks_are_there_too() -> None:
    found = workloads(split((CORPUS / "tyk-oss-5.3.0-default.yaml").read_text()))
    images = {image: bool(each.hook) for each in found for _, image in each.images}
    assert images == {
        "busybox:1.32": False,
        "docker.tyk.io/tyk-gateway/tyk-gateway:v5.9.1": False,
        "zalbiraw/alpine-curl-jq": True,
    }


def pod(containers: str, more: str = "") -> str:
    return f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: d}}
spec:
  template:
    spec:
      {more}
      containers: {containers}
"""


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ("[{name: gateway-api, image: 'docker.tyk.io/tyk-gateway/tyk-gateway:v5.8.1'}]", True),
        ("[{name: x, image: 'own.registry:5000/tyk-gateway-ee@sha256:abc'}]", True),
        ("[{name: gateway-tyk-gateway, image: 'company/edge:7'}]", True),
        ("[{name: x, image: 'company/tyk-gateway-sidecar:1'}]", False),
        ("[{name: nginx, image: nginx}]", False),
        ("[]", False),
    ],
)
def test_the_gateway_is_known_by_container_or_image(containers: str, expected: bool) -> None:
    assert (gateway(split(pod(containers))) is not None) is expected


def test_what_a_pod_cannot_start_without() -> None:
    (found,) = workloads(
        split(
            pod(
                "[{name: a, image: i,"
                " envFrom: [{configMapRef: {name: c1}}, {secretRef: {name: s1, optional: true}}],"
                " env: [{name: X, valueFrom: {secretKeyRef: {name: s2, key: k}}}]}]",
                "volumes: [{name: v, persistentVolumeClaim: {claimName: p}},"
                " {name: w, projected: {sources: [{secret: {name: s3}}, {configMap: {name: c2}}]}},"
                " {name: x, secret: {secretName: s4}}]",
            )
        )
    )
    assert (found.configmaps, found.secrets, found.claims) == (("c1", "c2"), ("s2", "s3", "s4"), ("p",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100m", Decimal("0.1")),
        ("2", Decimal(2)),
        (1.5, Decimal("1.5")),
        ("1.5Gi", Decimal("1610612736")),
        ("128Mi", Decimal(134217728)),
        ("1e3", Decimal(1000)),
        ("5k", Decimal(5000)),
        ("2E", Decimal(2 * 10**18)),
        ("much", None),
        ("", None),
    ],
)
def test_quantities(text: object, expected: Decimal | None) -> None:
    assert quantity(text) == expected


def test_requests_of_a_pod_are_those_of_its_containers_or_its_largest_init_container() -> None:
    spec = {
        "containers": [
            {"resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}},
            {"resources": {"limits": {"cpu": "1", "memory": "64Mi"}}},
            {},
        ],
        "initContainers": [{"resources": {"requests": {"memory": "1Gi"}}}],
    }
    assert requests({"spec": spec}) == (1100, 2**30)


def test_a_daemonset_has_as_many_pods_as_there_are_nodes() -> None:
    (found,) = workloads(split(pod("[]").replace("kind: Deployment", "kind: DaemonSet")))
    assert isinstance(found.replicas, Unknown)


def test_secret_values_come_from_secrets_and_from_variables_named_like_one() -> None:
    secret = """
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {redisPass: hunter2, TYK_MODE: ce, note: "a long text that nobody knows"}
data: {token: c2VjcmV0LXRva2Vu}
"""
    variables = pod("[{name: a, env: [{name: API_KEY, value: k-123}, {name: LOGLEVEL, value: debug}]}]")
    found = secret_values(split(secret + "---" + variables))
    assert found == ("hunter2", "a long text that nobody knows", "secret-token", "k-123")
