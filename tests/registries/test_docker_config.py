"""The user's own registry credentials, from real files and a real credential helper."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.edge.process import Processes
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.registries.credentials import Credential
from helm_tyk_upgrade.registries.docker_config import config_files, own_credentials
from helm_tyk_upgrade.registries.reference import parse

AUTHS = {"a.example": {"auth": base64.b64encode(b"ann:canary-pass").decode()}}
HELPER = """#!/bin/sh
# Speaks Docker's protocol: the registry on standard input, one JSON object on standard output.
read -r server || :
[ "$*" = get ] || exit 9
case $server in
  a.example) printf '{"ServerURL": "%s", "Username": "ann", "Secret": "canary-pass"}' "$server" ;;
  https://index.docker.io/v1/) printf '{"Username": "<token>", "Secret": "canary-id"}' ;;
  empty.example) printf '{"Username": "", "Secret": ""}' ;;
  odd.example) echo canary-pass ;;
  broken.example) echo canary-pass; echo canary-pass >&2; exit 1 ;;
  *) echo "credentials not found in native keychain"; exit 1 ;;
esac
"""


def found(image: str, env: dict[str, str]) -> list[Maybe[Credential]]:
    return list(own_credentials(parse(image), env, Processes(env)))


def docker(folder: Path, **config: Any) -> dict[str, str]:
    (folder / "config.json").write_text(json.dumps(config))
    return {"DOCKER_CONFIG": str(folder), "PATH": f"{folder}:{os.environ['PATH']}"}


@pytest.fixture
def helped(tmp_path: Path) -> dict[str, str]:
    program = tmp_path / "docker-credential-test"
    program.write_text(HELPER)
    program.chmod(0o700)
    return docker(tmp_path, auths={"a.example": {}}, credsStore="test")


def test_files_are_where_docker_and_helm_have_them(tmp_path: Path) -> None:
    home = str(tmp_path)
    at_home = [path for _, path in config_files({"HOME": home})]
    assert at_home[0] == tmp_path / ".docker" / "config.json"
    assert at_home[1].parts[-3:] == ("helm", "registry", "config.json")
    given = {
        "HOME": home,
        "DOCKER_CONFIG": "/d",
        "HELM_REGISTRY_CONFIG": "/h/r.json",
        "HELM_CONFIG_HOME": "/no",
    }
    assert [str(path) for _, path in config_files(given)] == ["/d/config.json", "/h/r.json"]
    assert [str(path) for _, path in config_files({"HELM_CONFIG_HOME": "/h"})] == ["/h/registry/config.json"]
    assert str(config_files({"XDG_CONFIG_HOME": "/x"})[0][1]) == "/x/helm/registry/config.json"
    assert config_files({}) == ()


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").mkdir()
    [answer] = found("a.example/tyk", {"DOCKER_CONFIG": str(tmp_path)})
    assert isinstance(answer, Unknown)
    assert "is a folder" in answer.reason


def test_entries_of_both_files_are_found(tmp_path: Path) -> None:
    helm = tmp_path / "helm.json"
    helm.write_text(json.dumps({"auths": {"a.example": {"username": "bob", "password": "canary-two"}}}))
    env = docker(tmp_path, auths=AUTHS) | {"HELM_REGISTRY_CONFIG": str(helm)}
    assert found("a.example/tyk", env) == [
        Known(Credential("Docker's config", "ann", "canary-pass")),
        Known(Credential("Helm's registry config", "bob", "canary-two")),
    ]
    assert found("b.example/tyk", env) == []


def test_absent_files_are_no_trouble(tmp_path: Path) -> None:
    assert found("a.example/tyk", {"HOME": str(tmp_path)}) == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"auths": '])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    [answer] = found("a.example/tyk", {"DOCKER_CONFIG": str(tmp_path)})
    assert isinstance(answer, Unknown)
    assert "no JSON object" in answer.reason


def test_a_helper_is_asked_on_standard_input(helped: dict[str, str]) -> None:
    assert found("a.example/tyk", helped) == [
        Known(Credential("docker-credential-test", "ann", "canary-pass"))
    ]


def test_docker_hub_has_its_historic_name_for_a_helper(helped: dict[str, str]) -> None:
    assert found("redis", helped) == [Known(Credential("docker-credential-test", identity_token="canary-id"))]


@pytest.mark.parametrize("image", ["other.example/tyk", "empty.example/tyk"])
def test_a_helper_that_keeps_none_is_no_trouble(helped: dict[str, str], image: str) -> None:
    assert found(image, helped) == []


@pytest.mark.parametrize(
    ("image", "words"), [("odd.example/tyk", "did not answer"), ("broken.example/tyk", "exit code 1")]
)
def test_a_helper_in_trouble_is_told_without_what_it_printed(
    helped: dict[str, str], image: str, words: str
) -> None:
    [answer] = found(image, helped)
    assert isinstance(answer, Unknown)
    assert words in answer.reason
    assert "canary" not in answer.reason


@pytest.mark.parametrize(
    ("helper", "words"), [("not-installed", "no such program"), ("../../bin/sh", "can be called")]
)
def test_a_helper_that_is_not_there_is_told(tmp_path: Path, helper: str, words: str) -> None:
    [answer] = found("a.example/tyk", docker(tmp_path, credsStore=helper))
    assert isinstance(answer, Unknown)
    assert words in answer.reason
