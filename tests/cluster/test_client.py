"""The client against a real API server."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from helm_tyk_upgrade.cluster.access import access_from_env
from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.refusals import ApiRefused, Unreachable
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.pods import WorkloadRef
from tests.cluster.conftest import deployment

pytestmark = pytest.mark.cluster


def config_map(namespace: str, name: str, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": {"made": "by-test"}},
        "data": data,
    }


def test_versions_are_those_helm_wants(cluster: Cluster) -> None:
    versions = cluster.api_versions()
    assert cluster.server_version().startswith("v1.")
    assert {"v1", "v1/Pod", "apps/v1", "apps/v1/Deployment", "policy/v1/PodDisruptionBudget"} <= set(versions)
    assert list(versions) == sorted(versions)


def test_an_object_is_created_read_listed_changed_and_deleted(cluster: Cluster, namespace: str) -> None:
    cluster.create(config_map(namespace, "one", a="1"))
    found = cluster.get("v1", "ConfigMap", "one", namespace)
    assert found["data"] == {"a": "1"}
    replaced = cluster.replace(found | {"data": {"a": "2"}})
    assert replaced["data"] == {"a": "2"}
    cluster.patch("v1", "ConfigMap", "one", {"data": {"b": "3"}}, namespace)
    assert cluster.get("v1", "ConfigMap", "one", namespace)["data"] == {"a": "2", "b": "3"}
    listed = cluster.list("v1", "ConfigMap", namespace, {"made": "by-test"})
    assert [item["metadata"]["name"] for item in listed] == ["one"]
    assert cluster.list("v1", "ConfigMap", namespace, {"made": "by-nobody"}) == []
    cluster.delete("v1", "ConfigMap", "one", namespace)
    with pytest.raises(NotFound) as absent:
        cluster.get("v1", "ConfigMap", "one", namespace)
    assert "one" in absent.value.message


def test_a_list_longer_than_a_page_is_complete(cluster: Cluster, namespace: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("helm_tyk_upgrade.cluster.client._PAGE", 2)
    names = {f"page-{number}" for number in range(5)}
    for name in names:
        cluster.create(config_map(namespace, name))
    listed = {item["metadata"]["name"] for item in cluster.list("v1", "ConfigMap", namespace)}
    assert names <= listed


def test_a_lost_race_is_a_conflict(cluster: Cluster, namespace: str) -> None:
    first = cluster.create(config_map(namespace, "raced"))
    cluster.replace(first | {"data": {"winner": "me"}})
    with pytest.raises(ApiRefused) as refused:
        cluster.replace(first | {"data": {"winner": "you"}})
    assert (refused.value.code, refused.value.reason) == (409, "Conflict")
    with pytest.raises(ApiRefused) as again:
        cluster.create(config_map(namespace, "raced"))
    assert again.value.reason == "AlreadyExists"


def test_a_kind_that_is_not_built_in_is_looked_up(cluster: Cluster, namespace: str) -> None:
    assert cluster.resource("node.k8s.io/v1", "RuntimeClass").plural == "runtimeclasses"
    with pytest.raises(NotFound) as absent:
        cluster.list("apps/v1", "Nonsense", namespace)
    assert "Nonsense" in absent.value.message
    with pytest.raises(NotFound):
        cluster.get("nobody.example.com/v1", "Thing", "x", namespace)


class TestDryRun:
    def test_a_good_manifest_comes_back_and_is_not_stored(self, cluster: Cluster, namespace: str) -> None:
        made = cluster.apply(deployment("dry", namespace), dry_run=True, force=True)
        assert made["spec"]["progressDeadlineSeconds"] == 600  # a default of the server: it really looked
        with pytest.raises(NotFound):
            cluster.get("apps/v1", "Deployment", "dry", namespace)

    @pytest.mark.parametrize(
        ("change", "reason", "words"),
        [
            ({"replicas": "many"}, "", "replicas"),
            ({"selector": {"matchLabels": {"app": "other"}}}, "Invalid", "selector"),
            ({"surplus": 1}, "", "surplus"),
        ],
        ids=["a type the schema refuses", "labels that do not match", "a field nobody knows"],
    )
    def test_a_bad_manifest_is_refused_with_the_field(
        self, cluster: Cluster, namespace: str, change: dict[str, Any], reason: str, words: str
    ) -> None:
        manifest = deployment("dry", namespace)
        manifest["spec"] |= change
        with pytest.raises(ApiRefused) as refused:
            cluster.apply(manifest, dry_run=True, force=True)
        assert words in refused.value.message
        assert reason in ("", refused.value.reason)

    def test_an_immutable_field_is_named(self, cluster: Cluster, workload: WorkloadRef) -> None:
        manifest = deployment("web", workload.namespace, replicas=2)
        other = {"app": "web", "more": "labels"}
        manifest["spec"]["selector"]["matchLabels"] = other
        manifest["spec"]["template"]["metadata"]["labels"] = other
        with pytest.raises(ApiRefused) as refused:
            cluster.apply(manifest, dry_run=True, force=True, field_manager="tests")
        assert any("spec.selector" in cause and "immutable" in cause for cause in refused.value.causes)

    def test_a_field_of_another_manager_is_a_conflict_unless_forced(
        self, cluster: Cluster, workload: WorkloadRef
    ) -> None:
        manifest = deployment("web", workload.namespace, replicas=3)
        with pytest.raises(ApiRefused) as refused:
            cluster.apply(manifest, dry_run=True, force=False, field_manager="somebody-else")
        assert refused.value.reason == "Conflict"
        assert cluster.apply(manifest, dry_run=True, force=True, field_manager="somebody-else")
        assert cluster.get("apps/v1", "Deployment", "web", workload.namespace)["spec"]["replicas"] == 2


class TestLogs:
    def test_the_log_is_bounded_by_lines_and_bytes(self, cluster: Cluster, namespace: str, pod: str) -> None:
        whole = cluster.pod_logs(namespace, pod, "web")
        assert "Tyk API Gateway 5.8.1" in whole
        last = cluster.pod_logs(namespace, pod, "web", tail=2)
        assert last.count("\n") == 2
        assert len(cluster.pod_logs(namespace, pod, "web", limit=100)) <= 100

    def test_there_is_no_log_before_the_first_restart(
        self, cluster: Cluster, namespace: str, pod: str
    ) -> None:
        with pytest.raises(NotFound):
            cluster.pod_logs(namespace, pod, "web", previous=True)


def test_events_tell_what_happened_to_a_pod(cluster: Cluster, namespace: str, pod: str) -> None:
    uid = cluster.get("v1", "Pod", pod, namespace)["metadata"]["uid"]
    events = cluster.events(namespace, [uid])
    assert {"Scheduled", "Started"} <= {event.reason for event in events}
    assert all(event.object == f"Pod/{pod}" for event in events)
    assert list(events) == sorted(events, key=lambda event: event.time)


def test_a_watch_begins_with_what_exists_and_follows_changes(cluster: Cluster, namespace: str) -> None:
    cluster.create(config_map(namespace, "watched") | {})
    changes = []
    for change in cluster.watch("v1", "ConfigMap", namespace, labels={"made": "by-test"}, seconds=20):
        if change.object["metadata"]["name"] != "watched":
            continue
        changes.append(change.type)
        if change.type == "ADDED":
            cluster.patch("v1", "ConfigMap", "watched", {"data": {"x": "y"}}, namespace)
        elif change.type == "MODIFIED":
            cluster.delete("v1", "ConfigMap", "watched", namespace)
        else:
            break
    assert changes == ["ADDED", "MODIFIED", "DELETED"]


def test_a_watch_ends_in_time(cluster: Cluster, namespace: str) -> None:
    assert list(cluster.watch("v1", "Service", namespace, seconds=1.5)) == []


class TestProxy:
    def test_a_pod_answers_through_the_api_server(self, cluster: Cluster, namespace: str, pod: str) -> None:
        answer = cluster.pod_proxy_get(namespace, pod, 8080, "/hello")
        assert (answer.status, answer.answered) == (200, True)
        assert b'"version":"5.8.1"' in answer.body

    def test_the_pods_own_404_is_an_answer(self, cluster: Cluster, namespace: str, pod: str) -> None:
        answer = cluster.pod_proxy_get(namespace, pod, 8080, "/ready")
        assert (answer.status, answer.answered) == (404, True)

    def test_a_port_without_a_listener_is_no_answer(self, cluster: Cluster, namespace: str, pod: str) -> None:
        answer = cluster.pod_proxy_get(namespace, pod, 9, "/")
        assert not answer.answered
        assert "refused" in answer.reason

    def test_a_service_that_does_not_exist_is_no_answer(self, cluster: Cluster, namespace: str) -> None:
        answer = cluster.service_proxy_get(namespace, "nobody", 80, "/")
        assert not answer.answered
        assert "nobody" in answer.reason


class TestIdentity:
    @pytest.fixture
    def reader(self, cluster: Cluster, namespace: str) -> str:
        """A ServiceAccount that may read pods and nothing else."""
        for manifest in _reader(namespace):
            cluster.apply(manifest, dry_run=False, force=True, field_manager="tests")
        return _token(cluster, namespace, "reader")

    def test_a_token_may_do_only_what_it_may(
        self, reader: str, namespace: str, kubeconfig_of: Callable[..., dict[str, str]]
    ) -> None:
        env = kubeconfig_of({"token": reader})
        with Cluster(access_from_env(env), env) as limited:
            assert limited.can_i("list", "", "pods", namespace) == Known(True)
            assert limited.can_i("get", "", "pods/portforward", namespace) == Known(False)
            assert isinstance(limited.list("v1", "Pod", namespace), list)
            with pytest.raises(ApiRefused) as refused:
                limited.list("v1", "Secret", namespace)
        assert (refused.value.code, refused.value.reason) == (403, "Forbidden")
        assert refused.value.hint
        assert reader not in refused.value.message

    def test_impersonation_has_the_rights_of_the_other(
        self, live_env: dict[str, str], namespace: str
    ) -> None:
        env = live_env | {"HELM_KUBEASUSER": "nobody", "HELM_KUBEASGROUPS": "some,others"}
        with Cluster(access_from_env(env), env) as other:
            assert other.can_i("list", "", "pods", namespace) == Known(False)
            review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}}
            seen = other.create(review)["status"]["userInfo"]
        assert seen["username"] == "nobody"
        assert {"some", "others"} <= set(seen["groups"])

    def test_a_plugin_is_asked_once_for_a_token(
        self, reader: str, namespace: str, tmp_path: Any, kubeconfig_of: Callable[..., dict[str, str]]
    ) -> None:
        plugin = tmp_path / "login"
        plugin.write_text(_PLUGIN.format(token=reader, log=tmp_path / "calls"))
        plugin.chmod(0o755)
        user = {
            "exec": {
                "apiVersion": "client.authentication.k8s.io/v1",
                "command": "./login",
                "interactiveMode": "IfAvailable",
                "provideClusterInfo": True,
            }
        }
        env = kubeconfig_of(user)
        with Cluster(access_from_env(env), env) as limited:
            limited.list("v1", "Pod", namespace)
            limited.list("v1", "Pod", namespace)
            calls = (tmp_path / "calls").read_text()
            assert calls.count("ExecCredential") == 1
            assert limited.access.server in calls

    def test_a_token_the_server_does_not_know_is_401(
        self, namespace: str, kubeconfig_of: Callable[..., dict[str, str]]
    ) -> None:
        env = kubeconfig_of({"token": "nonsense"})
        with Cluster(access_from_env(env), env) as stranger, pytest.raises(ApiRefused) as refused:
            stranger.list("v1", "Pod", namespace)
        assert refused.value.code == 401
        assert "log in" in refused.value.hint

    def test_a_token_file_is_read_again_when_it_changes(
        self, reader: str, namespace: str, tmp_path: Any, kubeconfig_of: Callable[..., dict[str, str]]
    ) -> None:
        token = tmp_path / "token"
        token.write_text("stale\n")
        env = kubeconfig_of({"tokenFile": "token"})
        with Cluster(access_from_env(env), env) as limited:
            with pytest.raises(ApiRefused):
                limited.list("v1", "Pod", namespace)
            token.write_text(reader + "\n")
            assert isinstance(limited.list("v1", "Pod", namespace), list)


class TestTls:
    def test_the_server_may_be_known_under_another_name(self, live_env: dict[str, str]) -> None:
        env = live_env | {"HELM_KUBETLS_SERVER_NAME": "kubernetes.default.svc"}
        with Cluster(access_from_env(env), env) as connected:
            assert connected.server_version().startswith("v1.")

    def test_a_wrong_name_is_not_trusted(self, live_env: dict[str, str]) -> None:
        env = live_env | {"HELM_KUBETLS_SERVER_NAME": "somebody.example.com"}
        with Cluster(access_from_env(env), env) as connected, pytest.raises(Unreachable) as refused:
            connected.server_version()
        assert "not trusted" in refused.value.message

    def test_without_its_authority_the_server_is_not_trusted(
        self, live_env: dict[str, str], cluster: Cluster
    ) -> None:
        env = {"HELM_KUBEAPISERVER": cluster.access.server, "HELM_KUBETOKEN": "x"}
        with Cluster(access_from_env(env), env) as connected, pytest.raises(Unreachable) as refused:
            connected.server_version()
        assert "not trusted" in refused.value.message


def test_no_server_is_an_error_in_words() -> None:
    env = {"HELM_KUBEAPISERVER": "http://127.0.0.1:9"}
    with Cluster(access_from_env(env), env) as nobody, pytest.raises(ClusterError) as refused:
        nobody.list("v1", "Pod", "x")
    assert "no connection to the API server 127.0.0.1:9" in refused.value.message
    assert refused.value.hint


def _token(cluster: Cluster, namespace: str, account: str) -> str:
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": 3600},
    }
    path = f"api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
    return str(cluster.http.post(path, json=copy.deepcopy(body)).json()["status"]["token"])


def _reader(namespace: str) -> list[dict[str, Any]]:
    where = {"name": "reader", "namespace": namespace}
    rbac = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": where},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "Role",
            "metadata": where,
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}],
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": where,
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", **where}],
        },
    ]


_PLUGIN = """#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" >> {log}
cat <<END
{{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
 "status": {{"token": "{token}"}}}}
END
"""
