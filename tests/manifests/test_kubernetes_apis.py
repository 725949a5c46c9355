"""Removed, deprecated and unrecorded API versions, on either side of an upgrade."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helm_tyk_upgrade.manifests import kubernetes_apis
from helm_tyk_upgrade.manifests.kubernetes_apis import old_apis, parse_version
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown

DATA = Path(kubernetes_apis.__file__).parent / "data" / "kubernetes-apis.json"


def made(api: str, kind: str, hook: str = "") -> str:
    notes = f", annotations: {{helm.sh/hook: '{hook}'}}" if hook else ""
    return f"---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: x{notes}}}\n"


def states(stored: str, new: str, version: str) -> list[tuple[bool, str, str, str]]:
    found = old_apis(split(stored), split(new), Known(version))
    assert isinstance(found, Known)
    return [(api.stored, api.state, api.version, api.instead) for api in found.value]


@pytest.mark.parametrize(
    ("api", "kind", "version", "expected"),
    [
        ("policy/v1beta1", "PodDisruptionBudget", "1.34.4", ("removed", "1.25", "policy/v1")),
        ("policy/v1beta1", "PodDisruptionBudget", "1.25.0", ("removed", "1.25", "policy/v1")),
        ("policy/v1beta1", "PodDisruptionBudget", "1.24.17", ("deprecated", "1.21", "policy/v1")),
        ("policy/v1beta1", "PodSecurityPolicy", "1.34.4", ("removed", "1.25", "")),
        ("extensions/v1beta1", "Ingress", "v1.22.0+k3s1", ("removed", "1.22", "networking.k8s.io/v1")),
        ("extensions/v1beta1", "Deployment", "1.16", ("removed", "1.16", "apps/v1")),
        ("apps/v1beta2", "StatefulSet", "1.34.4", ("removed", "1.16", "apps/v1")),
        ("batch/v1beta1", "CronJob", "1.34.4", ("removed", "1.25", "batch/v1")),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.34.4", ("removed", "1.26", "autoscaling/v2")),
        (
            "autoscaling/v2beta1",
            "HorizontalPodAutoscaler",
            "1.24.0",
            ("deprecated", "1.22", "autoscaling/v2"),
        ),
        ("v1", "Endpoints", "1.34.4", ("deprecated", "1.33", "discovery.k8s.io/v1")),
        # Planned when the records were made, so no fact for a newer cluster.
        ("resource.k8s.io/v1beta1", "DeviceClass", "1.38.0", ("unrecorded", "1.34", "resource.k8s.io/v1")),
        ("apps/v1beta9", "Deployment", "1.34.4", ("unrecorded", "1.34", "")),
    ],
)
def test_what_a_version_of_kubernetes_says_of_an_api(
    api: str, kind: str, version: str, expected: tuple[str, str, str]
) -> None:
    assert states(made(api, kind), "", version) == [(True, *expected)]
    assert states("", made(api, kind), version) == [(False, *expected)]


@pytest.mark.parametrize(
    ("api", "kind", "version"),
    [
        ("apps/v1", "Deployment", "1.34.4"),
        ("apps/v1", "Deployment", "1.99.0"),  # a stable version stays as long as the major
        ("v1", "Service", "1.34.4"),
        ("policy/v1beta1", "PodDisruptionBudget", "1.20.0"),
        ("resource.k8s.io/v1beta1", "DeviceClass", "1.34.4"),
        ("cert-manager.io/v1alpha2", "Certificate", "1.34.4"),  # no API of Kubernetes itself
        ("gateway.networking.k8s.io/v1beta1", "HTTPRoute", "1.34.4"),
    ],
)
def test_left_alone(api: str, kind: str, version: str) -> None:
    assert states(made(api, kind), made(api, kind), version) == []


def test_only_the_hooks_that_would_run_count() -> None:
    old = "batch/v1beta1", "CronJob"
    stored = "".join(made(*old, hook) for hook in ("pre-upgrade", "test", "post-rollback"))
    new = "".join(made(*old, hook) for hook in ("pre-rollback", "test", "post-upgrade,post-install"))
    assert [found[:2] for found in states(stored, new, "1.34.4")] == [(True, "removed"), (False, "removed")]


@pytest.mark.parametrize("version", [Unknown("no right to ask"), Known("development")])
def test_without_a_version_nothing_is_known(version: Maybe[str]) -> None:
    found = old_apis(split(made("policy/v1beta1", "PodDisruptionBudget")), (), version)
    assert isinstance(found, Unknown)
    assert found.reason


@pytest.mark.parametrize(
    ("text", "version"),
    [("v1.34.4", (1, 34)), ("1.30.1-eks-abc", (1, 30)), ("1.9", (1, 9)), ("dev", None), ("", None)],
)
def test_versions_as_providers_write_them(text: str, version: tuple[int, int] | None) -> None:
    assert parse_version(text) == version


def test_the_records_are_whole() -> None:
    data = json.loads(DATA.read_text())
    pairs = [(row["api"], kind) for row in data["apis"] for kind in row["kinds"]]
    assert len(pairs) == len(set(pairs)) > 80
    for row in data["apis"]:
        deprecated, removed = parse_version(row["deprecated"]), parse_version(row["removed"])
        assert deprecated is not None, row
        assert removed is None or deprecated <= removed, row
        assert row["instead"] != row["api"], row
        group = row["api"].rpartition("/")[0]
        assert group == "" or group in data["groups"] or group == "settings.k8s.io", row
