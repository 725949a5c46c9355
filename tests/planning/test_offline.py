"""A plan for a pull request: real Helm, packaged charts and a catalogue; a cluster that nobody may knock at."""

from __future__ import annotations

import io
import json
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade import cli
from helm_tyk_upgrade.context import Streams
from testbed.catalogue import Catalogue
from testbed.chart import package
from tests.conftest import HelmBinary
from tests.report.test_views import validate

NO_CLUSTER = "no cluster was asked (--kube-version)"
OLD = "global:\n  redis: {addrs: ['redis:6379']}\n"
NEW = OLD + "tyk-gateway:\n  gateway: {replicaCount: 3}\n"
ASKS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-seen}
data:
  kubernetes: {{ .Capabilities.KubeVersion.Version | quote }}
  route: {{ .Capabilities.APIVersions.Has "gateway.networking.k8s.io/v1/HTTPRoute" | quote }}
  tunnel: {{ .Capabilities.APIVersions.Has "example.org/v1/Tunnel" | quote }}
  chart: {{ .Chart.Version | quote }}
  namespace: {{ (lookup "v1" "Namespace" "" "kube-system").metadata | default "not found" | quote }}
"""
UNKNOWN_CHECKS = {
    "release-state",
    "owned-by-gitops",
    "baseline-unhealthy",
    "permissions",
    "values-only-in-release",
    "apis-in-emptydir",
    "server-rejects",
    "field-conflicts",
    "drift",
    "images-present",
    "way-back",
}


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def plan(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def flat(self) -> str:
        return " ".join((self.out + " " + self.err).split())


Run = Callable[..., Result]


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    charts = tmp_path_factory.mktemp("charts")
    package.build(charts)
    with Catalogue(charts) as serving:
        yield serving


@pytest.fixture
def plan(each_helm: HelmBinary, hub: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`plan("--from", ...)` of release `tyk` in a folder of its own, with NEW as its values.yaml."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (here / "values.yaml").write_text(NEW)
    (here / "old.yaml").write_text(OLD)
    monkeypatch.setenv("KUBECONFIG", os.devnull)
    monkeypatch.setenv("HELM_BIN", str(each_helm.path))

    def run(*argv: str, stdin: str = "", release: str = "tyk", **env: str) -> Result:
        given = io.TextIOWrapper(io.BytesIO(stdin.encode()))
        streams = Streams(given, io.StringIO(), io.StringIO())
        whole = {**os.environ, "TYK_UPGRADE_CATALOGUE": hub.hub_url, **env}
        code = cli.main(["plan", *([release] if release else []), *argv], whole, streams)
        assert isinstance(streams.stdout, io.StringIO)
        assert isinstance(streams.stderr, io.StringIO)
        return Result(code, streams.stdout.getvalue(), streams.stderr.getvalue())

    return run


def offline(*more: str, start: str = "4.0.0") -> list[str]:
    return ["--from", start, "--from-values", "old.yaml", "--kube-version", "1.34.0", *more]


def checks(result: Result) -> dict[str, dict[str, Any]]:
    return {check["check"]: check for check in result.plan["checks"]}


def deployment(result: Result) -> dict[str, str]:
    """Path -> cause of the gateway's changed fields."""
    objects = result.plan["manifest"]["objects"]
    found = next(one for one in objects if one["object"]["kind"] == "Deployment")
    return {field["path"]: field["cause"] for field in found["fields"]}


@pytest.mark.helm
def test_objects_have_causes_and_values_are_judged(plan: Run) -> None:
    result = plan(*offline("--version", "5.4.0", "-o", "json"))
    assert (result.code, result.err) == (0, "")
    causes = deployment(result)
    assert causes["spec.replicas"] == "your values"
    image = next(path for path in causes if path.endswith(".image"))
    assert causes[image] == "new default"
    assert causes[next(path for path in causes if "XFFDEPTH" in path)] == "new template"
    assert result.plan["gateway"]["before"] == {"value": "5.9.1"}
    assert result.plan["gateway"]["after"] == {"value": "5.13.1"}
    values = result.plan["values"]
    assert [change["path"] for change in values["changes"]] == ["tyk-gateway.gateway.replicaCount"]
    assert {one["path"]: one["judgement"] for one in values["overrides"]} == {
        "global.redis.addrs": "kept",
        "tyk-gateway.gateway.replicaCount": "kept",
    }
    assert values["newDefaults"]


@pytest.mark.helm
def test_what_only_a_cluster_tells_is_unknown_with_the_reason(plan: Run) -> None:
    result = plan(*offline("--version", "5.4.0", "-o", "json"))
    judged = checks(result)
    assert {judged[check]["status"] for check in UNKNOWN_CHECKS} == {"unknown"}
    assert {judged[check]["reason"] for check in UNKNOWN_CHECKS} == {NO_CLUSTER}
    unknown = {"unknown": NO_CLUSTER}
    assert result.plan["server"] == {
        "forward": unknown,
        "back": unknown,
        "platforms": unknown,
        "kubernetes": {"value": "1.34.0"},
    }
    assert result.plan["images"] == {"forward": unknown, "back": unknown}
    assert result.plan["drift"] == unknown
    assert result.plan["rollback"]["wayBack"] == "not proven"
    found = validate(result.out, "plan.v1.json")
    assert found["offline"] == {"kubeVersion": "1.34.0", "apiVersions": []}


