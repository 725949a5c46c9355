"""Kubeconfig, Helm's environment and the pod's own ServiceAccount as one record."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from helm_tyk_upgrade.cluster.access import ExecPlugin, access_from_env
from helm_tyk_upgrade.errors import ClusterError

PEM = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"
CONFIG = f"""
current-context: here
contexts:
  - {{name: here, context: {{cluster: c, user: u, namespace: tyk}}}}
  - {{name: there, context: {{cluster: d, user: v}}}}
  - {{name: torn, context: {{cluster: nobody}}}}
  - {{name: old, context: {{cluster: d, user: w}}}}
clusters:
  - name: c
    cluster:
      server: https://here:6443/
      certificate-authority-data: {base64.b64encode(PEM.encode()).decode()}
      tls-server-name: other
      proxy-url: http://proxy:3128
  - {{name: d, cluster: {{server: "https://there", insecure-skip-tls-verify: true}}}}
users:
  - {{name: u, user: {{token: secret-token, as: boss, as-groups: [a, b]}}}}
  - name: v
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1
        command: login
        args: [--now]
        env: [{{name: REGION, value: north}}]
        provideClusterInfo: true
        interactiveMode: Never
        installHint: install login
  - {{name: w, user: {{auth-provider: {{name: gcp}}}}}}
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config").write_text(CONFIG)
    return {"KUBECONFIG": str(tmp_path / "config")}


def test_the_current_context_is_read_whole(env: dict[str, str]) -> None:
    access = access_from_env(env)
    assert (access.server, access.namespace, access.context) == ("https://here:6443", "tyk", "here")
    assert (access.ca, access.tls_server_name, access.proxy) == (PEM, "other", "http://proxy:3128")
    assert (access.token, access.as_user, access.as_groups) == ("secret-token", "boss", ("a", "b"))


def test_no_credential_is_in_the_records_text(env: dict[str, str]) -> None:
    assert "secret-token" not in repr(access_from_env(env))


def test_a_context_may_be_chosen_by_flag_or_by_helm(env: dict[str, str]) -> None:
    plugin = ExecPlugin(
        "login",
        ("--now",),
        (("REGION", "north"),),
        "client.authentication.k8s.io/v1",
        True,
        "Never",
        "install login",
    )
    by_flag = access_from_env(env, context="there")
    by_helm = access_from_env(env | {"HELM_KUBECONTEXT": "there"})
    assert by_flag == by_helm
    assert (by_flag.server, by_flag.insecure, by_flag.plugin) == ("https://there", True, plugin)
    assert by_flag.namespace == "default"


def test_the_namespace_is_the_flag_then_helms_then_the_contexts(env: dict[str, str]) -> None:
    assert access_from_env(env | {"HELM_NAMESPACE": "h"}, namespace="f").namespace == "f"
    assert access_from_env(env | {"HELM_NAMESPACE": "h"}).namespace == "h"
    assert access_from_env(env).namespace == "tyk"


def test_helms_variables_override_kubeconfig(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_text("other")
    access = access_from_env(
        env
        | {
            "HELM_KUBEAPISERVER": "https://elsewhere:1",
            "HELM_KUBETOKEN": "t",
            "HELM_KUBEASUSER": "me",
            "HELM_KUBEASGROUPS": "x,y",
            "HELM_KUBECAFILE": str(tmp_path / "other.pem"),
            "HELM_KUBETLS_SERVER_NAME": "name",
        }
    )
    assert (access.server, access.token, access.as_user) == ("https://elsewhere:1", "t", "me")
    assert (access.as_groups, access.ca, access.tls_server_name) == (("x", "y"), "other", "name")


def test_a_token_of_helm_replaces_a_plugin(env: dict[str, str]) -> None:
    access = access_from_env(env | {"HELM_KUBETOKEN": "t"}, context="there")
    assert (access.token, access.plugin) == ("t", None)


@pytest.mark.parametrize(("text", "insecure"), [("true", True), ("1", True), ("false", False), ("", False)])
def test_skipping_verification_drops_the_authority(env: dict[str, str], text: str, insecure: bool) -> None:
    access = access_from_env(env | {"HELM_KUBEINSECURE_SKIP_TLS_VERIFY": text})
    assert (access.insecure, access.ca == "") == (insecure, insecure)


def test_a_pod_uses_its_own_account(tmp_path: Path) -> None:
    for name, text in (("token", "t"), ("namespace", "mine\n"), ("ca.crt", PEM)):
        (tmp_path / name).write_text(text)
    env = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    access = access_from_env(env, service_account=tmp_path)
    assert (access.server, access.namespace) == ("https://[fd00::1]:443", "mine")
    assert (access.token_file, access.ca) == (str(tmp_path / "token"), PEM)


def test_kubeconfig_wins_over_the_pods_account(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    inside = env | {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    assert access_from_env(inside, service_account=tmp_path).server == "https://here:6443"


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ("nowhere", "'nowhere' is not defined"),
        ("torn", "names the cluster 'nobody'"),
        ("old", "auth-provider"),
    ],
)
def test_what_cannot_be_used_is_named(env: dict[str, str], context: str, words: str) -> None:
    with pytest.raises(ClusterError) as refused:
        access_from_env(env, context=context)
    assert words in refused.value.message
    assert refused.value.hint


def test_no_cluster_at_all_is_an_error() -> None:
    with pytest.raises(ClusterError) as refused:
        access_from_env({})
    assert "no cluster is configured" in refused.value.message


def test_a_certificate_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        CONFIG.replace("certificate-authority-data: ", "certificate-authority-data: /w")
    )
    with pytest.raises(ClusterError) as refused:
        access_from_env({"KUBECONFIG": str(tmp_path / "config")})
    assert "certificate-authority" in refused.value.message
