"""Where keys stand, with the comments of the file's author and of the chart's."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.helmyaml import UnreadableYaml
from helm_tyk_upgrade.values.cautions import cautions, plain_secrets
from helm_tyk_upgrade.values.judging import positions
from helm_tyk_upgrade.values.places import Places, chart_comment

TEXT = b"""\
# the first
a:
  # two lines
  # of words
  b: 1
  list:
    - name: x
      v: 2
a2: &m {deep: {er: 1}}
merged:
  <<: *m
dup: 1
dup: 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 2),
        (("a", "b"), 5),
        (("a", "list", 0, "v"), 8),
        (("merged", "deep", "er"), 10),
        (("dup",), 13),
        (("nowhere",), 0),
    ],
)
def test_lines(path: tuple[str | int, ...], line: int) -> None:
    assert Places("f", TEXT, 3).line(path) == line


def test_comments() -> None:
    places = Places("f", TEXT, 3)
    assert [places.comment(path) for path in (("a",), ("a", "b"), ("dup",), ("x",))] == [
        "the first",
        "two lines\nof words",
        "",
        "",
    ]


def test_of_several_documents_the_one_that_counts() -> None:
    text = b"a: 1\n---\na: 2\n"
    assert (Places("f", text, 3).line(("a",)), Places("f", text, 4).line(("a",))) == (1, 3)
    assert Places("f", text, 4).documents == 2


def test_the_last_file_that_says_something_is_the_place() -> None:
    files = [Places("base", b"a: {x: 1, z: 1}\n", 3), Places("prod", b"\na:\n  x: 2\n", 3)]
    found = positions({"a": {"x": 2.0, "z": 1.0}, "b": 1}, files)
    assert {path: (each.file, each.line) for path, each in found.items()} == {
        ("a", "x"): ("prod", 3),
        ("a", "z"): ("base", 1),
    }


def test_an_unreadable_file_is_named() -> None:
    with pytest.raises(UnreadableYaml) as caught:
        Places("my.yaml", b"a: [\n", 3)
    assert caught.value.message.startswith("values file my.yaml: line ")


def test_the_charts_words_come_from_the_umbrella_then_from_the_subchart() -> None:
    charts = {
        "": Places("values.yaml", b"sub:\n  # above\n  a: 1\n", 4),
        "charts/sub": Places("s", b"# own\na: 1\n# only here\nb: 2\n# of the map\nm:\n  leaf: 1\n", 4),
    }
    words = [chart_comment(charts, ("sub", *path)) for path in (("a",), ("b",), ("m", "leaf"), ("none",))]
    assert words == ["above", "only here", "of the map", ""]


def test_what_stands_above_a_map_is_about_its_first_key_only() -> None:
    text = b"# image for the init container\ninit:\n  repository: x\n  resources: {}\n  # how often\n  tries: 1\n"
    charts = {"": Places("values.yaml", text, 4)}
    words = {key: chart_comment(charts, ("init", key)) for key in ("repository", "resources", "tries")}
    assert words == {"repository": "image for the init container", "resources": "", "tries": "how often"}


def test_secrets_are_found_by_key_and_by_the_name_beside_the_value() -> None:
    tree = {
        "pass": "x",
        "passSecret": {"name": "n", "keyName": "k"},
        "secrets": {"APISecret": "y", "useSecretName": ""},
        "env": [{"name": "DB_PASSWORD", "value": "z"}, {"name": "MODE", "value": "z"}],
        "token": "$(FROM_POD)",
        "password": "{{ .Values.x }}",
        "licence": 12.0,
        "license": 12.0,
    }
    assert list(plain_secrets(tree)) == [
        ("pass",),
        ("secrets", "APISecret"),
        ("env", 0, "value"),
        ("licence",),
        ("license",),
    ]


def test_cautions_are_in_the_order_of_lines_and_hold_no_value() -> None:
    found = cautions(Places("f", b"tag: 1.10\npass: canary\na: 1\na: 2\n", 3))
    assert [(each.line, each.kind) for each in found] == [
        (1, "number-as-version"),
        (2, "plain-secret"),
        (4, "duplicate-key"),
    ]
    assert "canary" not in str(found)


def test_an_encrypted_file_has_no_plain_secrets() -> None:
    assert cautions(Places("f", b"pass: ENC[x]\nsops: {v: 1}\n", 3)) == ()
