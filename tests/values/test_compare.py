"""The user's values against the release, and new defaults."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.model.change import ABSENT, EditedFile, FileEdit, NewDefault, ValueChange
from helm_tyk_upgrade.values.compare import changes, new_defaults, taken_out
from helm_tyk_upgrade.values.paths import dotted, equal, insert, leaves, lookup

ENV = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]


@pytest.mark.parametrize(
    ("release", "given"),
    [
        pytest.param(None, None, id="no values at all"),
        pytest.param({"a": 1.0}, {"a": 1}, id="numbers are float64"),
        pytest.param({"a": {"b": [1, 2.0]}}, {"a": {"b": [1.0, 2]}}, id="inside lists too"),
        pytest.param({"a": None}, {"a": None}, id="the same null"),
        pytest.param({"a": {}}, {"a": {}}, id="the same empty map"),
    ],
)
def test_the_same_values_change_nothing(release: Any, given: Any) -> None:
    assert changes(release, given) == ((), ())


@pytest.mark.parametrize(
    ("release", "given", "yours", "lost"),
    [
        pytest.param({"a": 1}, {"a": 2}, [(("a",), 1, 2)], [], id="a changed value"),
        pytest.param(
            {}, {"a": {"b": 1, "c": 2}}, [(("a", "b"), ABSENT, 1), (("a", "c"), ABSENT, 2)], [], id="added"
        ),
        pytest.param({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, [], [("a", "c")], id="only in the release"),
        pytest.param({"a": {"b": 1, "c": 2}}, {}, [], [("a", "b"), ("a", "c")], id="each lost leaf is named"),
        pytest.param({"a": None}, {}, [], [("a",)], id="a null of the release is lost as well"),
        pytest.param(
            {"a": 1}, {"a": None}, [(("a",), 1, None)], [], id="null removes a default: your change"
        ),
        pytest.param(
            {"a": {"b": 1}}, {"a": None}, [(("a",), {"b": 1}, None)], [], id="null for a map is one change"
        ),
        pytest.param({"a": {"b": 1}}, {"a": 5}, [(("a",), {"b": 1}, 5)], [], id="a map becomes a scalar"),
        pytest.param(
            {"a": 5}, {"a": {"b": 1}}, [(("a",), 5, {}), (("a", "b"), ABSENT, 1)], [], id="and back"
        ),
        pytest.param({"a": {"b": 1}}, {"a": {}}, [], [("a", "b")], id="an empty map replaces nothing"),
        pytest.param({"a": [1, 2]}, {"a": [1]}, [(("a",), [1, 2], [1])], [], id="a list is one value"),
        pytest.param({"a": 1}, {"a": True}, [(("a",), 1, True)], [], id="true is not 1"),
        pytest.param({"a": "1"}, {"a": 1}, [(("a",), "1", 1)], [], id="text is not a number"),
    ],
)
def test_changes(release: Any, given: Any, yours: list[Any], lost: list[Any]) -> None:
    found, only = changes(release, given)
    assert [(change.path, change.old, change.new) for change in found] == yours
    assert list(only) == lost


def test_a_list_with_names_tells_which_items_changed() -> None:
    new = [{"name": "C", "value": "3"}, {"name": "B", "value": "9"}]
    (change,), _ = changes({"extraEnvs": ENV}, {"extraEnvs": new})
    assert change.items == (
        ValueChange(("extraEnvs", "C"), ABSENT, new[0]),
        ValueChange(("extraEnvs", "B"), ENV[1], new[1]),
        ValueChange(("extraEnvs", "A"), ENV[0], ABSENT),
    )


@pytest.mark.parametrize("other", [[*ENV, ENV[0]], ["A"], [{"value": "no name"}], "text"])
def test_without_unique_names_a_list_is_shown_whole(other: Any) -> None:
    (change,), _ = changes({"extraEnvs": ENV}, {"extraEnvs": other})
    assert change.items == ()


@pytest.mark.parametrize(
    ("old", "new", "effective", "expected"),
    [
        pytest.param({"a": 1}, {"a": 1.0}, {"a": 1}, [], id="the same"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 2}, [(("a",), 1, 2)], id="changed"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 7}, [], id="changed, but yours wins"),
        pytest.param(
            {}, {"a": {"x": 1}}, {"a": {"x": 1}}, [(("a", "x"), ABSENT, 1)], id="added with a value"
        ),
        pytest.param({}, {"a": "", "b": [], "c": {}, "d": None}, {}, [], id="added without a value"),
        pytest.param({}, {"a": "", "b": []}, {"a": "", "b": []}, [], id="added empty and effective"),
        pytest.param({}, {"a": False}, {"a": False}, [(("a",), ABSENT, False)], id="false is a value"),
        pytest.param({"a": 1}, {}, {}, [(("a",), 1, ABSENT)], id="removed"),
        pytest.param({"a": 1}, {}, {"a": 2}, [], id="removed, but yours is there"),
        pytest.param(
            {"a": {"x": 1}}, {"a": "t"}, {"a": "t"}, [(("a",), {"x": 1}, "t")], id="a map becomes text"
        ),
        pytest.param(
            {"tyk-gateway": {"g": {"tag": "v1"}}},
            {"tyk-gateway": {"g": {"tag": "v2"}}},
            {"tyk-gateway": {"g": {"tag": "v2"}}},
            [(("tyk-gateway", "g", "tag"), "v1", "v2")],
            id="under a subchart's key",
        ),
    ],
)
def test_new_defaults(old: Any, new: Any, effective: Any, expected: list[Any]) -> None:
    assert new_defaults(old, new, effective) == tuple(NewDefault(*each) for each in expected)


@pytest.mark.parametrize(
    ("path", "text"),
    [(("a", "b"), "a.b"), (("a", 0, "b"), "a[0].b"), (("a.b/c", "d"), "a\\.b/c.d"), ((), "")],
)
def test_dotted(path: Any, text: str) -> None:
    assert dotted(path) == text


def test_lookup_and_leaves_and_insert() -> None:
    tree: dict[str, Any] = {"a": {"b": [10, {"c": 1}]}, "e": {}}
    assert lookup(tree, ("a", "b", 1, "c")) == 1
    assert lookup(tree, ("a", "b", 5)) is ABSENT
    assert lookup(tree, ("a", "x", "y")) is ABSENT
    assert list(leaves(tree)) == [(("a", "b"), [10, {"c": 1}]), (("e",), {})]
    insert(tree, ("a", "b", "new"), 1)
    assert tree["a"] == {"b": {"new": 1}}


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [(1, 1.0, True), (True, 1, False), ("1", 1, False), (None, ABSENT, False), ({"a": 1}, {"a": 1.0}, True)],
)
def test_equal(left: Any, right: Any, same: bool) -> None:
    assert equal(left, right) is same


def test_what_an_accepted_edit_takes_out_is_not_lost() -> None:
    release = {"redis": {"sslMin": "1.2", "pass": "x"}, "mongo": {"host": "h", "port": 1}, "other": 1}
    given = {"redis": {"tlsMin": "1.2"}}
    edits = (
        FileEdit("values.yaml", ("redis", "sslMin"), "1.2", ABSENT, "renamed"),
        FileEdit("values.yaml", ("mongo",), {"host": "h"}, ABSENT, "dead"),
        FileEdit("values.yaml", ("other", "x"), None, 1, "set, not taken out"),
    )
    out = taken_out([EditedFile("values.yaml", b"", b"", "", edits)])
    assert out == (("redis", "sslMin"), ("mongo",))
    assert changes(release, given, out)[1] == (("redis", "pass"), ("other",))
    assert changes(release, given)[1] == tuple(path for path, _ in leaves(release))
