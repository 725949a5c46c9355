"""The masker: a planted secret never comes out, nor does anything that moves a terminal's cursor."""

from __future__ import annotations

import base64
import json
import unicodedata
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_tyk_upgrade.model.secrets import MINIMUM, Masker, is_secret_name, printable

NOT_LEARNED = ("true", "false", "null", "none")
SECRETS = (
    st.text(min_size=MINIMUM).filter(lambda text: text.lower() not in NOT_LEARNED).map("canary{}".format)
)
MOVERS = (
    "\x1b",
    "\x9b",
    "\x07",
    "\x08",
    "\r",
    "\x00",
    "\x7f",
    "\u200f",
    "\u202e",
    "\u2066",
    "\u2028",
    "\ufeff",
)


@pytest.mark.parametrize(
    "name",
    ["password", "redisPass", "APISecret", "global.redis.pass", "adminUserPassword", "TYK_GW_SECRET",
     "mongoURL",
     "connectionString", "licenseKey", "TYK_GW_STORAGE_PASSWORD", "apiKey", "authToken",
     "PRIVATE_KEY", "key"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["useSecretName", "secretName", "keyName", "passSecret", "tag", "replicaCount", "secrets", "hashKeys",
     "imagePullSecrets", "enableTokens", "keyPath", "image"],
)  # fmt: skip
def test_names_that_hold_none(name: str) -> None:
    assert not is_secret_name(name)


@given(st.text(), SECRETS, st.text())
def test_a_known_secret_never_comes_out_of_text(before: str, secret: str, after: str) -> None:
    masker = Masker()
    masker.learn([secret])
    for form in (
        secret,
        base64.b64encode(secret.encode()).decode(),
        quote(secret, safe=""),
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
    ):
        assert (
            "canary"
            not in masker.text(before + form + after)
            .replace(printable(before), "", 1)
            .replace(printable(after), "", 1)
            or "canary" in before + after
        )
        assert form not in masker.text(before + form + after)


@given(st.dictionaries(st.sampled_from(["tag", "list", "url"]), st.text(), max_size=3), SECRETS)
def test_a_secret_of_a_tree_is_known_everywhere_afterwards(rest: dict[str, Any], secret: str) -> None:
    for tree in (
        {"global": {"secrets": {"APISecret": secret}}, **rest},
        {"extraEnvs": [{"name": "TYK_GW_SECRET", "value": secret}], **rest},
        {"pass": [secret], **rest},
    ):
        masker = Masker()
        masker.learn_tree(tree)
        assert secret not in masker.text(f"Error: cannot use {secret}.")
        assert secret not in json.dumps(masker.value("values", tree), ensure_ascii=False)


@given(st.text())
def test_printable_text_moves_nothing(text: str) -> None:
    shown = printable(text + "".join(MOVERS))
    assert not any(mover in shown for mover in MOVERS)
    assert all(character in "\n\t" or unicodedata.category(character) != "Cc" for character in shown)
    assert printable(shown) == shown


@given(st.text())
def test_masked_text_moves_nothing(text: str) -> None:
    assert not any(mover in Masker().text(text + "".join(MOVERS)) for mover in MOVERS)


@pytest.mark.parametrize(
    "text",
    [
        "redis://user:canary-pass@redis:6379/0",
        "mongodb://tyk:canary-pass@mongo:27017/tyk?x=1",
        "postgres://u:canary-pass@h and amqp://:canary-pass@h",
        "host=db user=tyk password=canary-pass dbname=tyk",
        "host=db password='canary-pass' sslmode=off",
    ],
)
def test_passwords_in_addresses_are_masked_though_nobody_told_them(text: str) -> None:
    shown = Masker().text(text)
    assert "canary-pass" not in shown
    assert "secret:" in shown


def test_equal_secrets_look_equal_in_a_run_and_different_in_another() -> None:
    one = Masker()
    assert one.fingerprint("a") == one.fingerprint("a") != one.fingerprint("b")
    assert one.fingerprint("a") != Masker().fingerprint("a")
    assert Masker(b"key").fingerprint("a") == Masker(b"key").fingerprint("a")


def test_a_fingerprint_tells_neither_length_nor_content() -> None:
    masker = Masker()
    assert len(masker.fingerprint("a")) == len(masker.fingerprint("a" * 1000)) == len("secret:12345678")


@pytest.mark.parametrize(
    ("name", "value"),
    [("tag", "v5.13.1"), ("replicaCount", 3), ("enabled", True), ("password", ""), ("x", None)],
)
def test_what_is_no_secret_stays_readable(name: str, value: Any) -> None:
    masker = Masker()
    masker.learn(["true", "no"])
    assert masker.value(name, value) == value


def test_values_under_a_secrets_name_are_masked_of_any_type() -> None:
    masker = Masker()
    shown = masker.value("values", {"password": 12345678, "apiKey": "k", "list": {"token": ["a", "b"]}})
    assert json.dumps(shown).count("secret:") == 4


def test_a_longer_secret_is_masked_whole() -> None:
    masker = Masker()
    masker.learn(["canary", "canary-and-more"])
    assert masker.text("canary-and-more") == masker.fingerprint("canary-and-more")


def test_a_number_under_a_secret_name_is_learned() -> None:
    masker = Masker()
    masker.learn_tree({"redis": {"password": 12345678.0}})
    assert "12345678" not in masker.text("AUTH 12345678")


def test_a_multi_line_secret_that_is_indented_anew_does_not_come_out() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nZm9vYmFyYmF6cXV4\n-----END PRIVATE KEY-----\n"
    masker = Masker()
    masker.learn([key])
    shown = masker.text("tls.key: |\n" + "".join(f"    {line}\n" for line in key.splitlines()))
    assert "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" not in shown
    assert "Zm9vYmFyYmF6cXV4" not in shown


def test_a_known_secret_in_a_url_is_the_same_secret_as_elsewhere() -> None:
    masker = Masker()
    masker.learn(["p@ss/word"])
    shown = masker.text("p@ss/word and redis://user:p%40ss%2Fword@host:6379")
    assert (
        shown
        == f"{masker.fingerprint('p@ss/word')} and redis://user:{masker.fingerprint('p@ss/word')}@host:6379"
    )


def test_masking_twice_changes_nothing_more() -> None:
    masker = Masker()
    once = masker.text("postgres://u:hunter22@db password=hunter23")
    assert masker.text(once) == once


def test_the_key_of_a_toleration_is_no_secret() -> None:
    masker = Masker()
    masker.learn_tree({"tolerations": [{"key": "node-role.kubernetes.io/master", "effect": "NoSchedule"}]})
    assert masker.text("node-role.kubernetes.io/master") == "node-role.kubernetes.io/master"


def test_what_stands_below_a_map_of_secrets_is_one() -> None:
    masker = Masker()
    tree = {"tokens": {"a": "maptoken1", "name": "plain-name", "list": [{"x": "listtoken1"}]}}
    assert masker.value("tokens", tree["tokens"])["a"].startswith("secret:")
    masker.learn_tree(tree)
    said = masker.text("maptoken1 listtoken1 plain-name")
    assert "token1" not in said
    assert "plain-name" in said
