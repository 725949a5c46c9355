"""Ports, paths and promises of a gateway from its pod template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.gateway.environment import Elsewhere, environment_of
from helm_tyk_upgrade.gateway.spec import (
    find_gateways,
    gateway_container,
    gateway_spec,
    image_tag,
    in_emptydir,
)
from helm_tyk_upgrade.helmyaml import manifests
from helm_tyk_upgrade.model.gateway import GatewaySpec, SecretRef

CHARTS = ["1.0.0", "1.3.0", "1.6.0", "2.0.0", "2.2.0", "3.0.0", "4.0.0", "4.1.1", "5.0.0", "5.1.1", "5.3.0"]


def pod(*env: dict[str, Any], **container: Any) -> dict[str, Any]:
    described = {"name": "gateway-tyk-gateway", "image": "tyk-gateway:v5.8.1", "env": list(env)} | container
    return {"containers": [described]}


def var(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value}


def from_map(name: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}}


def spec_of(*env: dict[str, Any], **container: Any) -> GatewaySpec:
    found = gateway_spec(pod(*env, **container))
    assert found is not None
    return found


class TestPublishedCharts:
    @pytest.fixture
    def read(self, shared: Path) -> Any:
        def one(version: str, values: str) -> tuple[str, GatewaySpec]:
            path = shared / "corpus" / "manifests" / f"tyk-oss-{version}-{values}.yaml"
            [(item, spec)] = find_gateways(found.object for found in manifests(path.read_bytes()))
            return str(item["kind"]), spec

        return one

    @pytest.mark.parametrize("version", CHARTS)
    def test_defaults(self, read: Any, version: str) -> None:
        kind, spec = read(version, "default")
        assert (kind, spec.container) == ("Deployment", "gateway-tyk-gateway")
        assert (spec.probe_port, spec.control_port, spec.scheme) == (8080, None, "http")
        assert (spec.health_path, spec.readiness_path) == ("/hello", "/ready")
        assert spec.secret == SecretRef("secrets-prod-tyk-gateway", "APISecret")
        assert spec.version == spec.tag.removeprefix("v") != ""
        assert (spec.app_path, spec.apps_in_emptydir) == ("/mnt/tyk-gateway/apps", True)
        assert (spec.policy_path, spec.policies_in_emptydir) == ("/mnt/tyk-gateway/policies", True)
        assert spec.unread == ()

    @pytest.mark.parametrize("version", CHARTS)
    def test_control_port_and_a_renamed_health_path(self, read: Any, version: str) -> None:
        _, spec = read(version, "full")
        assert (spec.listen_port, spec.control_port, spec.probe_port) == (8080, 9696, 9696)
        assert spec.health_path == "/health"
        assert spec.log_level == "debug"  # the user's entry comes after the chart's own

    @pytest.mark.parametrize("version", CHARTS)
    def test_tls_in_a_stateful_set(self, read: Any, version: str) -> None:
        kind, spec = read(version, "tls")
        assert (kind, spec.scheme, spec.version) == ("StatefulSet", "https", "5.8.1")


class TestVariables:
    def test_the_last_entry_of_a_name_wins(self) -> None:
        assert spec_of(var("TYK_GW_LISTENPORT", "1"), var("TYK_GW_LISTENPORT", "2")).listen_port == 2

    def test_a_later_reference_hides_an_earlier_text(self) -> None:
        spec = spec_of(var("TYK_GW_LISTENPORT", "1"), from_map("TYK_GW_LISTENPORT"))
        assert (spec.listen_port, spec.unread) == (8080, ("TYK_GW_LISTENPORT",))

    def test_what_an_import_may_define_is_unread(self) -> None:
        spec = spec_of(var("TYK_GW_LISTENPORT", "1"), envFrom=[{"configMapRef": {"name": "m"}}])
        assert "TYK_GW_CONTROLAPIPORT" in spec.unread
        assert "TYK_GW_LISTENPORT" not in spec.unread

    @pytest.mark.parametrize(
        ("text", "value"),
        [("$(A)-$(B)", "1-$(B)"), ("$$(A)", "$(A)"), ("$A", "$A"), ("$(A)$(A)", "11"), ("100$", "100$")],
    )
    def test_references_to_earlier_variables(self, text: str, value: str) -> None:
        env = [var("A", "1"), var("X", text), var("B", "2")]
        assert environment_of({"env": env}).variables["X"] == value

    def test_a_reference_to_something_hidden_is_hidden(self) -> None:
        env = [from_map("A"), var("X", "http://$(A)")]
        assert environment_of({"env": env}).variables["X"] == Elsewhere()

    @pytest.mark.parametrize("text", ["true", "1", "T", "TRUE"])
    def test_flags_are_read_as_go_reads_them(self, text: str) -> None:
        assert spec_of(var("TYK_GW_HTTPSERVEROPTIONS_USESSL", text)).tls
        assert spec_of(var("TYK_GW_SECURITY_CONTROLAPIUSEMUTUALTLS", text)).mutual_tls

    @pytest.mark.parametrize("text", ["false", "0", "", "yes", "on"])
    def test_other_texts_are_no_flag(self, text: str) -> None:
        assert not spec_of(var("TYK_GW_HTTPSERVEROPTIONS_USESSL", text)).tls

    @pytest.mark.parametrize(
        ("name", "path"), [("hello", "/hello"), ("/live/", "/live"), ("", "/hello"), ("a/b", "/a/b")]
    )
    def test_health_path(self, name: str, path: str) -> None:
        assert spec_of(var("TYK_GW_HEALTHCHECKENDPOINTNAME", name)).health_path == path

    @pytest.mark.parametrize("text", ["0", "", "none"])
    def test_a_port_that_is_none_is_the_default(self, text: str) -> None:
        spec = spec_of(var("TYK_GW_LISTENPORT", text), var("TYK_GW_CONTROLAPIPORT", text))
        assert (spec.listen_port, spec.control_port) == (8080, None)

    def test_a_plain_secret_is_kept_out_of_the_records_text(self) -> None:
        spec = spec_of(var("TYK_GW_SECRET", "canary"))
        assert spec.secret == "canary"
        assert "canary" not in repr(spec)


class TestContainers:
    def test_the_charts_name_wins_over_sidecars(self) -> None:
        sidecar = {"name": "side", "image": "tyk-gateway:v1", "env": [var("TYK_GW_A", "1")]}
        assert gateway_container({"containers": [sidecar, *pod()["containers"]]}) == pod()["containers"][0]

    def test_another_name_is_found_by_image_then_by_variables(self) -> None:
        proxy = {"name": "proxy", "image": "envoy:1"}
        by_image = {"name": "gw", "image": "registry.example.com:5000/tyk/tyk-gateway-ee:v5.8.1@sha256:ab"}
        by_variables = {"name": "gw", "image": "company/api:7", "env": [var("TYK_GW_LISTENPORT", "1")]}
        assert gateway_container({"containers": [proxy, by_image]}) == by_image
        assert gateway_container({"containers": [proxy, by_variables]}) == by_variables

    @pytest.mark.parametrize(
        "image", ["tykio/tyk-pump:v1", "nginx:1", "tyk-gateway-tools:1", "my-tyk-gateway-x:1"]
    )
    def test_other_pods_have_none(self, image: str) -> None:
        assert gateway_spec({"containers": [{"name": "c", "image": image}]}) is None
        assert gateway_spec({}) is None

    def test_objects_without_pods_are_left_out(self) -> None:
        assert (
            find_gateways([{"kind": "Service"}, {"kind": "Deployment"}, {"kind": "Deployment", "spec": {}}])
            == []
        )

    @pytest.mark.parametrize(
        ("image", "tag", "version"),
        [
            ("docker.tyk.io/tyk-gateway/tyk-gateway:v5.13.1", "v5.13.1", "5.13.1"),
            ("localhost:5000/tyk-gateway:v5.13.1", "v5.13.1", "5.13.1"),
            ("localhost:5000/tyk-gateway", "", ""),
            ("tyk-gateway:v5.13.1@sha256:abc", "v5.13.1", "5.13.1"),
            ("tyk-gateway@sha256:abc", "", ""),
            ("tyk-gateway:v5.13", "v5.13", ""),
            ("tyk-gateway:company-7", "company-7", ""),
            ("tyk-gateway:v5.13.2-rc1", "v5.13.2-rc1", "5.13.2-rc1"),
        ],
    )
    def test_tags_and_what_they_stand_for(self, image: str, tag: str, version: str) -> None:
        assert image_tag(image) == tag
        assert spec_of(image=image).version == version


class TestEmptyDir:
    MOUNTS = [
        {"name": "scratch", "mountPath": "/mnt/tyk-gateway/"},
        {"name": "kept", "mountPath": "/mnt/tyk-gateway/apps"},
    ]
    VOLUMES = [
        {"name": "scratch", "emptyDir": {}},
        {"name": "kept", "persistentVolumeClaim": {"claimName": "c"}},
    ]

    @pytest.mark.parametrize(
        ("path", "lost"),
        [
            ("/mnt/tyk-gateway/policies", True),
            ("/mnt/tyk-gateway/apps", False),
            ("/mnt/tyk-gateway/apps/deep", False),
            ("/mnt/tyk-gateway/apps-other", True),
            ("/opt/tyk-gateway/apps", True),
            ("", False),
        ],
    )
    def test_the_innermost_mount_decides(self, path: str, lost: bool) -> None:
        assert in_emptydir({"volumes": self.VOLUMES}, {"volumeMounts": self.MOUNTS}, path) is lost

    def test_a_mount_without_a_volume_is_a_claim_of_the_stateful_set(self) -> None:
        assert not in_emptydir({}, {"volumeMounts": self.MOUNTS}, "/mnt/tyk-gateway/apps")
