"""Credentials reach the registry they are for, and no other."""

from __future__ import annotations

import base64

import pytest

from helm_tyk_upgrade.registries.credentials import (
    Credential,
    credentials_for,
    helper_answer,
    helper_for,
    is_for,
)
from helm_tyk_upgrade.registries.reference import parse

AUTH = base64.b64encode(b"ann:canary:pass").decode()


@pytest.mark.parametrize(
    ("image", "key", "fits"),
    [
        ("redis", "https://index.docker.io/v1/", True),
        ("redis", "docker.io", True),
        ("redis", "registry-1.docker.io", True),
        ("registry-1.docker.io/library/redis", "https://index.docker.io/v1/", True),
        ("redis", "docker.io.example", False),
        ("a.example/tyk", "a.example", True),
        ("A.example/tyk", "a.EXAMPLE", True),
        ("a.example/tyk", "https://a.example", True),
        ("a.example/tyk", "https://a.example/v2/", True),
        ("a.example/tyk", "http://a.example/v1/", True),
        ("a.example/team/tyk", "a.example/team", True),
        ("a.example/team/tyk", "a.example/team/tyk", True),
        ("a.example/team/tyk", "a.example/tea", False),
        ("a.example/team/tyk", "a.example/other", False),
        ("a.example:5000/tyk", "a.example", False),
        ("a.example/tyk", "a.example:5000", False),
        ("a.example:5000/tyk", "a.example:5000", True),
        ("b.a.example/tyk", "a.example", False),
        ("a.example/tyk", "b.a.example", False),
        ("a.example.evil.test/tyk", "a.example", False),
        ("evil.test/a.example/tyk", "a.example", False),
        ("a.example/tyk", "https://a.example@evil.test", False),
        ("a.example/tyk", "", False),
    ],
)
def test_a_key_is_for_its_own_host(image: str, key: str, fits: bool) -> None:
    assert is_for(parse(image), key) is fits


@pytest.mark.parametrize(
    ("image", "key", "fits"),
    [
        ("1.dkr.ecr.eu-west-1.amazonaws.example/tyk", "*.dkr.ecr.*.amazonaws.example", True),
        ("a.b.example/tyk", "*.example", False),
        ("a.example/tyk", "*", False),
        ("a.example/tyk", "*.*", True),
        ("redis", "*.*", False),
    ],
)
def test_stars_count_in_pull_secrets_only_and_within_a_part(image: str, key: str, fits: bool) -> None:
    assert is_for(parse(image), key, globs=True) is fits
    assert not is_for(parse(image), key)


def test_the_most_specific_entry_comes_first() -> None:
    auths = {
        "a.example": {"username": "all", "password": "x"},
        "a.example/team": {"auth": AUTH},
        "b.example": {"username": "other", "password": "x"},
    }
    found = credentials_for(parse("a.example/team/tyk"), auths, "Docker's config")
    assert [(item.username, item.password) for item in found] == [("ann", "canary:pass"), ("all", "x")]


@pytest.mark.parametrize(
    "auths",
    [
        None,
        [],
        "x",
        {"a.example": None},
        {"a.example": {}},
        {"a.example": {"auth": "!"}},
        {"a.example": {"auth": "/w=="}},
    ],
)
def test_what_is_no_entry_is_no_credential(auths: object) -> None:
    assert credentials_for(parse("a.example/tyk"), auths, "x") == ()


def test_secrets_are_not_in_the_repr_and_known_to_who_must_mask_them() -> None:
    credential = Credential("Docker's config", "ann", "canary-pass", "canary-token", "canary-id")
    assert "canary" not in repr(credential)
    encoded = base64.b64encode(b"ann:canary-pass").decode()
    assert credential.secrets == ("canary-pass", encoded, "canary-token", "canary-id")


@pytest.mark.parametrize(
    ("image", "helper"),
    [("a.example/tyk", "ecr-login"), ("redis", "hub"), ("b.example/tyk", "desktop")],
)
def test_a_registrys_own_helper_comes_before_the_store(image: str, helper: str) -> None:
    config = {"credsStore": "desktop", "credHelpers": {"a.example": "ecr-login", "docker.io": "hub"}}
    assert helper_for(parse(image), config) == helper
    assert helper_for(parse(image), {"auths": {}}) == ""


@pytest.mark.parametrize(
    "printed", [b"", b"[]", b"{}", b'{"Username": "a"}', b'{"Username": 1, "Secret": "x"}']
)
def test_other_output_is_no_helpers_answer(printed: bytes) -> None:
    assert helper_answer(printed, "x") is None


def test_a_helpers_identity_token_is_no_password() -> None:
    found = helper_answer(b'{"ServerURL": "", "Username": "<token>", "Secret": "canary"}', "x")
    assert found == Credential("x", identity_token="canary")
