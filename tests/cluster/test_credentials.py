"""Tokens and credential plugins."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from helm_tyk_upgrade.cluster.access import Access, ExecPlugin
from helm_tyk_upgrade.cluster.credentials import Credential, credentials, exec_info, parse_credential
from helm_tyk_upgrade.errors import ClusterError

V1 = "client.authentication.k8s.io/v1"


def plugin(tmp_path: Path, script: str, **changes: str) -> Access:
    path = tmp_path / "login"
    path.write_text(f"#!/bin/sh\necho call >> {tmp_path}/calls\n{script}\n")
    path.chmod(0o755)
    return Access("https://x", plugin=ExecPlugin(str(path), **{"api_version": V1, **changes}))  # type: ignore[arg-type]


def says(**status: str) -> str:
    return f"echo '{json.dumps({'kind': 'ExecCredential', 'status': status})}'"


def calls(tmp_path: Path) -> int:
    return (tmp_path / "calls").read_text().count("call")


ENV = {"PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize(
    ("access", "authorization"),
    [
        (Access("https://x"), ""),
        (Access("https://x", token="t"), "Bearer t"),
        (Access("https://x", username="u", password="p"), "Basic dTpw"),
        (Access("https://x", token="t", username="u"), "Bearer t"),
    ],
)
def test_what_is_fixed_stays(access: Access, authorization: str) -> None:
    source = credentials(access, {})
    assert source.current() == Credential(authorization)
    assert not source.renew()


def test_a_token_file_wins_and_is_read_each_time(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("one\n")
    source = credentials(Access("https://x", token="other", token_file=str(path)), {})
    assert source.current().authorization == "Bearer one"
    path.write_text("two\n")
    assert source.current().authorization == "Bearer two"
    path.unlink()
    with pytest.raises(ClusterError):
        source.current()


def test_a_plugins_answer_is_kept_until_renewed(tmp_path: Path) -> None:
    source = credentials(plugin(tmp_path, says(token="t")), ENV)
    assert source.current().authorization == "Bearer t"
    source.current()
    assert calls(tmp_path) == 1
    assert source.renew()
    source.current()
    assert calls(tmp_path) == 2


@pytest.mark.parametrize(("seconds", "expected"), [(5, 2), (3600, 1)])
def test_a_plugins_answer_is_kept_until_it_expires(tmp_path: Path, seconds: int, expected: int) -> None:
    expires = (datetime.now(timezone.utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    source = credentials(plugin(tmp_path, says(token="t", expirationTimestamp=expires)), ENV)
    source.current()
    source.current()
    assert calls(tmp_path) == expected


def test_a_plugin_may_give_a_certificate(tmp_path: Path) -> None:
    source = credentials(plugin(tmp_path, says(clientCertificateData="C", clientKeyData="K")), ENV)
    assert source.current() == Credential("", "C", "K")


def test_a_plugin_learns_about_the_cluster_only_where_it_asked() -> None:
    access = Access("https://x", ca="PEM", tls_server_name="n", proxy="http://p")
    silent = exec_info(access, ExecPlugin("login", api_version=V1))
    assert silent == {"apiVersion": V1, "kind": "ExecCredential", "spec": {"interactive": False}}
    told = exec_info(access, ExecPlugin("login", api_version=V1, wants_cluster=True))["spec"]["cluster"]
    assert (told["server"], told["tls-server-name"], told["proxy-url"]) == ("https://x", "n", "http://p")
    assert told["certificate-authority-data"] == "UEVN"


@pytest.mark.parametrize(
    ("script", "changes", "words"),
    [
        ("echo no login >&2; exit 3", {}, "failed with code 3: no login"),
        ("echo nonsense", {}, "did not print an ExecCredential"),
        ("echo '[]'", {}, "did not print an ExecCredential"),
        (says(), {}, "neither a token nor a certificate"),
        (says(token="t"), {"api_version": "client.authentication.k8s.io/v1alpha1"}, "is not supported"),
        (says(token="t"), {"interactive_mode": "Always"}, "asks questions"),
    ],
)
def test_a_plugin_that_fails_is_named(
    tmp_path: Path, script: str, changes: dict[str, str], words: str
) -> None:
    access = plugin(tmp_path, script, **changes)
    with pytest.raises(ClusterError) as refused:
        credentials(access, ENV).current()
    assert words in refused.value.message
    assert "login" in refused.value.message
    assert refused.value.hint


def test_a_plugin_that_is_not_there_gives_its_own_hint() -> None:
    access = Access("https://x", plugin=ExecPlugin("/nobody/login", install_hint="install it so"))
    with pytest.raises(ClusterError) as refused:
        credentials(access, ENV).current()
    assert refused.value.hint == "install it so"


def test_a_token_in_a_plugins_error_text_is_hidden(tmp_path: Path) -> None:
    token = "eyJhbGciOiJSUzI1NiJ9." + "x" * 40
    with pytest.raises(ClusterError) as refused:
        credentials(plugin(tmp_path, f"echo 'refused: {token}, run login' >&2; exit 1"), ENV).current()
    assert token not in refused.value.message
    assert "refused: [hidden], run login" in refused.value.message


def test_what_a_plugin_printed_is_never_repeated() -> None:
    with pytest.raises(ClusterError) as refused:
        parse_credential(b'{"status": "secret-token', "login")
    assert "secret-token" not in refused.value.message + refused.value.hint
