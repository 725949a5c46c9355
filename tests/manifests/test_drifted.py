"""Which live fields differ from what a manifest sets, and who set them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from helm_tyk_upgrade.manifests.drifted import drifted
from helm_tyk_upgrade.manifests.managed_fields import by_name, owners
from helm_tyk_upgrade.model.change import ABSENT


def deployment(**container: Any) -> dict[str, Any]:
    box = {
        "name": "gateway",
        "image": "tyk-gateway:v5.3.8",
        "env": [{"name": "A", "value": "1"}],
        "ports": [{"containerPort": 8080}],
        "resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}},
        "args": ["--a"],
    } | container
    return {"kind": "Deployment", "spec": {"replicas": 1, "template": {"spec": {"containers": [box]}}}}


def paths(stored: dict[str, Any], live: dict[str, Any], applied: dict[str, Any] | None = None) -> list[str]:
    return [field.change.path for field in drifted(stored, live, applied or {})]


def served(**container: Any) -> dict[str, Any]:
    """As the server keeps it: with defaults, its own words for quantities, an injected sidecar and a status."""
    live = deployment(
        **{
            "ports": [{"containerPort": 8080, "protocol": "TCP"}],
            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
            "imagePullPolicy": "IfNotPresent",
        }
        | container
    )
    live["metadata"] = {"uid": "1", "annotations": {"deployment.kubernetes.io/revision": "4"}}
    live["spec"]["progressDeadlineSeconds"] = 600
    live["spec"]["template"]["spec"]["containers"].insert(0, {"name": "istio-proxy", "image": "istio"})
    live["status"] = {"replicas": 1}
    return live


def test_defaults_quantities_sidecars_and_status_are_no_drift() -> None:
    assert paths(deployment(), served()) == []
    assert paths(deployment(), served(), served()) == []


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"image": "tyk-gateway:v5.3.9"}, "image"),
        ({"env": [{"name": "X", "value": "added"}, {"name": "A", "value": "2"}]}, "env[A].value"),
        ({"env": []}, "env[A]"),
        ({"args": ["--a", "--b"]}, "args[1]"),
        ({"resources": {"limits": {"cpu": "2", "memory": "1Gi"}}}, "resources.limits.cpu"),
    ],
)
@pytest.mark.parametrize("told", [True, False])
def test_a_field_that_somebody_changed_is_found(changed: dict[str, Any], found: str, told: bool) -> None:
    live = served(**changed)
    assert paths(deployment(), live, served() if told else {}) == [
        f"spec.template.spec.containers[gateway].{found}"
    ]


@pytest.mark.parametrize(
    ("stored", "live"),
    [
        ({"spec": {"hostNetwork": False, "x": None, "y": {}, "z": "", "n": 0}}, {"spec": {}}),
        ({"data": {"port": 8080}}, {"data": {"port": "8080"}}),
        ({"metadata": {"labels": {"helm.sh/chart": "a-1"}}}, {"metadata": {"labels": {"helm.sh/chart": "a-2"}}}),
        ({"webhooks": [{"name": "w", "clientConfig": {"caBundle": "Cg=="}}]},
         {"webhooks": [{"name": "w", "clientConfig": {"caBundle": "aW5qZWN0ZWQ="}}]}),
        ({"kind": "Secret", "stringData": {"a": "b"}}, {"kind": "Secret", "data": {"a": "Yg=="}}),
        ({"apiVersion": "policy/v1beta1", "kind": "X"}, {"apiVersion": "policy/v1", "kind": "X"}),
    ],
)  # fmt: skip
def test_what_is_nobodys_change(stored: dict[str, Any], live: dict[str, Any]) -> None:
    assert paths(stored, live) == []


@pytest.mark.parametrize(
    ("stored", "live", "path"),
    [
        ({"data": {"a": "1000"}}, {"data": {"a": "1k"}}, "data.a"),
        ({"spec": {"on": True}}, {"spec": {"on": False}}, "spec.on"),
        ({"spec": {"on": True}}, {"spec": {}}, "spec.on"),
        (
            {"kind": "Secret", "stringData": {"a": "b"}},
            {"kind": "Secret", "data": {"a": base64.b64encode(b"c").decode()}},
            "data.a",
        ),
    ],
)
def test_what_only_looks_alike(stored: dict[str, Any], live: dict[str, Any], path: str) -> None:
    assert paths(stored, live) == [path]


MANAGED = [
    {
        "manager": "helm", "operation": "Apply", "time": "2026-01-01T00:00:00Z",
        "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {
            'k:{"name":"gateway"}': {".": {}, "f:name": {}, "f:args": {}, "f:env": {'k:{"name":"A"}': {"f:name": {}}}}
        }}}}},
    },
    {
        "manager": "kubectl-edit", "operation": "Update", "time": "2026-02-01T00:00:00Z",
        "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {
            'k:{"name":"gateway"}': {"f:env": {'k:{"name":"A"}': {"f:value": {}}}, "f:ports": {
                'k:{"containerPort":8080,"protocol":"TCP"}': {"f:name": {}}}}
        }}}}},
    },
    {
        "manager": "kube-controller-manager", "operation": "Update", "subresource": "scale",
        "time": "2026-03-01T00:00:00Z", "fieldsV1": {"f:spec": {"f:replicas": {}}},
    },
    {"manager": "broken", "operation": "Update", "fieldsV1": {"f:spec": {"f:x": {"k:{": {}}}}},
]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "manager"),
    [
        ({"env": [{"name": "A", "value": "2"}]}, "kubectl-edit"),
        ({"args": ["--b"]}, "helm"),
        ({"ports": [{"containerPort": 8080, "name": "web", "protocol": "TCP"}]}, "kubectl-edit"),
    ],
)
def test_who_set_a_field(changed: dict[str, Any], manager: str) -> None:
    live = served(**changed) | {"metadata": {"managedFields": MANAGED}}
    stored = deployment(ports=[{"containerPort": 8080, "name": "http"}])
    (field,) = [found for found in drifted(stored, live, {}) if next(iter(changed)) in found.change.path]
    assert owners(live, field.place)[0].manager == manager


def test_a_field_that_is_gone_has_no_place() -> None:
    live = served(env=[])
    (field,) = drifted(deployment(), live, {})
    assert field.change.new is ABSENT
    assert field.place == ()


def test_an_autoscaler_is_known_by_its_subresource() -> None:
    live = {"metadata": {"managedFields": MANAGED}}
    (owner,) = owners(live, ("spec", "replicas"))
    assert owner.autoscaler
    edit = by_name(live, "kubectl-edit")
    assert edit is not None
    assert not edit.autoscaler
    assert by_name(live, "nobody") is None
    assert owners({}, ("spec",)) == ()
