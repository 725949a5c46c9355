"""Which workload is the gateway: the same answer whatever else has Tyk's variables."""

from __future__ import annotations

from typing import Any

from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.targets.gateway_pods import gateway_objects, gateway_workload, gateway_workloads
from tests.targets.build import gateway_manifest


def deployment(name: str, container: str, image: str, *variables: str, hook: str = "") -> str:
    env = ", ".join(f"{{name: {variable}, value: x}}" for variable in variables)
    annotations = f"{{helm.sh/hook: {hook}}}" if hook else "{}"
    return f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, annotations: {annotations}}}
spec:
  replicas: 3
  template:
    spec:
      containers: [{{name: {container}, image: "{image}", env: [{env}]}}]
"""


def chosen(*parts: str) -> list[str]:
    return [found.ref.name for found in gateway_workloads(split("---\n".join(parts)), "apis")]


PORTAL = deployment("a-portal", "portal", "tyk-portal:1", "TYK_GW_SECRET")


def test_another_component_with_a_gateway_variable_is_not_the_gateway() -> None:
    assert chosen(PORTAL, gateway_manifest()) == ["gateway-tyk"]
    assert chosen(PORTAL, deployment("b", "api", "registry:5000/tyk-gateway-ee:v5.9.1")) == ["b"]


def test_the_containers_name_is_surer_than_the_image() -> None:
    aliased = deployment("a-edge", "gateway-edge", "tyk-gateway:v5.9.1")
    assert chosen(aliased, gateway_manifest()) == ["gateway-tyk", "a-edge"]


def test_where_only_variables_tell_the_one_with_most_is_taken() -> None:
    own = deployment("own", "api", "company/edge:7", "TYK_GW_SECRET", "TYK_GW_LISTENPORT", "TYK_GW_APPPATH")
    assert chosen(PORTAL, own) == ["own"]


def test_a_hook_and_a_manifest_without_one_have_no_gateway() -> None:
    hook = deployment("test", "gateway-tyk-gateway", "tyk-gateway:v5.9.1", hook="test")
    assert chosen(hook) == []
    assert gateway_workload(split("kind: ConfigMap\n"), "apis") is None


def test_the_checks_are_told_replicas_and_place() -> None:
    found: Any = gateway_objects(split(deployment("g", "gateway-tyk-gateway", "tyk-gateway:v5.9.1")), "apis")
    assert [(str(one), one.replicas, one.in_emptydir) for one in found] == [
        ("Deployment apis/g", Known(3), False)
    ]
