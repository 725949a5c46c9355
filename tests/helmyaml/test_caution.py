"""Warnings of a values file: each construct, its line, and text that is safe to print."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.helmyaml import UnreadableYaml, warnings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("image:\n  tag: 5.10\n", [("number-as-version", 2, 8)]),
        ("imageTag: 1.30\n", [("number-as-version", 1, 11)]),
        ("appVersion: 1_000\n", [("number-as-version", 1, 13)]),
        ("a: 1\nb: 2\na: 3\n", [("duplicate-key", 3, 1)]),
        ("x: &x {k: 1}\na:\n  b: 1\n  <<: *x\n", [("late-merge", 4, 3)]),
        ("a: 1\n---\nb: 1\n", [("several-documents", 3, 1)]),
        ("%YAML 1.1\n---\na: 1\n", [("yaml-directive", 1, 1)]),
        ("a: 1\non: 2\n", [("key-not-text", 2, 1)]),
        ("l:\n  - 8080: x\n", [("key-not-text", 2, 5)]),
    ],
)
def test_what_helm_reads_otherwise_is_told(text: str, found: list[tuple[str, int, int]]) -> None:
    got = warnings(text.encode())
    assert [(one.kind, one.line, one.column) for one in got] == found
    assert all(one.text.isprintable() for one in got)


@pytest.mark.parametrize(
    "text",
    [
        'tag: "5.10"\n',
        "tag: v5.10\n",
        "tag: 5.3.0\n",
        "tag:\n",
        "tag: true\n",
        "stage: 5.10\n",
        "port: 8080\n",
        "x: &x {k: 1}\na:\n  <<: *x\n  b: 1\n",
        "---\na: 1\n",
        "a: 1\n---\n# nothing\n",
        '"on": 1\n',
        "",
    ],
)
def test_ordinary_files_have_no_warnings(text: str) -> None:
    assert warnings(text.encode()) == []


def test_the_number_and_its_cure_are_named() -> None:
    (one,) = warnings(b"gateway:\n  tag: 5.10\n")
    assert one.text == 'tag: 5.10 is the number 5.1 to Helm; quote it: "5.10"'


def test_an_escape_in_a_key_is_shown_escaped() -> None:
    (one,) = warnings(b'"a\\e[31m": 1\n"a\\e[31m": 2\n')
    assert "\\x1b[31m" in one.text
    assert one.text.isprintable()


def test_an_unreadable_file_is_an_error() -> None:
    with pytest.raises(UnreadableYaml):
        warnings(b"a: [\n")
