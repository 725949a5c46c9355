"""Values of objects and values files: what is hidden, what stays readable, and how it is written."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.manifests.secrets import secret_values
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.change import ABSENT, FieldChange, ObjectId
from helm_tyk_upgrade.model.secrets import Masker, is_secret_entry
from helm_tyk_upgrade.report.masking import field_value, learn_objects, tree, values_value
from helm_tyk_upgrade.report.writing import block, written

SECRET = ObjectId("v1", "Secret", "", "s")
CONFIG = ObjectId("v1", "ConfigMap", "", "c")


def masker() -> Masker:
    return Masker(b"a key for the tests only")


def shown(identity: ObjectId, steps: tuple[str | int, ...], value: Any, name: str = "") -> Any:
    field = FieldChange(
        ".".join(map(str, steps)), steps, ABSENT, value, name=name or str(steps[-1] if steps else "")
    )
    return field_value(masker(), identity, field, value)


def test_entries_of_a_secret_are_hidden_whatever_their_name() -> None:
    plain = shown(SECRET, ("stringData", "mode"), "ce")
    assert plain == masker().fingerprint("ce")
    assert shown(SECRET, ("data", "mode"), base64.b64encode(b"ce").decode()) == plain
    assert shown(SECRET, ("data",), {"a": "not base64!"}) == {"a": masker().fingerprint("not base64!")}
    assert shown(SECRET, ("stringData", "empty"), "") == ""
    assert shown(SECRET, ("type",), "Opaque") == "Opaque"


def test_a_whole_secret_keeps_its_shape() -> None:
    whole = {"kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "hush"}, "data": {"b": None}}
    assert shown(SECRET, (), whole) == {
        "kind": "Secret",
        "metadata": {"name": "s"},
        "stringData": {"a": masker().fingerprint("hush")},
        "data": {"b": None},
    }


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (("valueFrom", "secretKeyRef", "key"), "redisPass"),
        (("spec", "tolerations", 0, "key"), "node-role"),
        (("spec", "replicas"), 3),
        (("data", "port"), "8080"),
        (("data", "listen"), "http://gateway:8080/"),
        (("metadata", "name"), "secrets-prod"),
        (("spec", "secretName"), "tls"),
    ],
)
def test_names_of_secrets_and_plain_values_stay_readable(steps: tuple[str | int, ...], value: Any) -> None:
    assert shown(CONFIG, steps, value) == value


@pytest.mark.parametrize(
    "value",
    [
        {"name": "TYK_GW_SECRET", "value": "hush"},
        [{"name": "A", "value": "x"}, {"value": "hush", "name": "API_KEY"}],
        {"tls": {"key": "hush"}},
        {"a.conf": "listen: 1\nsecret: hush\n"},
        {"a.json": '{"secret": "hush", "b": [{"apiKey": "hush"}]}'},
        {"url": "redis://:hush@redis:6379"},
        {"dsn": "host=db password=hush"},
        {"a.ini": "port=1\npassword=hush\n"},
        {"args": ["--password=hush", "--port=1"]},
        {"token": 31337},
    ],
)
def test_hidden(value: Any) -> None:
    text = repr(tree(masker(), value))
    assert "hush" not in text
    assert "31337" not in text
    assert "secret:" in text


def test_references_inside_a_map_keep_their_key() -> None:
    reference = {"name": "s", "key": "APISecret"}
    assert tree(masker(), {"secretKeyRef": reference}) == {"secretKeyRef": reference}


def test_what_an_object_holds_is_hidden_elsewhere_too() -> None:
    own = masker()
    old = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {token: hush-hush, note: http://gateway}\n"
    new = old.replace("hush-hush", "hush-two") + (
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c,"
        " env: [{name: API_KEY, value: hush-three}, {name: X, valueFrom: {secretKeyRef: {name: s, key: token}}}]}]}\n"
    )
    learn_objects(own, compare(old, new).objects)
    text = own.text("hush-hush hush-two hush-three http://gateway token")
    assert "hush" not in text
    assert text.endswith("http://gateway token")


def test_a_values_path_names_its_value() -> None:
    assert values_value(masker(), ("global", "redis", "pass"), "hush") == masker().fingerprint("hush")
    assert values_value(masker(), ("hosts", 0), "a") == "a"
    assert values_value(masker(), ("tokens", 0, "secret"), "hush") == masker().fingerprint("hush")
    assert values_value(masker(), ("replicas",), 3.0) == 3
    assert type(values_value(masker(), ("replicas",), 3.0)) is int
    assert values_value(masker(), ("a",), ABSENT) is ABSENT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ABSENT, "(none)"),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ("plain", "plain"),
        ("", '""'),
        ("true", '"true"'),
        ("8080", '"8080"'),
        ("5.10", '"5.10"'),
        ("100m", "100m"),
        (" led", '" led"'),
        ("a: b", "a: b"),
        ("two\nlines", '"two\\nlines"'),
        ({"a": "x, y", "b": 1}, '{a: "x, y", b: 1}'),
        ([], "[]"),
        (["-c", "8080"], '[-c, "8080"]'),
    ],
)
def test_written(value: Any, text: str) -> None:
    assert written(value) == text


def test_blocks() -> None:
    value = {
        "metadata": {"labels": {"app": "gateway", "release": "prod"}},
        "text": "a\nb\n",
    }
    assert block(value, 60) == [
        "metadata: {labels: {app: gateway, release: prod}}",
        "text: |",
        "  a",
        "  b",
    ]
    assert block([{"name": "a" * 40, "value": "b" * 30}], 60) == [
        f"- name: {'a' * 40}",
        f"  value: {'b' * 30}",
    ]


HOOK = "https://hooks.example.com/services/T0001/XyZsecretXyZ"


@pytest.mark.parametrize("where", ["stringData", "data"])
@pytest.mark.parametrize(
    "url",
    [
        HOOK,
        "https://ann:open-sesame@hooks.example.com/services/T0001/XyZsecretXyZ",
        "https://hooks.example.com?sig=XyZsecretXyZ",
    ],
)
def test_a_secret_url_is_hidden_in_other_objects_too(url: str, where: str) -> None:
    held = base64.b64encode(url.encode()).decode() if where == "data" else url
    new = (
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n{where}: {{hook: '{held}'}}\n---\n"
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{note: 'post to {url} daily'}}\n"
    )
    found = compare("", new).objects
    by_plan, by_manifest = masker(), masker()
    learn_objects(by_plan, found)
    by_manifest.learn(secret_values(split(new)))
    for one in (by_plan, by_manifest):
        text = str([field_value(one, item.id, field, field.new) for item in found for field in item.fields])
        assert "XyZsecretXyZ" not in text
        assert "open-sesame" not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HOOK, True),
        ("https://hooks.example.com/?key=hush", True),
        ("redis://:hush@redis.example.com:6379", True),
        ("https://hooks.example.com#hush-hush", True),
        ("https://hooks.example.com", False),
        ("https://hooks.example.com:8443/", False),
        ("https://a.example.com,https://b.example.com:8443/\n", False),
        ("mongodb://a.example.com:27017,b.example.com:27017", False),
        ("a-long-word-without-any-scheme", True),
        ("short", False),
    ],
)
def test_an_address_alone_is_no_secret(text: str, expected: bool) -> None:
    assert is_secret_entry("hook", text) is expected
    assert is_secret_entry("password", text)


def test_the_line_break_at_a_files_end_is_no_part_of_its_secret() -> None:
    one = masker()
    one.learn([HOOK + "\n"])
    assert "XyZ" not in one.text(f"post to {HOOK} daily")
