"""Aliases and merge keys written out on request, so that one place changes and the others do not."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.helmyaml import Document, Refused, parse_path, read
from tests.helmyaml.test_document import Edit, deletes, edited, inserts, moves, renames, sets

BASE = "base: &b # shared\n  p: 1\n  q: [x]\n"


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        (BASE + "a: *b\n", sets("a.p", 2, expand=True), BASE + "a:\n  p: 2\n  q:\n    - x\n"),
        (BASE + "a: *b\n", sets("a", 2, expand=True), BASE + "a: 2\n"),
        (BASE + "a: {k: *b}\n", sets("a.k.p", 2, expand=True), BASE + "a: {k: {p: 2, q: [x]}}\n"),
        (BASE + "a:\n  <<: *b\n  r: 1\n", sets("a.p", 2, expand=True),
         BASE + "a:\n  p: 2\n  q:\n    - x\n  r: 1\n"),
        (BASE + "a:\n  <<: *b\n", deletes("a.p", expand=True), BASE + "a:\n  q:\n    - x\n"),
        (BASE + "a:\n  <<: *b\n", renames("a.p", "z", expand=True), BASE + "a:\n  z: 1\n  q:\n    - x\n"),
        (BASE + "a: {<<: *b, r: 1}\n", sets("a.p", 2, expand=True), BASE + "a: {p: 2, q: [x], r: 1}\n"),
        (BASE + "a: *b\n", sets("base.p", 2, expand=True),
         BASE.replace("p: 1", "p: 2") + "a:\n  p: 1\n  q:\n    - x\n"),
        (BASE + "a: *b\nc: *b\n", deletes("base", expand=True),
         "a:\n  p: 1\n  q:\n    - x\nc:\n  p: 1\n  q:\n    - x\n"),
        ("l:\n  - &i {n: 1}\n  - *i\n", sets("l[1].false", 2, expand=True),
         "l:\n  - &i {n: 1}\n  - \"false\": 2\n"),
        (BASE + "a: *b\n", inserts("a", "z", 3, expand=True), BASE + "a:\n  p: 1\n  q:\n    - x\n  z: 3\n"),
        (BASE + "a: *b\n", moves("a.p", "m.p", expand=True), BASE + "a:\n  q:\n    - x\nm:\n  p: 1\n"),
    ],
)  # fmt: skip
def test_the_alias_in_the_way_is_written_out(before: str, edit: Edit, after: str) -> None:
    assert edited(before, edit) == after


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (BASE + "a: *b\n", "a.p"),
        (BASE + "a:\n  <<: *b\n", "a.p"),
        (BASE + "a: *b\n", "base.p"),
        (BASE + "a:\n  <<: [*b]\n", "a.q[0]"),
    ],
)
def test_without_being_asked_it_is_refused(text: str, path: str) -> None:
    document = Document(text.encode())
    with pytest.raises(Refused, match=r"alias|merge key|anchored"):
        document.set(parse_path(path), 2)
    assert document.commit() == text.encode()


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        (BASE + "a:\n  r: 1\n  <<: *b\n", "a.p", "stands below other keys"),
        (BASE + "a:\n  <<: *b\n  <<: {z: 1}\n", "a.p", "several merge keys"),
        ("x: &k name\n*k : 1\n", "x", "an alias stands as a key"),
    ],
)
def test_what_cannot_be_written_out_with_certainty_is_refused(text: str, path: str, words: str) -> None:
    document = Document(text.encode())
    with pytest.raises(Refused, match=words):
        document.set(parse_path(path), 2, expand=True)


def test_the_other_users_of_an_anchor_keep_their_values() -> None:
    text = BASE + "a: *b\nc:\n  <<: *b\n  r: 1\n"
    document = Document(text.encode())
    document.set(("base", "p"), 9, expand=True)
    document.set(("a", "p"), 8, expand=True)
    got: Any = read(document.commit(), 4)
    assert (got["base"]["p"], got["a"]["p"], got["c"]["p"]) == (9.0, 8.0, 1.0)
