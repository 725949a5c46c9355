"""Helm's global flags, wherever they stand, end up in the environment."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.global_flags import split_globals

TABLE: list[tuple[str, str, dict[str, str]]] = [
    ("", "", {}),
    ("plan tyk", "plan tyk", {}),
    ("-n apis plan", "plan", {"HELM_NAMESPACE": "apis"}),
    ("plan -n apis", "plan", {"HELM_NAMESPACE": "apis"}),
    ("plan -napis", "plan", {"HELM_NAMESPACE": "apis"}),
    ("plan -n=apis", "plan", {"HELM_NAMESPACE": "apis"}),
    ("plan --namespace=apis tyk", "plan tyk", {"HELM_NAMESPACE": "apis"}),
    ("-n one plan -n two", "plan", {"HELM_NAMESPACE": "two"}),
    ("--qps 3 plan", "plan", {"HELM_QPS": "3"}),
    ("--burst-limit=9 plan", "plan", {"HELM_BURST_LIMIT": "9"}),
    ("--kube-context=prod plan --kubeconfig /k", "plan", {"HELM_KUBECONTEXT": "prod", "KUBECONFIG": "/k"}),
    ("plan --debug", "plan", {"HELM_DEBUG": "true"}),
    ("plan --debug=false", "plan", {"HELM_DEBUG": "false"}),
    ("--kube-insecure-skip-tls-verify plan", "plan", {"HELM_KUBEINSECURE_SKIP_TLS_VERIFY": "true"}),
    ("--kube-as-group a plan --kube-as-group=b", "plan", {"HELM_KUBEASGROUPS": "a,b"}),
    ("--colour never plan", "plan", {"HELM_COLOR": "never"}),
    ("plan --set a=-n,b=--debug", "plan --set a=-n,b=--debug", {}),
    ("plan -f values.yaml --no-rollback", "plan -f values.yaml --no-rollback", {}),
    ("plan -- -n apis --debug", "plan -- -n apis --debug", {}),
]


@pytest.mark.parametrize(("argv", "rest", "env"), TABLE, ids=[row[0] or "nothing" for row in TABLE])
def test_globals_move_to_the_environment(argv: str, rest: str, env: dict[str, str]) -> None:
    found = split_globals(argv.split(), {"PATH": "/bin"})
    assert list(found.argv) == rest.split()
    assert found.env == {"PATH": "/bin", **env}


def test_a_flag_wins_over_the_environment() -> None:
    env = {"HELM_NAMESPACE": "default", "HELM_KUBEASGROUPS": "x"}
    found = split_globals(["-n", "apis", "--kube-as-group", "a"], env)
    assert found.env == {"HELM_NAMESPACE": "apis", "HELM_KUBEASGROUPS": "a"}


@pytest.mark.parametrize("flag", ["-n", "--kube-context", "--qps"])
def test_a_flag_without_its_value_is_a_usage_error(flag: str) -> None:
    with pytest.raises(UsageError, match=f"{flag} needs a value"):
        split_globals(["plan", flag], {})
