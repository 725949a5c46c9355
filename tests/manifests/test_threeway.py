"""What a client-side apply makes of a live object, and the patch that says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helm_tyk_upgrade.manifests.threeway import merge_patch, three_way


def env(**variables: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items()]


@pytest.mark.parametrize(
    ("stored", "new", "live", "after"),
    [
        # What the manifest sets is set back, whether it changed or not.
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 1}),
        ({"a": 1}, {"a": 3}, {"a": 2}, {"a": 3}),
        ({"a": {"b": 1}}, {"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, {"a": {"b": 1, "c": 3}}),
        # What only the stored one set goes, what nobody set stays.
        ({"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 3}),
        ({"a": 1}, {"a": None}, {"a": 1}, {}),
        ({}, {"a": None}, {"b": 1}, {"b": 1}),
        ({}, {"a": {"b": 1}}, {"a": "text"}, {"a": {"b": 1}}),
        # A list with a merge key, item by item; an injected one stays.
        (
            {"env": env(A="1", B="2")},
            {"env": env(A="1", C="3")},
            {"env": env(A="9", B="2", X="injected")},
            {"env": env(A="1", C="3", X="injected")},
        ),
        # A list without one, as a whole.
        ({"args": ["a"]}, {"args": ["a"]}, {"args": ["a", "b"]}, {"args": ["a"]}),
        # Repeated names stay repeated, as Helm sends them.
        ({}, {"env": env(A="1") + env(A="2")}, {"env": []}, {"env": env(A="1") + env(A="2")}),
        # One of several: the alternative that the server had defaulted goes.
        (
            {},
            {"strategy": {"type": "Recreate"}},
            {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}},
            {"strategy": {"type": "Recreate"}},
        ),
        (
            {"volumes": [{"name": "apps", "emptyDir": {}}]},
            {"volumes": [{"name": "apps", "configMap": {"name": "apis"}}]},
            {"volumes": [{"name": "apps", "emptyDir": {}}, {"name": "token", "projected": {}}]},
            {
                "volumes": [
                    {"name": "apps", "configMap": {"name": "apis"}},
                    {"name": "token", "projected": {}},
                ]
            },
        ),
    ],
)
def test_the_live_object_after_a_client_side_apply(stored: Any, new: Any, live: Any, after: Any) -> None:
    kept = json.dumps([stored, new, live])
    assert three_way(stored, new, live) == after
    assert json.dumps([stored, new, live]) == kept, "the inputs are left as they were"


@pytest.mark.parametrize(
    ("live", "wanted", "patch"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1, "b": {"c": 1}}, {"a": 1, "b": {"c": 1}}, {}),
        ({"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, {"a": {"c": None}}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": [1]}),
        ({"a": True}, {"a": 1}, {"a": 1}),
        ({}, {"a": {}}, {"a": {}}),
    ],
)
def test_the_patch_is_what_differs(live: Any, wanted: Any, patch: Any) -> None:
    assert merge_patch(live, wanted) == patch