@pytest.mark.helm
def test_what_manifests_and_records_tell_is_judged(plan: Run) -> None:
    found = checks(plan(*offline("--version", "5.4.0", "-o", "json")))
    for check in ("gateway-downgrade", "immutable-fields", "data-loss", "kubernetes-apis", "chart-digest"):
        assert found[check]["status"] == "pass", found[check]
    assert found["known-transitions"]["status"] == "fail"
    result = plan(*offline("--version", "2.0.0", "-o", "json", start="1.6.0"))
    assert checks(result)["gateway-downgrade"]["status"] == "fail"
    assert result.code == 3


@pytest.mark.helm
def test_nothing_connects_to_the_cluster_nor_to_a_registry(plan: Run, tmp_path: Path) -> None:
    """The guard of every test refuses registries; the API server is a socket here that counts."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it", "namespace": "edge"}}],
            "clusters": [{"name": "it", "cluster": {"server": address}}],
            "users": [{"name": "it", "user": {}}],
        }
        (tmp_path / "config").write_text(json.dumps(config))
        result = plan(*offline("--version", "5.4.0", "-o", "json"), KUBECONFIG=str(tmp_path / "config"))
        with pytest.raises(TimeoutError):
            server.accept()
    assert result.code == 0
    assert result.plan["release"] == {
        "name": "tyk",
        "namespace": "edge",
        "revision": 0,
        "status": "unknown",
        "chart": "tyk-oss",
        "chartVersion": "4.0.0",
    }


@pytest.mark.helm
def test_charts_see_the_capabilities_that_are_given(plan: Run) -> None:
    for version in ("1.0.0", "1.1.0"):
        templates = Path(f"chart-{version}/templates")
        templates.mkdir(parents=True)
        (templates / "seen.yaml").write_text(ASKS)
        lowest = 'kubeVersion: ">=1.33.0-0"\n'  # newer than some Helm assumes by itself
        (templates.parent / "Chart.yaml").write_text(
            f"apiVersion: v2\nname: own\nversion: {version}\n{lowest}"
        )
    apis = ("-a", "gateway.networking.k8s.io/v1/HTTPRoute,example.org/v1/Tunnel")
    charts = ("--from", "./chart-1.0.0", "--chart", "./chart-1.1.0")
    result = plan(*charts, "--kube-version", "v1.33.7", *apis)
    assert result.code == 0, result.err
    assert "own 1.0.0 -> own 1.1.0" in result.out
    assert "the chart asks the cluster (`lookup`): offline it finds nothing there" in result.flat
    refused = plan(*charts, "--kube-version", "1.32.0")
    assert refused.code == 1
    assert "kubeVersion: >=1.33.0-0" in refused.flat
    assert seen(plan, *apis) == {"kubernetes": "v1.33.7", "route": "true", "tunnel": "true"}
    assert seen(plan) == {"kubernetes": "v1.33.7", "route": "false", "tunnel": "false"}


def seen(plan: Run, *apis: str) -> dict[str, str]:
    """What the new chart's ConfigMap holds where the old chart has none."""
    empty = Path("empty")
    (empty / "templates").mkdir(parents=True, exist_ok=True)
    (empty / "Chart.yaml").write_text("apiVersion: v2\nname: own\nversion: 0.9.0\n")
    common = ("--from", "./empty", "--chart", "./chart-1.1.0", "--kube-version", "v1.33.7", "-o", "json")
    result = plan(*common, "--only", "diff", *apis)
    (added,) = result.plan["manifest"]["objects"]
    assert added["action"] == "added"
    (field,) = added["fields"]
    return {key: field["new"]["data"][key] for key in ("kubernetes", "route", "tunnel")}


@pytest.mark.helm
def test_without_old_values_the_charts_alone_are_compared(plan: Run) -> None:
    result = plan("--from", "4.0.0", "--kube-version", "1.34.0", "--version", "5.4.0", "-o", "json")
    assert "your values" not in " ".join(deployment(result).values())
    assert result.plan["values"]["changes"] == []


@pytest.mark.helm
def test_old_values_may_come_from_standard_input(plan: Run) -> None:
    words = ["--from", "4.0.0", "--from-values", "-", "--kube-version", "1.34.0", "--version", "4.0.0"]
    result = plan(*words, "-o", "json", "--detailed-exitcode", stdin=OLD)
    assert result.code == 2
    assert deployment(result) == {"spec.replicas": "your values"}
    same = plan(*words, "-o", "json", "--detailed-exitcode", stdin=NEW)
    assert (same.code, same.plan["nothingToDo"]) == (0, True)
    both = plan(*words, "-f", "-", stdin=OLD)
    assert "standard input cannot be both" in both.err


