"""Values as Helm merges them, on generated trees, against the documented rules written down once more on their own."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helm_tyk_upgrade.helm.client import values_document
from helm_tyk_upgrade.helm.merged import merged
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers
from tests.helm.conftest import MakeHelm

KEYS = st.sampled_from(["a", "b", "c"])  # few, so that defaults and values meet
LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "yes"])
PLAIN = st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "yes"])
LISTS = st.lists(PLAIN, max_size=2)
TREES = st.recursive(LEAVES | LISTS, lambda below: st.dictionaries(KEYS, below, max_size=3), max_leaves=8)
MAPS = st.dictionaries(KEYS, TREES, max_size=3)
ABSENT: Any = object()
RULES = ("3.19.0", "4.3.1")
"""Helms between and before them treat nulls a little differently; what `merged` tells is each Helm's own answer."""
MERGING = settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each example asks Helm: shrinking would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def rule(default: Any, user: Any) -> Any:
    """What a template sees: a null of the user's deletes a default and stays where there is none; maps merge; anything
    else of the user's replaces."""
    if user is ABSENT:
        return default
    if isinstance(default, dict) and isinstance(user, dict):
        keys = (*user, *(key for key in default if key not in user))
        found = {key: rule(default.get(key, ABSENT), user.get(key, ABSENT)) for key in keys}
        return {key: value for key, value in found.items() if value is not ABSENT}
    if user is None and default is not ABSENT:
        return ABSENT
    return user


def without_nulls(default: Any) -> Any:
    """To newer Helms a null of the chart's own is no default."""
    if default is None:
        return ABSENT
    if not isinstance(default, dict):
        return default
    kept = {key: without_nulls(value) for key, value in default.items()}
    return {key: value for key, value in kept.items() if value is not ABSENT}


def chart(defaults: dict[str, Any]) -> ChartFiles:
    metadata = b"apiVersion: v2\nname: top\nversion: 1.0.0\n"
    return ChartFiles("top", "1.0.0", {}, {"Chart.yaml": metadata, "values.yaml": values_document(defaults)})


@pytest.mark.helm
@MERGING
@given(pairs=st.lists(st.tuples(MAPS, MAPS), min_size=30, max_size=30))
def test_generated_trees(helm_with: MakeHelm, each_helm: Any, pairs: list[Any]) -> None:
    """Thirty pairs of defaults and values at a time, each below a key of its own."""
    if each_helm.version not in RULES:
        pytest.skip(f"the rules are written down here for {' and '.join(RULES)}; others differ in nulls")
    newer = each_helm.major == 4
    defaults = {f"k{number}": default for number, (default, _) in enumerate(pairs)}
    user = {f"k{number}": mine for number, (_, mine) in enumerate(pairs)}
    before = copy.deepcopy((defaults, user))
    found = merged(helm_with(), chart(defaults), Layers((values_document(user),))).values
    assert found == rule(without_nulls(defaults) if newer else defaults, user)
    assert (defaults, user) == before


@pytest.mark.helm
@MERGING
@given(pairs=st.lists(st.tuples(MAPS, MAPS), min_size=30, max_size=30))
def test_without_defaults_the_later_document_wins(
    helm_with: MakeHelm, each_helm: Any, pairs: list[Any]
) -> None:
    """Two documents of the user's, as two -f: maps merge, anything else replaces, null too."""
    first = {f"k{number}": one for number, (one, _) in enumerate(pairs)}
    second = {f"k{number}": other for number, (_, other) in enumerate(pairs)}
    layers = Layers((values_document(first), values_document(second)))
    found = merged(helm_with(), chart({}), layers).values
    assert found == joined(first, second)


def joined(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        keys = (*below, *(key for key in above if key not in below))
        return {key: joined(below.get(key), above[key]) if key in above else below[key] for key in keys}
    return above
