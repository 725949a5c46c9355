"""Go plugins of a real release: found in what the gateway serves, their files in a ConfigMap, tried by a Job."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import pytest

from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.gateway import ApiDefinition
from helm_tyk_upgrade.model.knowledge import GoPlugins
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.targets.baseline import read_baseline
from helm_tyk_upgrade.targets.gateway_pods import gateway_workload
from helm_tyk_upgrade.targets.plugins import Move, plugins
from tests.conftest import KUBECONFIG
from tests.live.conftest import NewSite
from tests.live.harness import DEPLOYMENT, Site, wait_for
from tests.live.test_apis import api, inventories

STREAMS = Streams(sys.stdin, sys.stdout, sys.stderr)
ELF = base64.b64encode(b"\x7fELF a stand-in for a shared object").decode()
READY, MISSING, BUNDLE = "/opt/plugins/auth.so", "/opt/plugins/audit.so", "headers.zip"
FILES = """\
    extraVolumes:
      - name: plugins
        configMap: {name: go-plugins}
    extraVolumeMounts:
      - {name: plugins, mountPath: /opt/plugins}
"""


def classic(name: str, **middleware: Any) -> ApiDefinition:
    made = api(name)
    return ApiDefinition(made.id, made.name, made.form, {**made.document, **middleware})


def oas(name: str) -> ApiDefinition:
    """With a plugin at one of its operations."""
    plugin = {"enabled": True, "functionName": "Audit", "path": MISSING}
    document = {
        "openapi": "3.0.3",
        "info": {"title": name, "version": "1"},
        "paths": {"/x": {"get": {"operationId": "getX", "responses": {"200": {"description": "x"}}}}},
        "x-tyk-api-gateway": {
            "info": {"id": name, "name": name, "orgId": "test", "state": {"active": True}},
            "server": {"listenPath": {"value": f"/{name}/", "strip": True}},
            "upstream": {"url": "http://upstream.invalid/"},
            "middleware": {"operations": {"getX": {"postPlugins": [plugin]}}},
        },
    }
    return ApiDefinition(name, name, "oas", document)


@pytest.fixture(scope="module")
def site(new_site: NewSite) -> Site:
    """tyk-oss 4.0.0 with gateway 5.9.1 and three APIs; of one plugin the file for 5.13.1 is there already."""
    made = new_site("go-plugins")
    files = {"auth.so": ELF, "auth_v5.13.1_linux_amd64.so": ELF}
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "go-plugins", "namespace": made.namespace},
        "binaryData": files,
    }
    made.world.kube("apply", "-f", "-", stdin=json.dumps(config))
    made.install("4.0.0", made.world.values(tag="v5.9.1", more=FILES))
    auth = {"driver": "goplugin", "auth_check": {"name": "Check", "path": READY}}
    inventories(
        made,
        classic("orders", custom_middleware=auth),
        classic("parcels", custom_middleware_bundle=BUNDLE),
        oas("invoices"),
    )
    return made


@pytest.fixture(scope="module")
def found(site: Site) -> GoPlugins:
    manifest = site.world.helm("get", "manifest", "tyk", "-n", site.namespace).replace("v5.9.1", "v5.13.1")
    objects = split(manifest)
    gateway = gateway_workload(objects, site.namespace)
    assert gateway is not None
    context = Context({"KUBECONFIG": KUBECONFIG, "HOME": str(site.folder)}, STREAMS)
    baseline = Known(read_baseline(context, gateway))
    move = Move(Known("5.9.1"), Known("5.13.1"), Known(("linux/amd64",)))
    answer = plugins(context, objects, site.namespace, baseline, move)
    assert isinstance(answer, Known), answer
    return answer.value


def test_they_are_found_in_what_the_gateway_serves(found: GoPlugins) -> None:
    assert {(one.where, one.path, one.sure) for one in found.plugins} == {
        ("API orders: custom_middleware.auth_check", READY, True),
        ("API parcels: custom_middleware_bundle", BUNDLE, False),
        ("API invoices: x-tyk-api-gateway.middleware.operations.getX.postPlugins[0]", MISSING, True),
    }
    assert found.unasked == ()


def test_which_of_their_files_the_config_map_has(found: GoPlugins) -> None:
    present = {one.path: one.present for one in found.plugins}
    assert present[READY] == Known(("/opt/plugins/auth_v5.13.1_linux_amd64.so", READY))
    assert present[MISSING] == Known(())


def test_the_job_tries_them_with_the_planned_image(site: Site, found: GoPlugins) -> None:
    site.world.kube("apply", "-f", "-", stdin=found.preflight)
    name = f"{DEPLOYMENT}-plugins-amd64"

    def logs() -> str:
        return site.world.kube("-n", site.namespace, "logs", f"job/{name}", "--all-containers", "--prefix")

    def ended() -> bool:
        job = json.loads(site.world.kube("-n", site.namespace, "get", "job", name, "-o", "json"))
        return bool(job.get("status", {}).get("failed"))

    wait_for(ended, "the Job with a plugin that is not there")
    assert "auth_v5.13.1_linux_amd64.so, symbol=Check] loaded ok" in logs()
    assert "audit_v5.13.1_linux_amd64.so" in logs()
    assert "realpath failed" in logs()


def test_the_plan_says_what_to_compile(site: Site) -> None:
    wanted = ("--version", "5.3.0", "--gateway-version", "5.13.1", "--restore-apis", "-o", "json")
    done = site.run("plan", *wanted)
    assert done.code == 0, done
    check = next(one for one in done.json["checks"] if one["check"] == "go-plugins")
    assert check["status"] == "fail"
    assert "1 Go plugin must be compiled" in check["reason"]
    evidence = "\n".join(check["evidence"])
    assert "tykio/tyk-plugin-compiler:v5.13.1 audit.so" in evidence
    assert f"{BUNDLE} (perhaps a Go plugin)" in evidence
    assert "kind: Job" in done.json["plugins"]["value"]["preflight"]
