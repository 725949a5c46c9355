"""The judgement on each override: a table, with the cases in which nothing may be said."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.model.change import Judgement, Path
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.values.overrides import Position, overrides

READ: Maybe[bool] = Known(True)
UNREAD: Maybe[bool] = Known(False)
OPEN: Maybe[bool] = Unknown("tests whether it is empty")


def judged(user: Any, old: Any, new: Any, readable: Maybe[bool] = OPEN, **more: Any) -> list[tuple[str, str]]:
    found = overrides(
        user, Known(old), Known(new), Known({**new, **user}), readable=lambda _: readable, **more
    )
    return [(override.judgement.value, override.reason) for override in found]


@pytest.mark.parametrize(
    ("user", "old", "new", "readable", "judgement"),
    [
        pytest.param({"a": 5}, {"a": 1}, {"a": 1}, OPEN, "kept", id="the default stays"),
        pytest.param({"a": 5}, {}, {"a": 1}, OPEN, "kept", id="a default is added below yours"),
        pytest.param({"a": 1}, {"a": 1}, {"a": 2}, OPEN, "stale pin", id="the old default, written down"),
        pytest.param({"a": 5}, {"a": 1}, {"a": 2}, OPEN, "stale pin", id="the default moves behind yours"),
        pytest.param({"a": 2}, {"a": 1}, {"a": 2}, OPEN, "redundant", id="the new default"),
        pytest.param({"a": 2.0}, {"a": 2}, {"a": 2}, OPEN, "redundant", id="the default, as float"),
        pytest.param(
            {"a": {}}, {"a": {"x": 1}}, {"a": {"x": 1}}, OPEN, "redundant", id="an empty map merges"
        ),
        pytest.param({"a": "1"}, {"a": "1"}, {"a": ["1"]}, OPEN, "type changed", id="text becomes a list"),
        pytest.param({"a": "x"}, {"a": ""}, {"a": {"n": 1}}, OPEN, "type changed", id="text becomes a map"),
        pytest.param(
            {"a": "x"}, {"a": 1}, {"a": 1}, OPEN, "kept", id="your type differs, the chart's does not"
        ),
        pytest.param({"a": {"n": 1}}, {"a": {}}, {"a": ""}, READ, "kept", id="your map over a text, read"),
        pytest.param({"a": [1]}, {"a": None}, {"a": None}, OPEN, "kept", id="null says nothing of a type"),
        pytest.param({"a": 1}, {}, {}, READ, "kept", id="no default, but read"),
        pytest.param({"a": 1}, {"a": 1}, {}, READ, "stale pin", id="the default is gone, yours is read"),
        pytest.param({"a": 1}, {}, {}, UNREAD, "dead", id="no template reads it"),
        pytest.param({"a": 1}, {"a": 0}, {}, UNREAD, "dead", id="the chart dropped it"),
        pytest.param({"a": 1}, {"a": 0}, {}, OPEN, "unknown", id="dropped, maybe read"),
        pytest.param({"a": None}, {"a": 1}, {"a": 1}, OPEN, "kept", id="null removes a default"),
        pytest.param(
            {"a": None}, {"a": 1}, {}, OPEN, "null that no longer deletes", id="the default is gone"
        ),
        pytest.param({"a": None}, {}, {}, UNREAD, "redundant", id="null for nothing"),
        pytest.param({"a": None}, {}, {}, READ, "kept", id="a null that a template reads"),
        pytest.param({"a": None}, {}, {}, OPEN, "unknown", id="a null that may be read"),
        pytest.param({"a": None}, {"a": None}, {"a": None}, OPEN, "redundant", id="null for null"),
    ],
)
def test_judgement(user: Any, old: Any, new: Any, readable: Maybe[bool], judgement: str) -> None:
    assert [found for found, _ in judged(user, old, new, readable)] == [judgement]


def test_a_map_over_a_new_scalar() -> None:
    assert judged({"a": {"n": 1}}, {"a": {}}, {"a": ""}, UNREAD) == [("dead", "no template reads a.n")]


def test_unknown_defaults_make_unknown_judgements_never_a_pass() -> None:
    missing = Unknown("the old chart could not be fetched")
    (without_new,) = overrides({"a": 1}, missing, missing, missing)
    assert (without_new.judgement, without_new.reason) == (Judgement.UNKNOWN, missing.reason)
    (without_old,) = overrides({"a": 1}, missing, Known({"a": 2}), missing)
    assert without_old.judgement is Judgement.KEPT
    assert missing.reason in without_old.reason
    (null,) = overrides({"a": None}, missing, Known({}), missing)
    assert null.judgement is Judgement.UNKNOWN


def test_without_reading_the_templates_nothing_is_dead() -> None:
    assert overrides({"a": 1}, Known({}), Known({}), Known({}))[0].judgement is Judgement.UNKNOWN


RENAMES: dict[Path, Path | None] = {("old", "k"): ("new", "k"), ("gone",): None}


def test_renames_and_removals_come_before_the_defaults() -> None:
    user = {"old": {"k": {"deep": 1}}, "gone": {"x": 1}}
    assert judged(user, {}, {}, UNREAD, renames=RENAMES) == [
        ("renamed", "now new.k.deep"),
        ("dead", "the chart dropped gone"),
    ]


def test_a_rename_counts_without_proof_but_a_removal_does_not() -> None:
    user = {"old": {"k": 1}, "gone": 1}
    assert [name for name, _ in judged(user, {}, {}, OPEN, renames=RENAMES)] == ["renamed", "unknown"]


def test_a_table_of_renames_never_overrules_the_chart() -> None:
    user = {"old": {"k": 1}, "gone": 1}
    assert [name for name, _ in judged(user, {}, {}, READ, renames=RENAMES)] == ["kept", "kept"]
    chart = {"old": {"k": 2}, "gone": 2}
    assert [name for name, _ in judged(user, chart, chart, READ, renames=RENAMES)] == ["kept", "kept"]


def test_encrypted_values_are_never_judged() -> None:
    found = judged({"a": {"pass": "ENC[...]"}, "b": 1}, {"b": 1}, {"b": 1}, READ, secret=[("a",)])
    assert [judgement for judgement, _ in found] == ["unknown", "redundant"]


def test_each_leaf_has_its_four_values_and_its_place() -> None:
    (found,) = overrides(
        {"a": {"b": 3}},
        Known({"a": {"b": 1}}),
        Known({"a": {"b": 2}}),
        Known({"a": {"b": 3}}),
        {("a", "b"): Position("values.yaml", 7, "why")},
    )
    assert (found.old_default, found.new_default, found.yours, found.effective) == (
        Known(1),
        Known(2),
        3,
        Known(3),
    )
    assert (found.file, found.line, found.comment) == ("values.yaml", 7, "why")
