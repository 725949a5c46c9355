"""What Helm reads, table by table, and how bad input is refused."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from helm_tyk_upgrade.helmyaml import UnreadableYaml, read
from helm_tyk_upgrade.helmyaml.scalars import key_text, resolve
from tests.helmyaml.random_edits import same


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("Off", False),
        ("tRue", "tRue"),
        ("~", None),
        ("0777", 511.0),
        ("0o777", 511.0),
        ("08", 8.0),
        ("0x_1F", 31.0),
        ("1_000", 1000.0),
        (".1_0", 0.1),
        ("._1", "._1"),
        ("1:30", "1:30"),
        ("2001-12-14", "2001-12-14"),
        ("1e400", "1e400"),
        (".5e400", ".5e400"),
        ("5.10", 5.1),
        ("v5.10", "v5.10"),
        ("!!str yes", "yes"),
        ("! 5", "5"),
        ('!!int "5"', 5.0),
        ("!!binary aGVsbG8=", "hello"),
        ("!custom 5", "5"),
    ],
)
def test_a_plain_scalar_is_what_helm_reads(text: str, value: Any) -> None:
    for major in (3, 4):
        assert same(read(f"a: {text}\n".encode(), major), {"a": value})


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("on", "true"),
        ("0777", "511"),
        ("1e3", "1000"),
        ("1e15", "1e+15"),
        ("1e150", ".inf"),
        ("-0.0", "-0"),
        ("0.00001", "1e-05"),
        ("1234567.5", "1.2345675e+06"),
        ('"1"', "1"),
        ("18446744073709551616", "1.8446744e+19"),
    ],
)
def test_a_key_becomes_the_text_that_helm_makes_of_it(key: str, name: str) -> None:
    assert read(f"{key}: v\n".encode(), 4) == {name: "v"}


def test_nan_as_a_key_is_its_text() -> None:
    assert key_text(resolve(".NaN")) == ".nan"


MERGES = [
    ("x: &x {p: 1, q: 2}\na:\n  <<: *x\n  q: 3\n", {"p": 1.0, "q": 3.0}),
    ("x: &x {p: 1, q: 2}\na:\n  q: 3\n  <<: *x\n", {"q": 2.0, "p": 1.0}),
    ("x: &x {p: 1}\nz: &z {p: 2, q: 2}\na:\n  <<: *x\n  <<: *z\n", {"p": 2.0, "q": 2.0}),
    ("x: &x {p: 1}\nz: &z {p: 2, q: 2}\na:\n  <<: [*x, *z]\n", {"p": 1.0, "q": 2.0}),
    ('x: &x {p: 1}\na:\n  "<<": *x\n', {"<<": {"p": 1.0}}),
    ("a:\n  p: 1\n  p: 2\n", {"p": 2.0}),
    ("x: &x 1\nz: &x {p: 2}\na: *x\n", {"p": 2.0}),
]


@pytest.mark.parametrize(("text", "value"), MERGES)
def test_merge_keys_and_duplicates_follow_the_order_of_the_text(text: str, value: Any) -> None:
    data = read(text.encode(), 3)
    assert same(data["a"], value)


@pytest.mark.parametrize(
    ("text", "three", "four"),
    [
        ("a: 1\n---\nb: 2\n", {"a": 1.0}, {"a": 1.0, "b": 2.0}),
        ("a: {x: 1}\n---\na: {z: 2}\n", {"a": {"x": 1.0}}, {"a": {"x": 1.0, "z": 2.0}}),
        ("a: 1\n---\na: null\n", {"a": 1.0}, {"a": None}),
        ("# head\n---\na: 1\n", {"a": 1.0}, {"a": 1.0}),
        ("---\n---\na: 1\n", {}, {"a": 1.0}),
        ("a: |\n  x", {"a": "x"}, {"a": "x\n"}),
        ("%YAML 1.1\n---\na: 1\n", {"a": 1.0}, "error"),
        ("%YAML 1.1 # c\n%TAG !e! tag:x,2000:\n---\na: !e!z 1\n", {"a": "1"}, "error"),
        ("%YAML 1.2\n---\na: 1\n", "error", "error"),
        ("%YAML 1.0\n---\na: 1\n", "error", "error"),
        ("%FOO bar\n---\na: 1\n", "error", "error"),
        ("--- {a: 1}\n", {"a": 1.0}, "error"),
        ("a: 1\n---\nb: [\n", {"a": 1.0}, "error"),
        ("a: 1\n...\nb: 2\n", {"a": 1.0}, {"a": 1.0}),
        ("", {}, {}),
        ("# only a comment\n", {}, {}),
        ("null\n", {}, {}),
        ("\ufeffa: 1\r\nb: 2\r\n", {"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.0}),
    ],
)
def test_documents_by_major(text: str, three: Any, four: Any) -> None:
    for major, expected in ((3, three), (4, four)):
        if expected == "error":
            with pytest.raises(UnreadableYaml):
                read(text.encode(), major)
        else:
            assert same(read(text.encode(), major), expected)


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b"a: 1\nb: \xff\n", (2, 4), "not UTF-8"),
        (b"\xff\xfea\x00:\x00", (1, 1), "UTF-16"),
        (b"a: x\x00y\n", (1, 5), "U+0000"),
        (b"a: 1\nb: \x1b[31m\n", (2, 4), "U+001B"),
        (b"a: 1\n\xef\xbb\xbfb: 2\n", (2, 1), "byte order mark"),
        (b"a: 1\nb: {{ .Values.x }}\n", (2, 4), "{{ }}"),
        (b"{{- if x }}\na: 1\n{{- end }}\n", (1, 1), "{{ }}"),
        (b"- a\n- b\n", (1, 1), "not a mapping"),
        (b"just words\n", (1, 1), "not a mapping"),
        (b"a: *nope\n", (1, 4), "unknown anchor"),
        (b'a: "x\\/y"\n', (1, 6), "escape"),
        (b'1: a\n"1": b\n', (2, 1), "twice"),
        (b"a: [a?b]\n", (1, 6), "a ? in text without quotes"),
        (b"a: {k: http://x/?y=1}\n", (1, 17), "a ? in text without quotes"),
        (b"{a?: 1}\n", (1, 3), "a ? in text without quotes"),
        (b"a: [x:]\n", (1, 6), "cannot be followed here"),
        (b"{x:}\n", (1, 3), "cannot be followed here"),
        (b"a: [b:c:, d]\n", (1, 8), "cannot be followed here"),
        (b"a: .inf\n", (1, 4), "infinity"),
        (b"~: x\n", (1, 1), "null map key"),
        (b"a: &a [*a]\n", (1, 4), "contains itself"),
        (b"a: !!int x\n", (1, 4), "!!int"),
        (b"a:\n\tb: 1\n", (2, 1), "not valid YAML"),
        (b"a:\n  <<: 5\n", (2, 7), "<< needs a map"),
        (b"[a]: x\n", (1, 1), "cannot be a key"),
        (b"a: 1\n  b: 2\n", (2, 4), "not valid YAML"),
    ],
)
def test_bad_input_is_refused_with_its_place(data: bytes, place: tuple[int, int], words: str) -> None:
    with pytest.raises(UnreadableYaml) as caught:
        read(data, 4)
    assert (caught.value.line, caught.value.column) == place
    assert words in str(caught.value)
    assert f"line {place[0]}, column {place[1]}" in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 10_000,
        b"a: " + b"[" * 10_000 + b"]" * 10_000,
        b"".join(b" " * depth + b"a:\n" for depth in range(300)),
        b"a: " + b"{a: " * 10_000,
        b"- " * 10_000 + b"x",
    ],
    ids=["open", "closed", "block", "flow maps", "dashes"],
)
def test_deep_nesting_is_refused_not_crashed_on(data: bytes) -> None:
    for major in (3, 4):
        with pytest.raises(UnreadableYaml, match="nested deeper than 200 levels"):
            read(data, major)


def test_nesting_through_aliases_is_refused_too() -> None:
    lines = ["a0: &a0 {x: 1}"]
    for number in range(1, 150):
        lines.append(f"a{number}: &a{number} {{x: {{y: *a{number - 1}}}}}")
    with pytest.raises(UnreadableYaml, match="nest deeper"):
        read("\n".join([*lines, ""]).encode(), 4)


def test_an_alias_bomb_stays_small() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for number in range(1, 12):
        lines.append(f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]")
    tracemalloc.start()
    with pytest.raises(UnreadableYaml, match="aliases expand to too much data"):
        read("\n".join([*lines, ""]).encode(), 4)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 1024 * 1024


def test_more_than_ten_mebibytes_are_refused() -> None:
    with pytest.raises(UnreadableYaml, match="limit of 10485760"):
        read(b"#" * (10 * 1024 * 1024 + 1), 4)


def test_terminal_escapes_never_reach_a_message() -> None:
    with pytest.raises(UnreadableYaml) as caught:
        read("a: *x\u009b31m\n".encode(), 4)
    assert "\u009b" not in str(caught.value)
    with pytest.raises(UnreadableYaml) as caught:
        read("a: *\u202ex\n".encode(), 4)
    assert str(caught.value).isprintable()


def test_an_unknown_major_is_an_error() -> None:
    with pytest.raises(UnreadableYaml, match="Helm 5"):
        read(b"a: 1\n", 5)


def test_a_quoted_template_is_just_text() -> None:
    assert read(b'a: "{{ .x }}"\n', 4) == {"a": "{{ .x }}"}


def test_a_question_mark_elsewhere_is_just_text() -> None:
    text = b"a: http://x/?y=1\nb: ['?', \"a?\"]\nc?: [?d, e:f]\n"
    assert read(text, 4) == {"a": "http://x/?y=1", "b": ["?", "a?"], "c?": [{"d": None}, "e:f"]}


def test_what_helm_reads_and_this_reader_does_not_is_not_called_unreadable_for_helm() -> None:
    with pytest.raises(UnreadableYaml) as caught:
        read(b"a: [x:]\n", 4)
    assert "Helm cannot" not in caught.value.hint


@pytest.mark.parametrize("text", ["a: -0.0\n", "a: -.0\n", "a: -0e3\n"])
def test_minus_zero_keeps_its_sign_as_in_helm(text: str) -> None:
    assert str(read(text.encode(), 3)["a"]) == "-0.0"
    assert str(read(b"a: -0\n", 3)["a"]) == "0.0"
