"""Where a path stands, and its comment."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.helmyaml import Position, Refused, comment_of, locate, parse_path, safe

TEXT = b"""\
# The head of the file.

# Plain words
#   with a second line
a: 1
# old heading
# -- The gateway's settings
# @default -- none
b:
  # -- (string) Image tag
  tag: v5.3.0
  list:
  # of the first
  - name: A
    value: |
      x
      y
  - name: B
x: &x {k: 1}
c: *x
d:
  <<: *x
e: 1
e: 2
"""


@pytest.mark.parametrize(
    ("path", "position"),
    [
        ("a", Position(5, 1, 5)),
        ("b", Position(9, 1, 18)),
        ("b.tag", Position(11, 3, 11)),
        ("b.list[name=A]", Position(14, 5, 17)),
        ("b.list[0].value", Position(15, 5, 17)),
        ("c", Position(20, 1, 20)),
        ("c.k", Position(20, 1, 20)),
        ("d.k", Position(22, 3, 22)),
        ("e", Position(24, 1, 24)),
    ],
)
def test_locate(path: str, position: Position) -> None:
    assert locate(TEXT, parse_path(path)) == position


@pytest.mark.parametrize(
    ("path", "comment"),
    [
        ("a", "Plain words\n  with a second line"),
        ("b", "The gateway's settings\n@default -- none"),
        ("b.tag", "(string) Image tag"),
        ("b.list", ""),
        ("x", ""),
    ],
)
def test_comment_of(path: str, comment: str) -> None:
    assert comment_of(TEXT, parse_path(path)) == comment


def test_a_path_that_is_not_there_has_no_place() -> None:
    for path in ("nope", "b.list[name=Z]"):
        with pytest.raises(Refused):
            locate(TEXT, parse_path(path))
    with pytest.raises(Refused, match="top level"):
        locate(TEXT, ())


def test_each_document_has_its_own_paths() -> None:
    assert locate(b"a: 1\n---\nb: 1\na: 2\n", ("a",), document=1) == Position(4, 1, 4)


def test_lines_are_counted_after_a_byte_order_mark_and_with_crlf() -> None:
    assert locate("\ufeffa: 1\r\nb: 2\r\n".encode(), ("b",)) == Position(2, 1, 2)


def test_safe_text_has_no_control_characters() -> None:
    assert safe("a\x1b[31mb\nc\u202e") == "a\\x1b[31mb\\nc\\u202e"
    assert len(safe("x" * 500)) == 120
