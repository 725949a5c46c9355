"""The live neighbours of a release: what an API server answers, and what its refusals leave known."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.server import LiveNeighbours
from helm_tyk_upgrade.targets.neighbours import neighbours

RELEASE = Release("tyk", "apis", 3, "deployed", "tyk-oss", "5.3.0")
OBJECTS = split(
    """
apiVersion: apps/v1
kind: Deployment
metadata: {name: gw}
spec: {template: {metadata: {labels: {app: gw}}, spec: {containers: []}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: data}
spec: {template: {metadata: {labels: {app: store}}, spec: {containers: []}}}
---
apiVersion: v1
kind: Service
metadata: {name: svc, namespace: nowhere}
"""
)
RECORD = base64.b64encode(b"x" * 1000).decode()


def scaler(name: str, namespace: str, kind: str, target: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"scaleTargetRef": {"kind": kind, "name": target}},
    }


def budget(name: str, app: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": {"app": app}}}}


def node(system: str, architecture: str) -> dict[str, Any]:
    return {
        "metadata": {"name": architecture},
        "status": {"nodeInfo": {"operatingSystem": system, "architecture": architecture}},
    }


def listed(*items: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "List", "metadata": {}, "items": list(items)}


AUTOSCALERS = "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers"
BUDGETS = "/apis/policy/v1/namespaces/{}/poddisruptionbudgets"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
SECRET = "/api/v1/namespaces/apis/secrets/sh.helm.release.v1.tyk.v3"
CONFIGMAP = "/api/v1/namespaces/apis/configmaps/sh.helm.release.v1.tyk.v3"
ANSWERS: dict[str, Any] = {
    "/version": {"gitVersion": "v1.34.4+k3s1"},
    "/apis/apiextensions.k8s.io/v1": {
        "resources": [{"name": "customresourcedefinitions", "kind": "CustomResourceDefinition"}]
    },
    AUTOSCALERS.format("apis"): listed(
        scaler("ours", "apis", "Deployment", "gw"), scaler("theirs", "apis", "Deployment", "else")
    ),
    AUTOSCALERS.format("data"): listed(
        scaler("store", "data", "StatefulSet", "store"), scaler("gw", "data", "Deployment", "gw")
    ),
    BUDGETS.format("apis"): listed(budget("ours", "gw"), budget("theirs", "store")),
    BUDGETS.format("data"): listed(budget("store", "store")),
    "/api/v1/nodes": listed(
        node("linux", "arm64"), node("linux", "amd64"), node("linux", "arm64"), {}, node("", "arm64")
    ),
    f"{CRDS}a.b.io": {"kind": "CustomResourceDefinition", "metadata": {"name": "a.b.io"}},
    SECRET: {"kind": "Secret", "data": {"release": base64.b64encode(RECORD.encode()).decode()}},
    CONFIGMAP: {"kind": "ConfigMap", "data": {"release": RECORD}},
}


class ApiServer:
    """Answers from a table; what is not in it does not exist. refuse: path prefix -> HTTP status."""

    def __init__(self) -> None:
        self.answers = dict(ANSWERS)
        self.refuse: dict[str, int] = {}
        self.asked: list[str] = []

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        for prefix, code in self.refuse.items():
            if path.startswith(prefix):
                return code, {"kind": "Status", "message": f"refused with {code}", "reason": "Forbidden"}
        if path not in self.answers:
            return 404, {"kind": "Status", "message": "not found", "reason": "NotFound"}
        return 200, self.answers[path]


@pytest.fixture
def server() -> ApiServer:
    return ApiServer()


@pytest.fixture
def context(server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, body = server.answer(self.path.partition("?")[0])
            data = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    monkeypatch.setattr("helm_tyk_upgrade.cluster.transport._BACKOFF", lambda state: 0.0)
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    config = tmp_path / "config"
    config.write_text(
        json.dumps(
            {
                "current-context": "here",
                "contexts": [{"name": "here", "context": {"cluster": "it"}}],
                "clusters": [
                    {"name": "it", "cluster": {"server": f"http://127.0.0.1:{http.server_address[1]}"}}
                ],
            }
        )
    )
    yield Context({"KUBECONFIG": str(config)}, Streams(StringIO(), StringIO(), StringIO()))
    http.shutdown()
    http.server_close()


def ask(context: Context, *crds: str) -> LiveNeighbours:
    return neighbours(context, RELEASE, OBJECTS, crds)


def names(found: Any) -> list[str]:
    assert isinstance(found, Known)
    return [item["metadata"]["name"] for item in found.value]


def test_the_neighbours_are_those_of_the_release(context: Context, server: ApiServer) -> None:
    found = ask(context, "a.b.io", "missing.b.io")
    assert names(found.autoscalers) == ["ours", "store"]
    assert names(found.budgets) == ["ours", "store"]
    assert found.platforms == Known(("linux/amd64", "linux/arm64"))
    assert found.kubernetes == Known("1.34.4+k3s1")
    assert isinstance(found.crds, Known)
    assert list(found.crds.value) == ["a.b.io"]
    assert found.release_bytes == Known(len(RECORD))
    assert not any("nowhere" in path for path in server.asked)  # nothing runs there


def test_without_crds_nobody_asks_for_them(context: Context, server: ApiServer) -> None:
    assert ask(context).crds == Known({})
    assert not any("apiextensions" in path for path in server.asked)


PARTS = {
    "/apis/autoscaling": "autoscalers",
    "/apis/policy": "budgets",
    "/api/v1/nodes": "platforms",
    "/version": "kubernetes",
    CRDS: "crds",
    SECRET: "release_bytes",
}


@pytest.mark.parametrize("code", [403, 500, 429])
@pytest.mark.parametrize(("prefix", "part"), PARTS.items())
def test_one_refusal_leaves_the_others_known(
    context: Context, server: ApiServer, prefix: str, part: str, code: int
) -> None:
    server.refuse[prefix] = code
    found = ask(context, "a.b.io")
    refused = getattr(found, part)
    assert isinstance(refused, Unknown)
    assert "refused with" in refused.reason
    others = [getattr(found, other) for other in PARTS.values() if other != part]
    assert all(isinstance(other, Known) for other in others)


def test_a_missing_record_is_unknown(context: Context, server: ApiServer) -> None:
    del server.answers[SECRET]
    assert isinstance(ask(context).release_bytes, Unknown)


@pytest.mark.parametrize(
    ("driver", "size"),
    [
        ("secret", len(RECORD)),
        ("secrets", len(RECORD)),
        ("configmap", len(RECORD)),
        ("ConfigMaps", len(RECORD)),
    ],
)
def test_helms_driver_says_where_the_record_is(
    context: Context, server: ApiServer, driver: str, size: int
) -> None:
    context.env["HELM_DRIVER"] = driver
    assert ask(context).release_bytes == Known(size)
    assert (CONFIGMAP in server.asked) is driver.lower().startswith("configmap")


@pytest.mark.parametrize("driver", ["sql", "memory"])
def test_records_outside_of_the_cluster_are_unknown(context: Context, driver: str) -> None:
    context.env["HELM_DRIVER"] = driver
    assert ask(context).release_bytes == Unknown(
        f"HELM_DRIVER={driver} keeps releases outside of the cluster"
    )


def test_without_a_cluster_all_is_unknown(tmp_path: Path) -> None:
    nowhere = Context({"KUBECONFIG": str(tmp_path / "none")}, Streams(StringIO(), StringIO(), StringIO()))
    found = neighbours(nowhere, RELEASE, OBJECTS, ["a.b.io"])
    for part in PARTS.values():
        answer = getattr(found, part)
        assert isinstance(answer, Unknown)
        assert answer.reason
