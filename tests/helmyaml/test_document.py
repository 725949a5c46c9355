"""Edits as tables: the text before, the edit, the text after; and what must do nothing or be refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from helm_tyk_upgrade.helmyaml import Document, Refused, UnreadableYaml, parse_path, read

Edit = Callable[[Document], None]


def edited(before: str, *edits: Edit) -> str:
    document = Document(before.encode())
    for edit in edits:
        edit(document)
    return document.commit().decode()


def sets(path: str, value: Any, **more: Any) -> Edit:
    return lambda document: document.set(parse_path(path), value, **more)


def inserts(path: str, name: Any, value: Any, after: Any = None, **more: Any) -> Edit:
    return lambda document: document.insert(parse_path(path), name, value, after, **more)


def deletes(path: str, **more: Any) -> Edit:
    return lambda document: document.delete(parse_path(path), **more)


def renames(path: str, new: str, **more: Any) -> Edit:
    return lambda document: document.rename(parse_path(path), new, **more)


def moves(path: str, new: str, **more: Any) -> Edit:
    return lambda document: document.move(parse_path(path), parse_path(new), **more)


SET = [
    ("a: 1 # c\nb: 2\n", sets("a", 5), "a: 5 # c\nb: 2\n"),
    ("a: 'x'\n", sets("a", "it's"), "a: 'it''s'\n"),
    ('a: "x"\n', sets("a", "y"), 'a: "y"\n'),
    ("a: x\n", sets("a", "5.10"), 'a: "5.10"\n'),
    ("a: x\n", sets("a", "on"), 'a: "on"\n'),
    ("a: x\n", sets("a", "v5.9.1"), "a: v5.9.1\n"),
    ("a: x\n", sets("a", "10Gi"), "a: 10Gi\n"),
    ("a: x\n", sets("a", "2001-12-14"), 'a: "2001-12-14"\n'),
    ("a: x\n", sets("a", "b: c"), 'a: "b: c"\n'),
    ("a: x\n", sets("a", None), "a: null\n"),
    ("a:\nb: 1\n", sets("a", True), "a: true\nb: 1\n"),
    ("a:   # c\nb: 1\n", sets("a", 1.5), "a: 1.5   # c\nb: 1\n"),
    ("a: x\n", sets("a", "p\nq\n"), "a: |\n  p\n  q\n"),
    ("a: x # c\n", sets("a", "p\nq\n"), 'a: "p\\nq\\n" # c\n'),
    ("a: x", sets("a", "p\nq\n"), 'a: "p\\nq\\n"'),
    ("a: |\n  x\n  y\n\nb: 1\n", sets("a", "z"), "a: z\n\nb: 1\n"),
    ("a: >-\n  x\n  y\nb: 1\n", sets("a", "p\nq"), "a: |-\n  p\n  q\nb: 1\n"),
    ("a: {b: 1, c: [x, y]} # c\n", sets("a.c[1]", "p, q"), 'a: {b: 1, c: [x, "p, q"]} # c\n'),
    ('a: {"b":1}\n', sets("a.b", 2), 'a: {"b": 2}\n'),
    ("a: # keep\n  b: 1\n  c: 2\nd: 3\n", sets("a", 5), "a: 5 # keep\nd: 3\n"),
    ("a: # keep\n  b: 1\nd: 3\n", sets("a", {"x": [1]}), "a: # keep\n  x:\n    - 1\nd: 3\n"),
    ("a: {} # c\nd: 3\n", sets("a", {"x": 1}), "a: # c\n  x: 1\nd: 3\n"),
    ("a:\n- x\n- y # c\nd: 3\n", sets("a[1]", {"k": [1, 2]}), "a:\n- x\n- k:\n  - 1\n  - 2 # c\nd: 3\n"),
    ("a:\n  - b: 1\n    c: 2\n  - d\n", sets("a[0]", "x"), "a:\n  - x\n  - d\n"),
    ("a: !!str 5\n", sets("a", 7), "a: 7\n"),
    ("a: &x 5\n", sets("a", 7), "a: &x 7\n"),
    ("a: &v # cc\n  d: 1\n", sets("a", [1]), "a: # cc\n  - 1\n"),
    ("a: &v # cc\n  d: 1\n", sets("a", 5), "a: 5 # cc\n"),
    ("a: 0\n", sets("a", -0.0), "a: -0.0\n"),
    ("a: -0.0\n", sets("a", 0), "a: 0\n"),
    ("a:\tx\t# c\n", sets("a", "w"), "a:\tw\t# c\n"),
    ("on: 1\n", sets("true", 2), "on: 2\n"),
    ("a: x\r\nb: y\r\n", sets("a", "p\nq\n"), "a: |\r\n  p\r\n  q\r\nb: y\r\n"),
    ("\ufeffa: 1\r\nb: 2", sets("b", 3), "\ufeffa: 1\r\nb: 3"),
    ("e:\n- name: A\n  value: '1'\n", sets("e[name=A].value", "2"), "e:\n- name: A\n  value: '2'\n"),
    ("a:\n    b:\n        c: 1\n", sets("a.b.c", {"d": {"e": 1}}),
     "a:\n    b:\n        c:\n            d:\n                e: 1\n"),
]  # fmt: skip
INSERT = [
    ("a: 1\n", inserts("", "b", 2), "a: 1\nb: 2\n"),
    ("a: 1", inserts("", "b", 2), "a: 1\nb: 2"),
    ("", inserts("", "b", 2), "b: 2\n"),
    ("# c\n", inserts("", "b", {"x": []}), "# c\nb:\n  x: []\n"),
    ("{}\n", inserts("", "b", 2), "b: 2\n"),
    ("a: 1\nb: 2\n", inserts("", "x", 3, "a"), "a: 1\nx: 3\nb: 2\n"),
    ("? a\n: 1\nb: 2\n", inserts("", "x", 3, "a"), "? a\n: 1\nx: 3\nb: 2\n"),
    ("w:\n  ? a\n  : 1\n", inserts("w", "x", {"k": 1}), "w:\n  ? a\n  : 1\n  x:\n    k: 1\n"),
    ("# c\n---\n", inserts("", "b", 2), "# c\n---\nb: 2\n"),
    (
        "a:\n  b: 1\n  # c: example\nd: 1\n",
        inserts("a", "x", 3),
        "a:\n  b: 1\n  # c: example\n  x: 3\nd: 1\n",
    ),
    ("a:\n  b: |\n    t\n\nd: 1\n", inserts("a", "x", 3), "a:\n  b: |\n    t\n  x: 3\n\nd: 1\n"),
    ("a: {} # c\n", inserts("a", "x", 3), "a: # c\n  x: 3\n"),
    ("a:\nb: 1\n", inserts("a", "x", 3), "a:\n  x: 3\nb: 1\n"),
    ("a: {b: 1}\n", inserts("a", "x", [1, "a,b"]), 'a: {b: 1, x: [1, "a,b"]}\n'),
    ("a: [b: 1]\n", inserts("a[0]", "x", 2), "a: [{b: 1, x: 2}]\n"),
    ("a: 1\n", inserts("p.q", "x", 3), "a: 1\np:\n  q:\n    x: 3\n"),
    ("a:\n  - x: 1\n", inserts("a[0]", "w", 2), "a:\n  - x: 1\n    w: 2\n"),
    ("a: 1\nb: {x: 1}\n", inserts("", "on", "no"), 'a: 1\nb: {x: 1}\n"on": "no"\n'),
    ("a:\n- x\n- y\n", inserts("a", None, "z"), "a:\n- x\n- y\n- z\n"),
    ("a:\n  - x\n  # of y\n  - y\n", inserts("a", 1, "z"), "a:\n  - x\n  - z\n  # of y\n  - y\n"),
    ("a:\n  # of x\n  - x\n", inserts("a", 0, {"k": 1, "l": 2}), "a:\n  - k: 1\n    l: 2\n  # of x\n  - x\n"),
    ("a: [x, y]\n", inserts("a", 0, "z"), "a: [z, x, y]\n"),
    ("a: [x, y]\n", inserts("a", None, "z"), "a: [x, y, z]\n"),
    ("a: []\n", inserts("a", None, {"n": "A"}), "a:\n  - n: A\n".replace("n:", '"n":')),
    ("a:\n", inserts("a", None, "z"), "a:\n  - z\n"),
    ("a: 1\n", inserts("b", None, "z"), "a: 1\nb:\n  - z\n"),
    ("a:\n- name: A\n- name: B\n", inserts("a", None, "z", "name=A"), "a:\n- name: A\n- z\n- name: B\n"),
    ("a:\n- - x\n  - y\n", inserts("a[0]", 0, "z"), "a:\n- - z\n  - x\n  - y\n"),
    ("a:\n- x\r\n", inserts("a", None, "z"), "a:\n- x\r\n- z\n"),
]
DELETE = [
    ("a: 1\nb: 2\n", deletes("a"), "b: 2\n"),
    ("# head\n\n# of a\na: 1 # same\n  # deeper\nb: 2\n", deletes("a"), "# head\n\nb: 2\n"),
    ("# head\na: 1\nb: 2\n", deletes("a"), "# head\nb: 2\n"),
    ("a:\n  b: 1\nc: 2\n", deletes("a.b"), "a: {}\nc: 2\n"),
    ("a: # c\n  b: 1\nc: 2\n", deletes("a.b"), "a: {} # c\nc: 2\n"),
    ("a:\n  - x\n  # of y\n  - y\n", deletes("a[1]"), "a:\n  - x\n"),
    ("a:\n  - x\nb: 1\n", deletes("a[0]"), "a: []\nb: 1\n"),
    ("a:\n  - x: 1\n    y: 2\n", deletes("a[0].x"), "a:\n  - y: 2\n"),
    ("a:\n  - x: 1\n", deletes("a[0].x"), "a:\n  - {}\n"),
    ("a: {x: 1, w: 2}\n", deletes("a.x"), "a: {w: 2}\n"),
    ("a: {x: 1, w: 2}\n", deletes("a.w"), "a: {x: 1}\n"),
    ("a: [x, y]\n", deletes("a[0]"), "a: [y]\n"),
    ("a: [x]\n", deletes("a[0]"), "a: []\n"),
    ("a: {x: 1,}\n", deletes("a.x"), "a: {}\n"),
    ("a: 1\nb: 2", deletes("b"), "a: 1\n"),
    ("a: 1\n", deletes("a"), ""),
    ("e:\n- name: A\n- name: B\n  value: x\n", deletes("e[name=B]"), "e:\n- name: A\n"),
    ("a:\n- - x\n  - y\n", deletes("a[0][0]"), "a:\n- - y\n"),
    ("a:\n-\n  x: 1\n- y\n", deletes("a[0]"), "a:\n- y\n"),
]
RENAME = [
    ("a: 1 # c\nb: 2\n", renames("a", "z"), "z: 1 # c\nb: 2\n"),
    ("'a': 1\n", renames("a", "z"), "'z': 1\n"),
    ("a: 1\n", renames("a", "yes"), '"yes": 1\n'),
    ("x: {a: 1}\n", renames("x.a", "z"), "x: {z: 1}\n"),
    ("x:\n  - a: 1\n", renames("x[0].a", "z"), "x:\n  - z: 1\n"),
    ("x: &x 1\ny2: *x\n", renames("x", "z"), "z: &x 1\ny2: *x\n"),
]
MOVE = [
    ("a:\n  # of b\n  b: 1 # c\n  c: 2\nd:\n  e: 1\n", moves("a.b", "d.b"),
     "a:\n  c: 2\nd:\n  e: 1\n  # of b\n  b: 1 # c\n"),
    ("a:\n  b: 1\nd: {}\n", moves("a.b", "d.x.z"), "a: {}\nd:\n  x:\n    z: 1\n"),
    ("a: 1\nb: 2\n", moves("a", "z"), "z: 1\nb: 2\n"),
    ("a:\n  # why\n  b:\t1\t# c\n  e: 2\n", moves("a.b", "d.b"),
     "a:\n  e: 2\nd:\n  # why\n  b:\t1\t# c\n"),
    ("a:\n  b: |\n    x\n    \tz\n", moves("a.b", "c"), "a: {}\nc: |\n  x\n  \tz\n"),
    ("a:\n  b:\n    - x\n    - |\n      t\n", moves("a.b", "top"), "a: {}\ntop:\n  - x\n  - |\n    t\n"),
    ("a: 1\nb: 2\n", moves("a", "w.a"), "b: 2\nw:\n  a: 1\n"),
    ("l:\n- x: 1\n  y2: 2\n", moves("l[0].x", "x"), "l:\n- y2: 2\nx: 1\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "edit", "after"), SET)
def test_set(before: str, edit: Edit, after: str) -> None:
    assert edited(before, edit) == after


@pytest.mark.parametrize(("before", "edit", "after"), INSERT)
def test_insert(before: str, edit: Edit, after: str) -> None:
    assert edited(before, edit) == after


@pytest.mark.parametrize(("before", "edit", "after"), DELETE)
def test_delete(before: str, edit: Edit, after: str) -> None:
    assert edited(before, edit) == after


@pytest.mark.parametrize(("before", "edit", "after"), RENAME)
def test_rename(before: str, edit: Edit, after: str) -> None:
    assert edited(before, edit) == after


@pytest.mark.parametrize(("before", "edit", "after"), MOVE)
def test_move(before: str, edit: Edit, after: str) -> None:
    assert edited(before, edit) == after


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: 'x' # c\n", sets("a", "x")),
        ("a: 0777\n", sets("a", 511)),
        ("a: 5.10\n", sets("a", 5.1)),
        ("a: ~\n", sets("a", None)),
        ("a: {}\n", sets("a", {})),
        ("x: &x 1\na: *x\n", sets("a", 1)),
        ("a: 1\n", renames("a", "a")),
        ("a:\n  b: 1\n", moves("a.b", "a.b")),
        ("a: yes\n", sets("a", True)),
        ("a: 1\r\n", sets("a", 1.0)),
    ],
)
def test_an_edit_that_changes_nothing_leaves_every_byte(text: str, edit: Edit) -> None:
    assert edited(text, edit) == text


@pytest.mark.parametrize("text", ["", "# c", "a: 1", "\ufeffa: 1\r\n", "a: {  }  \n\n\n", "---\na: 1\n...\n"])
def test_no_edit_leaves_every_byte(text: str) -> None:
    assert edited(text) == text


@pytest.mark.parametrize(
    ("text", "edit", "words"),
    [
        ("a: 1\n", sets("b", 1), "b does not exist"),
        ("a: 1\n", sets("a.b", 1), "a.b does not exist"),
        ("a: 1\n", sets("", 1), "the top level cannot be"),
        ("a: 1\n", sets("a", {1: 2}), "dict"),
        ("a: 1\n", sets("a", float("nan")), "float"),
        ("a: 1\n", sets("a", "\ud800"), "surrogate"),
        ("a: 1\n", sets("a", object()), "object"),
        ("a: 1\na: 2\n", sets("a", 3), "a is given on lines 1 and 2"),
        ("? a\n: 1\n", sets("a", 3), r"`\? key`"),
        ("a: 1\rb: 2\r", sets("a", 3), "unusual line break"),
        ("a: 1\n", inserts("", "a", 2), "a is there already"),
        ("a: 1\n", inserts("a", "x", 2), "a is not a mapping"),
        ("a: [x]\n", inserts("a", "x", 2), "a list of 1 items"),
        ("a: [x]\n", inserts("a", 2, 2), "a list of 1 items"),
        ("a: {x: 1}\n", inserts("a", 0, 2), "a is not a list"),
        ("a: 1\n", inserts("", "x", 2, "z"), "z does not exist"),
        ("a: 1\n", deletes("b"), "b does not exist"),
        ("a: [x]\n", deletes("a[1]"), "the list has 1 items"),
        ("a: 1\n", deletes(""), "the top level cannot be"),
        ("a: 1\nb: 2\n", renames("a", "b"), "b is there already"),
        ("a: [x]\n", renames("a[0]", "b"), "is a list item"),
        ("a:\n  b: 1\n", moves("a", "a.c"), "into itself"),
        ("a: {b: 1}\nc: {}\n", moves("a.b", "c.b"), "cannot be moved"),
        ("a: 1\nb: 2\n", moves("a", "b.c"), "b is not a mapping"),
        ("w:\n  a:\n    b: [1,\n\t\t\t\t2]\n", moves("w.a.b", "c"), r"indented with tabs .* \(line 4\)"),
        ("a: 1\nb: {a: 2}\n", moves("a", "b.a"), "is there already"),
        ("x: &x 1\ny2: *x\n", sets("x", 2), "anchored .* used elsewhere"),
        ("x: &x 1\ny2: *x\n", deletes("x"), "holds the anchor"),
        ("x: &x {p: 1}\na: *x\n", sets("a.p", 2), "is an alias"),
        ("x: &x {p: 1}\na:\n  <<: *x\n", sets("a.p", 2), "comes from a merge key"),
        ("x: &x {p: 1}\na:\n  p: 2\n  <<: *x\n", sets("a.p", 3), "before a merge key"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_with_certainty_is_refused(text: str, edit: Edit, words: str) -> None:
    document = Document(text.encode())
    with pytest.raises(Refused, match=words) as caught:
        edit(document)
    assert caught.value.hint
    assert document.commit() == text.encode()


def test_a_refusal_names_path_and_line() -> None:
    with pytest.raises(Refused, match=r"a\.p comes from a merge key \(<<\) \(line 4\)"):
        edited("x: &x {p: 1}\n\na:\n  <<: *x\n", sets("a.p", 2))


def test_a_last_block_without_newline_is_not_given_one_behind_helm_3s_back() -> None:
    with pytest.raises(Refused, match=r"insert into .* Helm would not read"):
        edited("a: |\n  x", inserts("", "b", 1))


BATCH = "a: 1\nb:\n  c: 2\n  d: [1]\nl:\n  - name: A\n  - name: B\n"


def test_many_edits_are_applied_at_once() -> None:
    after = edited(
        BATCH,
        sets("a", 2),
        inserts("b", "x", 1),
        inserts("b", "z", {"deep": True}),
        deletes("b.c"),
        renames("l", "list"),
        inserts("b.d", 0, 0),
    )
    assert after == "a: 2\nb:\n  d: [0, 1]\n  x: 1\n  z:\n    deep: true\nlist:\n  - name: A\n  - name: B\n"


def test_edits_that_build_on_each_other_see_what_was_done() -> None:
    after = edited(
        BATCH,
        inserts("", "w", {}),
        inserts("w", "k", 1),
        sets("w.k", "v"),
        renames("w", "m"),
        deletes("l[name=A]"),
        inserts("l[name=B]", "value", "x"),
        moves("b.d", "m.d"),
        deletes("b.c"),
    )
    assert after == "a: 1\nb: {}\nl:\n  - name: B\n    value: x\nm:\n  k: v\n  d: [1]\n"


def test_deleting_all_entries_one_by_one_leaves_an_empty_mapping() -> None:
    assert edited("a:\n  x: 1\n  z: 2\nb: 1\n", deletes("a.x"), deletes("a.z")) == "a: {}\nb: 1\n"


def test_a_refused_edit_leaves_the_others_queued() -> None:
    document = Document(BATCH.encode())
    document.set(("a",), 9)
    with pytest.raises(Refused):
        document.set(("nope",), 1)
    assert document.commit() == BATCH.replace("a: 1", "a: 9").encode()


def test_the_one_edit_that_fails_is_named() -> None:
    document = Document(b"z: 1\na: |\n  x")
    document.set(("z",), 2)
    document.insert((), "b", 1)
    with pytest.raises(Refused, match=r"insert into \(top level\)"):
        document.commit()


@pytest.mark.parametrize("again", [sets("b", 2), inserts("", "c", 3), deletes("z"), renames("b", "c")])
def test_what_waits_is_not_lost_when_it_cannot_be_applied(again: Edit) -> None:
    """The insertion would give Helm 3 a newline in `a`; the edit after it may find that out first."""
    document = Document(b"z: 1\na: |\n  x")
    document.set(("z",), 2)
    document.insert((), "b", 1)
    with contextlib.suppress(Refused):
        again(document)
    for _ in range(2):
        with pytest.raises(Refused, match="insert into"):
            document.commit()


def test_a_text_that_no_longer_reads_is_refused_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(b"a: 1\nb: 2\n")
    document.delete(("a",))
    monkeypatch.setattr("helm_tyk_upgrade.helmyaml.document.apply", lambda text, splices: text + "[")
    with pytest.raises(Refused, match="delete a: Helm would not read"):
        document.insert((), "a", 6)
    with pytest.raises(Refused, match="delete a: Helm would not read"):
        document.commit()


def test_a_document_end_mark_keeps_a_document_before_it() -> None:
    assert edited("a: 1\n...\n", deletes("a")) == "{}\n...\n"
    assert edited("a: 1\n...\n", deletes("a"), inserts("", "a", 6)) == "a: 6\n...\n"
    assert edited("---\n...\n", inserts("", "a", 6)) == "---\na: 6\n...\n"


def test_aliases_stay_where_the_edit_that_needs_them_out_is_refused() -> None:
    text = "x: &x {p: 1}\nw: {a: *x}\nb: 1\n"
    document = Document(text.encode())
    document.insert((), "c", 3)
    with pytest.raises(Refused, match=r"inside { } cannot be moved"):
        document.move(("w", "a", "p"), ("z",), expand=True)
    assert document.commit() == (text + "c: 3\n").encode()


def test_a_document_can_go_on_after_a_commit() -> None:
    document = Document(b"a: 1\n")
    document.set(("a",), 2)
    assert document.commit() == b"a: 2\n"
    document.insert((), "b", 3)
    assert document.commit() == b"a: 2\nb: 3\n"


TWO = "# one\na: 1\n---\n# two\na: 2\nb: {x: 1}\n--- # third\n# nothing here\n"


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (sets("a", 5), "a: 1", "a: 5"),
        (sets("a", 5, document=1), "a: 2", "a: 5"),
        (inserts("b", "z", 2, document=1), "{x: 1}", "{x: 1, z: 2}"),
        (inserts("", "w", 2), "a: 1\n", "a: 1\nw: 2\n"),
        (inserts("", "w", 2, document=1), "{x: 1}\n", "{x: 1}\nw: 2\n"),
        (deletes("b", document=1), "b: {x: 1}\n", ""),
        (renames("a", "z", document=1), "a: 2", "z: 2"),
    ],
)
def test_each_document_of_a_file_can_be_edited(edit: Edit, old: str, new: str) -> None:
    assert edited(TWO, edit) == TWO.replace(old, new)


def test_documents_without_content_do_not_count() -> None:
    with pytest.raises(Refused, match="there is no document 2: the file has 2"):
        edited(TWO, sets("a", 1, document=2))


THREE = "---\na: 1\n---\nk: 2\n---\nk: 3\n"


@pytest.mark.parametrize(
    ("edits", "after"),
    [
        ((sets("k", 5, document=1),), "---\n---\nk: 5\n---\nk: 3\n"),
        ((sets("k", 5, document=1), sets("k", 6, document=1)), "---\n---\nk: 6\n---\nk: 3\n"),
        (
            (deletes("k", document=2), inserts("", "z", 4, document=2), inserts("", "w", 1)),
            "---\nw: 1\n---\nk: 2\n---\nz: 4\n",
        ),
        ((deletes("k", document=1), sets("k", 6, document=2)), "---\n---\n---\nk: 6\n"),
        ((inserts("", "b", 0), sets("b", 1), sets("k", 6, document=2)), "---\nb: 1\n---\nk: 2\n---\nk: 6\n"),
    ],
)
def test_a_document_that_an_edit_empties_keeps_its_number(edits: tuple[Edit, ...], after: str) -> None:
    assert edited(THREE, deletes("a"), *edits) == after


def test_the_next_document_does_not_become_helm_3s_first_one_unseen() -> None:
    document = Document(b"a: 1\n---\nk: 2\n")
    document.delete(("a",))
    document.set(("k",), 3, document=1)
    with pytest.raises(Refused, match="delete a: Helm would not read"):
        document.commit()


def test_edits_of_several_documents_go_in_one_batch() -> None:
    after = edited(TWO, sets("a", 7), sets("a", 8, document=1))
    assert after == TWO.replace("a: 1", "a: 7").replace("a: 2", "a: 8")


def test_a_file_that_only_helm_3_reads_can_be_edited() -> None:
    text = "%YAML 1.1\n---\na: 1\n"
    after = edited(text, sets("a", 2))
    assert after == "%YAML 1.1\n---\na: 2\n"
    assert read(after.encode(), 3) == {"a": 2.0}


def test_a_file_that_no_helm_reads_is_an_error() -> None:
    with pytest.raises(UnreadableYaml):
        Document(b"a: [\n")


def test_an_octal_file_mode_and_a_plain_yes_stay_as_written() -> None:
    text = "mode: 0644\non: yes\ntag: 5.10\n"
    assert edited(text, inserts("", "x", 1)) == text + "x: 1\n"
