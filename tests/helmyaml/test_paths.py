"""The textual form of paths, and list selectors."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.helmyaml import Path, Refused, format_path, item, parse_path
from helm_tyk_upgrade.helmyaml.paths import concrete


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("a[0].b", ("a", 0, "b")),
        ("a[0][1]", ("a", 0, 1)),
        ("extraEnvs[name=TYK_GW_X].value", ("extraEnvs", "name=TYK_GW_X", "value")),
        ('a[name="x].y"].z', ("a", "name=x].y", "z")),
        ('a."b.c".d', ("a", "b.c", "d")),
        ('a["b.c"]', ("a", "b.c")),
        ("a.'b c'", ("a", "b c")),
        (r"a.b\.c", ("a", "b.c")),
        ("tyk-gateway.gateway.image.tag", ("tyk-gateway", "gateway", "image", "tag")),
        ("", ()),
    ],
)
def test_a_path_is_parsed(text: str, path: Path) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize("text", [".", "a.", ".a", "a..b", "a[", "a]", "a[0]b", 'a"b"', "a[x]", "a[]"])
def test_a_malformed_path_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="not a path"):
        parse_path(text)


@pytest.mark.parametrize("path", [("a", "b"), ("a", 0, "name=x", "b c"), ("a.b",), ('q"q',), ("",)])
def test_a_formatted_path_is_printable(path: Path) -> None:
    assert format_path(path).isprintable()


@pytest.mark.parametrize("path", [("a", "b"), ("a", 0, "b"), ("a", "name=x", "b"), ("a.b", "c d")])
def test_a_formatted_path_parses_back(path: Path) -> None:
    assert parse_path(format_path(path)) == path


def test_escapes_in_keys_are_shown_escaped() -> None:
    assert format_path(("a", "\x1b[31m")) == 'a."\\x1b[31m"'


def test_item_makes_a_selector() -> None:
    assert item(name="TYK_GW_X") == "name=TYK_GW_X"
    with pytest.raises(Refused):
        item(name="a", kind="b")


DATA = {"l": [{"name": "a", "port": 80.0, "on": True}, {"name": "b"}, {"name": "b"}, "text"], "name=a": 1.0}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("l", "name=a"), ("l", 0)),
        (("l", "port=80"), ("l", 0)),
        (("l", "on=true"), ("l", 0)),
        (("l", 3), ("l", 3)),
        (("name=a",), ("name=a",)),
    ],
)
def test_a_selector_becomes_an_index(path: Path, found: Path) -> None:
    assert concrete(path, DATA) == found


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("l", "name=zz"), "no item matches"),
        (("l", "name=b"), "2 items match"),
        (("l", 4), "the list has 4 items"),
        (("l", "a"), "needs an index or a selector"),
        (("x",), "does not exist"),
        (("l", 0, "name", "x"), "does not exist"),
    ],
)
def test_a_path_that_is_not_there_is_refused(path: Path, words: str) -> None:
    with pytest.raises(Refused, match=words):
        concrete(path, DATA)
