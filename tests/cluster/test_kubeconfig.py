"""Finding and merging kubeconfig files as kubectl does."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.cluster.kubeconfig import files, load
from helm_tyk_upgrade.errors import ClusterError

ONE = """
current-context: one
contexts: [{name: one, context: {cluster: c, user: u, namespace: tyk}}]
clusters: [{name: c, cluster: {server: https://one, certificate-authority: ca.crt}}]
users: [{name: u, user: {token: first}}]
"""
TWO = """
current-context: two
contexts: [{name: two, context: {cluster: d, user: u}}]
clusters:
  - {name: c, cluster: {server: https://not-this}}
  - {name: d, cluster: {server: https://two}}
users: [{name: u, user: {token: second, client-key: k}}, {name: v, user: {exec: {command: bin/login}}}]
"""


def test_the_list_wins_over_the_home_folder() -> None:
    assert files({"HOME": "/home/me"}) == [Path("/home/me/.kube/config")]
    assert files({"HOME": "/home/me", "KUBECONFIG": "a::b"}) == [Path("a"), Path("b")]
    assert files({}) == []


def test_the_first_file_that_names_a_thing_wins_whole(tmp_path: Path) -> None:
    (tmp_path / "one").write_text(ONE)
    (tmp_path / "two").write_text(TWO)
    merged = load({"KUBECONFIG": f"{tmp_path}/one:{tmp_path}/absent:{tmp_path}/two"})
    assert merged.current_context == "one"
    assert set(merged.contexts) == {"one", "two"}
    assert merged.clusters["c"]["server"] == "https://one"
    assert merged.users["u"] == {"token": "first"}  # nothing of the second file's `u`


def test_relative_paths_start_at_their_own_file(tmp_path: Path) -> None:
    folder = tmp_path / "below"
    folder.mkdir()
    (folder / "config").write_text(
        ONE
        + TWO.replace("current-context: two", "")
        .replace("contexts:", "more:")
        .replace("clusters:", "others:")
        .replace("users:", "rest:")
    )
    (tmp_path / "two").write_text(TWO)
    merged = load({"KUBECONFIG": f"{folder}/config:{tmp_path}/two"})
    assert merged.clusters["c"]["certificate-authority"] == str(folder / "ca.crt")
    assert merged.users["v"]["exec"]["command"] == str(tmp_path / "bin/login")


def test_no_file_at_all_is_an_empty_configuration(tmp_path: Path) -> None:
    assert load({"KUBECONFIG": str(tmp_path / "absent")}).current_context == ""


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "clusters: {a: b}\n"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken").write_text(text)
    with pytest.raises(ClusterError) as refused:
        load({"KUBECONFIG": str(tmp_path / "broken")})
    assert str(tmp_path / "broken") in refused.value.message


def test_credentials_do_not_show_in_the_record(tmp_path: Path) -> None:
    (tmp_path / "one").write_text(ONE)
    assert "first" not in repr(load({"KUBECONFIG": str(tmp_path / "one")}))
