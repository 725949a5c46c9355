"""What of a gateway's configuration is kept, and what is left out with a word."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.model.gateway import GatewaySpec
from helm_tyk_upgrade.model.pods import WorkloadRef
from helm_tyk_upgrade.targets.gateway_config import (
    CONF,
    ENVIRONMENT,
    GatewayConfig,
    conf_path,
    gateway_config,
)
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload
from tests.targets.build import ScriptedCluster, TestDoors

GATEWAY = GatewayWorkload(
    WorkloadRef("Deployment", "apis", "gw"), GatewaySpec("gateway-tyk-gateway", "tyk-gateway:v5")
)
MOUNTED = {
    "volumeMounts": [{"name": "conf", "mountPath": "/opt/tyk-gateway/tyk.conf", "subPath": "tyk.conf"}]
}


def found(
    container: dict[str, Any], volumes: list[dict[str, Any]] | None = None, **objects: Any
) -> GatewayConfig:
    pod = {"containers": [{"name": "gateway-tyk-gateway", **container}], "volumes": volumes or []}
    live = {("Deployment", "gw"): {"spec": {"template": {"spec": pod}}}}
    cluster = ScriptedCluster(
        {**live, **{(name.split("_")[0], name.split("_")[1]): one for name, one in objects.items()}}
    )
    return gateway_config(TestDoors(cluster), GATEWAY)


def environment(config: GatewayConfig) -> dict[str, Any]:
    data = next(file.data for file in config.files if file.name == ENVIRONMENT)
    value = json.loads(data)
    return {entry["name"]: entry for entry in value["environment"]} | {"from": value["environmentFrom"]}


def conf(config: GatewayConfig) -> bytes | None:
    return next((file.data for file in config.files if file.name == CONF), None)


def test_values_are_kept_and_secrets_only_by_where_they_are() -> None:
    reference = {"secretKeyRef": {"name": "secrets-tyk", "key": "APISecret"}}
    config = found(
        {
            "env": [
                {"name": "TYK_GW_LISTENPORT", "value": "8080"},
                {"name": "TYK_GW_SECRET", "valueFrom": reference},
                {"name": "TYK_GW_STORAGE_PASSWORD", "value": "c4n4ry"},
                {
                    "name": "TYK_GW_APPPATH",
                    "valueFrom": {"configMapKeyRef": {"name": "paths", "key": "apps"}},
                },
                {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            ]
        },
        ConfigMap_paths={"data": {"apps": "/mnt/apps"}},
    )
    entries = environment(config)
    assert entries["TYK_GW_LISTENPORT"]["value"] == "8080"
    assert entries["TYK_GW_SECRET"] == {"name": "TYK_GW_SECRET", "from": reference}
    assert "value" not in entries["TYK_GW_STORAGE_PASSWORD"]
    assert entries["TYK_GW_APPPATH"]["value"] == "/mnt/apps"
    assert entries["POD"]["from"] == {"fieldRef": {"fieldPath": "metadata.name"}}
    assert not any(b"c4n4ry" in file.data for file in config.files)
    assert "the value of TYK_GW_STORAGE_PASSWORD: a secret, in release/manifest.yaml" in config.left_out
    assert config.missing == ()


def test_imported_variables_are_those_of_config_maps() -> None:
    sources = [{"configMapRef": {"name": "more"}}, {"secretRef": {"name": "hidden"}}]
    config = found(
        {"envFrom": sources}, ConfigMap_more={"data": {"TYK_GW_LOGLEVEL": "info", "TYK_GW_SECRET": "c4n4ry"}}
    )
    assert environment(config)["from"] == [
        {"configMapRef": {"name": "more"}, "values": {"TYK_GW_LOGLEVEL": "info"}},
        {"secretRef": {"name": "hidden"}},
    ]


def test_what_may_not_be_read_is_missing_with_the_reason() -> None:
    reference = {"configMapKeyRef": {"name": "paths", "key": "apps"}}
    config = found(
        {"env": [{"name": "TYK_GW_APPPATH", "valueFrom": reference}]},
        ConfigMap_paths=ClusterError("configmaps is forbidden"),
    )
    assert config.missing == ("the value of TYK_GW_APPPATH: configmaps is forbidden",)


@pytest.mark.parametrize(
    ("volume", "objects"),
    [
        ({"configMap": {"name": "c"}}, {"ConfigMap_c": {"data": {"tyk.conf": "{}"}}}),
        (
            {"configMap": {"name": "c"}},
            {"ConfigMap_c": {"binaryData": {"tyk.conf": base64.b64encode(b"{}").decode()}}},
        ),
        (
            {"secret": {"secretName": "s"}},
            {"Secret_s": {"data": {"tyk.conf": base64.b64encode(b"{}").decode()}}},
        ),
        (
            {"configMap": {"name": "c", "items": [{"key": "gateway", "path": "tyk.conf"}]}},
            {"ConfigMap_c": {"data": {"gateway": "{}"}}},
        ),
        (
            {
                "projected": {
                    "sources": [{"secret": {"name": "x", "items": []}}, {"configMap": {"name": "c"}}]
                }
            },
            {"Secret_x": {"data": {}}, "ConfigMap_c": {"data": {"tyk.conf": "{}"}}},
        ),
    ],
)
def test_a_mounted_tyk_conf_is_kept(volume: dict[str, Any], objects: dict[str, Any]) -> None:
    config = found(MOUNTED, [{"name": "conf", **volume}], **objects)
    assert conf(config) == b"{}"


def test_a_tyk_conf_in_the_image_or_elsewhere_is_left_out_with_a_word() -> None:
    assert found({}).left_out == ("/opt/tyk-gateway/tyk.conf: it is in the image, nothing is mounted there",)
    config = found(MOUNTED, [{"name": "conf", "hostPath": {"path": "/etc"}}])
    assert config.left_out == ("/opt/tyk-gateway/tyk.conf: it is in no ConfigMap or Secret",)
    assert conf(config) is None


@pytest.mark.parametrize(
    ("container", "path"),
    [
        ({}, "/opt/tyk-gateway/tyk.conf"),
        ({"args": ["--conf=/etc/tyk/gw.conf"]}, "/etc/tyk/gw.conf"),
        ({"command": ["/opt/tyk", "--conf", "conf/gw.conf"]}, "/opt/tyk-gateway/conf/gw.conf"),
        ({"args": ["--conf", "gw.conf"], "workingDir": "/srv"}, "/srv/gw.conf"),
        ({"args": ["--conf"]}, "/opt/tyk-gateway/tyk.conf"),
    ],
)
def test_where_the_gateway_looks(container: dict[str, Any], path: str) -> None:
    assert conf_path(container) == path
