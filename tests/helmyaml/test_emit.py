"""New files with comments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helm_tyk_upgrade.helmyaml import Refused, read
from helm_tyk_upgrade.helmyaml.emit import compose
from tests.helmyaml.random_edits import as_read, same


def test_comments_stand_above_their_keys() -> None:
    data = {"gateway": {"tag": "5.10", "env": [{"name": "A", "value": "on"}]}, "on": None, "empty": {}}
    comments = {
        (): "Made by hand",
        ("gateway",): "The gateway",
        ("gateway", "tag"): "two\nlines",
        ("gateway", "env", 0, "value"): "a bool elsewhere",
    }
    assert compose(data, comments).decode() == (
        "# Made by hand\n\n# The gateway\ngateway:\n  # two\n  # lines\n  tag: \"5.10\"\n  env:\n"
        "    - name: A\n      # a bool elsewhere\n      value: \"on\"\n\"on\": null\nempty: {}\n"
    )  # fmt: skip


def test_nothing_is_an_empty_mapping() -> None:
    assert compose({}, {}) == b"{}\n"
    assert read(compose({}, {(): "head"}), 3) == {}


def test_a_comment_cannot_become_data_or_reach_a_terminal() -> None:
    composed = compose({"a": 1}, {("a",): "x\x1b[31m\nb: 2\u2028c: 3"})
    assert read(composed, 4) == {"a": 1.0}
    assert b"\x1b" not in composed


def test_a_comment_for_a_missing_key_is_refused() -> None:
    with pytest.raises(Refused, match=r"no key for the comment of a\.b"):
        compose({"a": {}}, {("a", "b"): "x"})


def test_a_value_that_yaml_lacks_is_refused() -> None:
    with pytest.raises(Refused):
        compose({"a": {1}}, {})


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["on", "5.10", "1:30", "~", "a: b", "x\ny\n", "\n", " a", "a #b", "0777"]
)
SCALARS = (
    TEXTS
    | st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4), TEXTS)
def test_what_is_composed_reads_back_in_both_majors_or_is_refused(data: dict[str, Any], comment: str) -> None:
    try:
        composed = compose(data, {(key,): comment for key in data})
    except Refused:
        return
    for major in (3, 4):
        assert same(read(composed, major), as_read(data))
