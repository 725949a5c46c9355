"""Field changes: what is reported, and the proof that it is exactly the difference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helm_tyk_upgrade.manifests.fields import apply_fields, fields, same
from helm_tyk_upgrade.model.change import ABSENT

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(-2, 2, width=16), st.text("ab.[]", max_size=3)
)
KEYS = st.sampled_from(["a", "b.c", "name", "value", "spec", "env", "ports", "containers", "volumeMounts"])
# Items that carry the keys Kubernetes merges by, with names that repeat often.
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["x", "y", "z"]),
        "mountPath": st.sampled_from(["/a", "/b"]),
        "containerPort": st.integers(1, 3),
        "protocol": st.sampled_from(["TCP", "UDP"]),
        "value": SCALARS,
    },
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.dictionaries(KEYS, inner, max_size=4),
        st.lists(inner, max_size=5),
        st.lists(ITEMS, max_size=5),
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)


@settings(max_examples=400, deadline=None)
@given(OBJECTS, OBJECTS)
def test_applying_the_reported_changes_to_the_old_object_gives_the_new_one(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert same(apply_fields(old, fields(old, new)), new)


@settings(max_examples=200, deadline=None)
@given(st.lists(ITEMS, max_size=6), st.randoms())
def test_a_reordered_list_is_rebuilt_in_its_new_order(items: list[Any], random: Any) -> None:
    shuffled = random.sample(items, len(items))
    old, new = {"env": items}, {"env": shuffled}
    assert same(apply_fields(old, fields(old, new)), new)


@settings(max_examples=100, deadline=None)
@given(OBJECTS)
def test_an_object_does_not_differ_from_itself(value: dict[str, Any]) -> None:
    assert fields(value, value) == ()


def paths(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    return [(change.path, change.old, change.new) for change in fields(old, new)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a": 1}, {"a": 1.0}),
        ({"a": {}}, {"a": {}}),
        ({"a": [1, 2]}, {"a": [1.0, 2]}),
    ],
)
def test_the_same_written_differently_is_no_change(old: Any, new: Any) -> None:
    assert paths(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"a": 1}, {"a": True}, [("a", 1, True)], id="true is not 1"),
        pytest.param({"a": "1"}, {"a": 1}, [("a", "1", 1)], id="text is not a number"),
        pytest.param({"a": {"b": 1}}, {}, [("a", {"b": 1}, ABSENT)], id="a removed map is one change"),
        pytest.param({"a": {"b": 1}}, {"a": [1]}, [("a", {"b": 1}, [1])], id="a changed type is one change"),
        pytest.param({}, {"a": None}, [("a", ABSENT, None)], id="null is not absent"),
        pytest.param(
            {"metadata": {"labels": {"helm.sh/chart": "a-1"}}},
            {"metadata": {"labels": {"helm.sh/chart": "a-2"}}},
            [("metadata.labels[helm.sh/chart]", "a-1", "a-2")],
            id="keys with dots stand in brackets",
        ),
        pytest.param(
            {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"env": [{"name": "N", "value": "0"}, {"name": "A", "value": "1"}, {"name": "B", "value": "3"}]},
            [("env[N]", ABSENT, {"name": "N", "value": "0"}), ("env[B].value", "2", "3")],
            id="an inserted variable leaves its neighbours alone",
        ),
        pytest.param(
            {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]},
            {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "3"}]},
            [("env[A #2].value", "2", "3")],
            id="a variable given twice",
        ),
        pytest.param(
            {"ports": [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53}]},
            {"ports": [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53, "name": "dns"}]},
            [("ports[53].name", ABSENT, "dns")],
            id="ports match by number and protocol, TCP where not said",
        ),
        pytest.param(
            {"ports": [{"port": 80, "targetPort": 8080}]},
            {"ports": [{"port": 80, "targetPort": 9090}]},
            [("ports[80].targetPort", 8080, 9090)],
            id="ports of a Service match by port",
        ),
        pytest.param(
            {"volumeMounts": [{"name": "a", "mountPath": "/x"}, {"name": "a", "mountPath": "/y"}]},
            {"volumeMounts": [{"name": "a", "mountPath": "/y"}]},
            [("volumeMounts[/x]", {"name": "a", "mountPath": "/x"}, ABSENT)],
            id="mounts match by path, not by name",
        ),
        pytest.param(
            {"args": ["run", "--verbose", "--end"]},
            {"args": ["run", "--new", "--verbose", "--end"]},
            [("args[1]", ABSENT, "--new")],
            id="a list without keys: equal ends stay",
        ),
        pytest.param(
            {"env": [{"name": "A"}, {"name": "B"}, {"name": "C"}]},
            {"env": [{"name": "B"}, {"name": "C"}, {"name": "A"}]},
            [("env (order)", ["A after nothing"], ["A after C"])],
            id="only the moved item is named",
        ),
        pytest.param(
            {"env": [{"name": "A"}, {"value": "no name"}]},
            {"env": [{"name": "B"}, {"value": "no name"}]},
            [("env[0].name", "A", "B")],
            id="an item without its key: matched by place",
        ),
    ],
)
def test_reported_fields(old: Any, new: Any, expected: list[tuple[str, Any, Any]]) -> None:
    assert paths(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "cosmetic"),
    [
        ({"metadata": {"labels": {"chart": "a"}}}, {"metadata": {"labels": {"chart": "b"}}}, True),
        ({"a": None}, {}, True),
        ({"spec": {"resources": None}}, {"spec": {"resources": {}}}, True),
        ({"spec": {"securityContext": None}}, {"spec": {"securityContext": {}}}, False),
        ({"spec": {"emptyDir": {}}}, {"spec": {}}, False),
        (
            {"spec": {"template": {"metadata": {"labels": {"chart": "a"}}}}},
            {"spec": {"template": {"metadata": {"labels": {"chart": "b"}}}}},
            False,
        ),
    ],
)
def test_what_counts_as_cosmetic(old: Any, new: Any, cosmetic: bool) -> None:
    assert [change.cosmetic for change in fields(old, new)] == [cosmetic]


def test_the_value_of_a_variable_is_known_by_the_variables_name() -> None:
    old = {"env": [{"name": "TYK_GW_SECRET", "value": "a"}]}
    new = {"env": [{"name": "TYK_GW_SECRET", "value": "b"}]}
    assert [change.name for change in fields(old, new)] == ["TYK_GW_SECRET"]
