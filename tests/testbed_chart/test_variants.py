"""What each version of the test chart does with the values that upgrades turn on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from testbed.chart import package
from tests.testbed_chart.manifests import Render, env, gateway_container, objects

VERSIONS = [release.version for release in package.releases()]

pytestmark = pytest.mark.helm


@pytest.mark.parametrize("chart", package.CHARTS)
@pytest.mark.parametrize("version", VERSIONS)
def test_lints_without_a_failure(
    run_helm: Callable[..., str], charts: Path, version: str, chart: str
) -> None:
    assert "1 chart(s) linted, 0 chart(s) failed" in run_helm(
        "lint", "--strict", charts / f"{chart}-{version}.tgz"
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_component_alone_has_the_same_gateway_objects(render: Render, version: str) -> None:
    umbrella, alone = objects(render(version)), objects(render(version, chart="tyk-gateway"))
    assert set(alone) == {name for name in umbrella if name.endswith("-prod-tyk-gateway")}


@pytest.mark.parametrize(
    ("version", "key", "rendered"),
    [
        ("2.2.0", "tyk-gateway.gateway.log.level=debug", {"TYK_GW_LOGLEVEL": "debug"}),
        (
            "2.0.0",
            "tyk-gateway.gateway.enableStrictRoutes=false",
            {"TYK_GW_HTTPSERVEROPTIONS_ENABLESTRICTROUTES": "false"},
        ),
        (
            "5.3.0",
            "tyk-gateway.gateway.httpsServerOptions.xffDepth=2",
            {"TYK_GW_HTTPSERVEROPTIONS_XFFDEPTH": "2"},
        ),
        (
            "5.3.0",
            "tyk-gateway.gateway.httpsServerOptions.xffDepth=0",
            {"TYK_GW_HTTPSERVEROPTIONS_XFFDEPTH": "1"},
        ),
        ("1.3.0", "global.redis.sslMinVersion=1.3", {"TYK_GW_STORAGE_MINVERSION": "1.3"}),
        ("5.3.0", "global.redis.tlsMinVersion=1.3", {"TYK_GW_STORAGE_TLSMINVERSION": "1.3"}),
        ("5.3.0", "global.components.pump=true", {"TYK_GW_ENABLEANALYTICS": "true"}),
        ("5.3.0", "global.redis.addrs={a:6379,b:6379}", {"TYK_GW_STORAGE_ADDRS": "a:6379,b:6379"}),
        ("5.3.0", "global.hashKeys=false", {"TYK_GW_HASHKEYS": "false"}),
    ],
)
def test_value_reaches_the_environment(
    render: Render, version: str, key: str, rendered: dict[str, str]
) -> None:
    assert rendered.items() <= env(gateway_container(render(version, "--set", key))).items()


@pytest.mark.parametrize(
    ("version", "key"),
    [
        ("1.6.0", "tyk-gateway.gateway.enableStrictRoutes=true"),
        ("2.0.0", "tyk-gateway.gateway.log.level=debug"),
        ("2.0.0", "tyk-gateway.gateway.livenessProbe.periodSeconds=7"),
        ("4.0.0", "tyk-gateway.gateway.httpsServerOptions.xffDepth=2"),
        ("5.3.0", "global.redis.sslMinVersion=1.3"),
        ("5.3.0", "tyk-gateway.gateway.lifecycle.preStop.sleep.seconds=5"),
    ],
)
def test_value_of_another_version_is_ignored_silently(render: Render, version: str, key: str) -> None:
    assert render(version, "--set", key) == render(version)


def test_duplicate_of_an_environment_name_comes_last(render: Render) -> None:
    extra = ["--set", "tyk-gateway.gateway.extraEnvs[0].name=TYK_GW_LOGLEVEL", "--set"]
    container = gateway_container(render("5.3.0", *extra, "tyk-gateway.gateway.extraEnvs[0].value=debug"))
    assert [e["value"] for e in container["env"] if e["name"] == "TYK_GW_LOGLEVEL"] == ["info", "debug"]


def test_password_comes_from_the_users_secret(render: Render) -> None:
    flags = ["--set", "global.redis.passSecret.name=mine,global.redis.passSecret.keyName=word"]
    source = env(gateway_container(render("5.3.0", *flags)))["TYK_GW_STORAGE_PASSWORD"]
    assert source == {"secretKeyRef": {"name": "mine", "key": "word"}}


def test_api_secret_of_the_user_is_not_written_again(render: Render) -> None:
    found = render("5.3.0", "--set", "global.secrets.useSecretName=mine,operatorSecret.enabled=false")
    assert "APISecret" not in objects(found)["Secret/secrets-prod-tyk-gateway"]["stringData"]
    assert env(gateway_container(found))["TYK_GW_SECRET"] == {
        "secretKeyRef": {"name": "mine", "key": "APISecret"}
    }


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_each_kind_has_its_own_update_strategy(render: Render, kind: str) -> None:
    found = objects(render("5.3.0", "--set", f"tyk-gateway.gateway.kind={kind}"))
    spec = found[f"{kind}/gateway-prod-tyk-gateway"]["spec"]
    strategy = spec["strategy" if kind == "Deployment" else "updateStrategy"]
    assert strategy["rollingUpdate"]["maxUnavailable"] == 1
    assert ("replicas" in spec) == ("maxSurge" in strategy["rollingUpdate"]) == (kind == "Deployment")


def test_health_is_asked_on_the_control_port(render: Render) -> None:
    container = gateway_container(render("5.3.0", "--set", "tyk-gateway.gateway.control.enabled=true"))
    assert container["livenessProbe"]["httpGet"] == {"scheme": "HTTP", "path": "/hello", "port": 9696}


def test_probe_of_the_user_replaces_ours(render: Render) -> None:
    key = "tyk-gateway.gateway.readinessProbe.httpGet.path=/ready"
    assert gateway_container(render("2.2.0", "--set", key))["readinessProbe"] == {
        "httpGet": {"path": "/ready"}
    }


def test_next_chart_has_no_user_but_still_asks_for_one(render: Render) -> None:
    pod = objects(render("5.4.0"))["Deployment/gateway-prod-tyk-gateway"]["spec"]["template"]["spec"]
    for context in (pod["securityContext"], pod["containers"][0]["securityContext"]):
        assert "runAsUser" not in context
        assert context["runAsNonRoot"] is True
    assert pod["initContainers"][0]["securityContext"]["runAsUser"] == 65532


def test_next_chart_can_upgrade_without_losing_requests(render: Render, tmp_path: Path) -> None:
    values = {
        "replicaCount": 2,
        "lifecycle": {"preStop": {"sleep": {"seconds": 10}}},
        "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "terminationGracePeriodSeconds": 60,
    }
    (tmp_path / "values.yaml").write_text(yaml.safe_dump({"tyk-gateway": {"gateway": values}}))
    found = objects(render("5.4.0", "-f", tmp_path / "values.yaml"))
    spec = found["Deployment/gateway-prod-tyk-gateway"]["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] == 60
    assert spec["template"]["spec"]["containers"][0]["lifecycle"] == {"preStop": {"sleep": {"seconds": 10}}}


def test_optional_objects_appear_when_asked_for(render: Render) -> None:
    parts = ("pdb", "autoscaling", "ingress", "control", "control.ingress")
    sets = [flag for part in parts for flag in ("--set", f"tyk-gateway.gateway.{part}.enabled=true")]
    pump = "tyk-pump.pump.service.enabled=true,global.components.pump=true"
    found = set(objects(render("5.3.0", *sets, "--set", pump)))
    assert {
        "PodDisruptionBudget/gateway-prod-tyk-gateway",
        "HorizontalPodAutoscaler/gateway-prod-tyk-gateway",
        "Ingress/prod-tyk-gateway",
        "Ingress/prod-tyk-gateway-control",
        "Service/gateway-control-svc-prod-tyk-gateway",
        "Service/pump-svc-prod-tyk-pump",
    } <= found