@pytest.mark.helm
def test_set_flags_stand_for_both_sides(plan: Run) -> None:
    more = ("--set", "tyk-gateway.gateway.service.port=9000", "--version", "4.0.0", "-o", "json")
    result = plan(*offline(*more))
    assert deployment(result) == {"spec.replicas": "your values"}


@pytest.mark.helm
def test_a_value_that_the_pull_request_takes_away_is_named(plan: Run) -> None:
    Path("old.yaml").write_text(OLD + "tyk-gateway:\n  gateway: {replicaCount: 2, kind: Deployment}\n")
    result = plan(*offline("--version", "5.4.0", "-o", "json"))
    lost = checks(result)["values-only-in-release"]
    assert (lost["status"], lost["evidence"]) == ("fail", ["tyk-gateway.gateway.kind"])
    assert result.code == 3


@pytest.mark.helm
def test_a_policy_holds_for_what_is_unknown(plan: Run) -> None:
    blocked = plan(*offline("--version", "5.4.0", "--policy", "way-back=fail", "-o", "json"))
    assert (blocked.code, blocked.plan["blockedBy"]) == (3, ["way-back"])


@pytest.mark.helm
def test_every_view_says_that_it_is_offline(plan: Run) -> None:
    text = plan(*offline("--version", "5.4.0"))
    assert text.out.startswith("Offline plan for default/tyk: tyk-oss 4.0.0 -> tyk-oss 5.4.0\n")
    assert "rendered for Kubernetes 1.34.0" in text.flat
    assert "An offline plan is not carried out" in text.flat
    assert "revision 0" not in text.flat
    markdown = plan(*offline("--version", "5.4.0", "-o", "markdown"))
    assert "### Offline plan for default/tyk\n" in markdown.out
    assert "revision 0" not in markdown.flat


@pytest.mark.helm
def test_secrets_of_the_old_values_are_shown_nowhere(plan: Run) -> None:
    secret = "old-canary-4711"
    Path("old.yaml").write_text(OLD + f"  secrets: {{APISecret: {secret}}}\n")
    for output in ("text", "json", "markdown"):
        result = plan(*offline("--version", "5.4.0", "-o", output))
        assert "Secret" in result.out
        assert secret not in result.out + result.err


@pytest.mark.helm
@pytest.mark.parametrize(
    ("argv", "message"),
    [
        pytest.param(offline(start="9.9.9"), "has no version 9.9.9", id="no such version"),
        pytest.param(offline(start="newest"), "--from newest is no chart version", id="no version"),
        pytest.param(offline(start="./nowhere"), "does not exist", id="no such chart"),
        pytest.param(offline("--out", "plan.json"), "--out keeps a plan to be applied", id="--out"),
        pytest.param(offline("--keep-release-values"), "only the release has", id="--keep-release-values"),
        pytest.param(["--kube-version", "1.34.0"], "--kube-version needs --from", id="no --from"),
        pytest.param(["--from", "4.0.0"], "--from is for a plan without a cluster", id="no --kube-version"),
        pytest.param(["--from-values", "old.yaml"], "--from-values is for a plan without", id="values alone"),
        pytest.param(["-a", "a/v1"], "--api-versions is for a plan without", id="API versions alone"),
        pytest.param(
            ["--from", "4.0.0", "--kube-version", "new"], "new is no version of Kubernetes", id="Kubernetes"
        ),
        pytest.param(
            ["--from", "4.0.0", "--kube-version", "1.34.0", "--from-values", "no.yaml"],
            "values file no.yaml does not exist",
            id="no such values file",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(plan: Run, argv: list[str], message: str) -> None:
    result = plan(*argv)
    assert (result.code, result.out) == (1, "")
    assert message in " ".join(result.err.split())
    assert not Path("plan.json").exists()


@pytest.mark.helm
def test_release_and_values_must_be_named(plan: Run) -> None:
    assert "RELEASE is needed with --kube-version" in plan(*offline(), release="").err
    Path("values.yaml").unlink()
    assert "no values file is given" in plan(*offline()).err


NEW_EACH_TIME = """apiVersion: v1
kind: ConfigMap
metadata: {name: seen}
data: {at: "{{ now | unixEpoch }}", fixed: "yes"}
---
apiVersion: batch/v1
kind: Job
metadata: {name: init-{{ randAlpha 5 | lower }}}
"""


@pytest.mark.helm
def test_the_time_and_names_made_up_at_each_render_are_random(plan: Run) -> None:
    old, new = Path("old-chart/templates"), Path("new-chart/templates")
    for folder, text in (
        (old, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: seen}\n"),
        (new, NEW_EACH_TIME),
    ):
        folder.mkdir(parents=True)
        (folder / "seen.yaml").write_text(text)
        (folder.parent / "Chart.yaml").write_text("apiVersion: v2\nname: own\nversion: 1.0.0\n")
    common = ("--from", "./old-chart", "--chart", "./new-chart", "--kube-version", "v1.33.7", "-o", "json")
    found = plan(*common, "--only", "diff").plan["manifest"]["objects"]
    assert {
        one["object"]["kind"]: [field.get("random", False) for field in one["fields"]] for one in found
    } == {
        "ConfigMap": [True],
        "Job": [True],
    }
