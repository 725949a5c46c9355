"""Guesses at renames: the plausible ones, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.model.change import Path
from helm_tyk_upgrade.values.probable import misspelled, probable


@pytest.mark.parametrize(
    ("path", "yours", "old", "new", "expected"),
    [
        pytest.param(
            ("gateway", "tls", "useDefaultTykCertificate"), True,
            {"gateway": {"tls": {"useDefaultTykCertificate": True}}},
            {"global": {"tls": {"useDefaultTykCertificate": True}}},
            ("global", "tls", "useDefaultTykCertificate"), id="moved to global",
        ),
        pytest.param(
            ("pump", "annotations"), {}, {"pump": {"annotations": {}}}, {"pump": {"podAnnotations": {}}},
            ("pump", "podAnnotations"), id="a longer name",
        ),
        pytest.param(
            ("gw", "replicaCuont"), 3.0, {"gw": {"replicaCount": 1.0}}, {"gw": {"replicaCount": 1.0}},
            ("gw", "replicaCount"), id="a slip of the pen",
        ),
        pytest.param(
            ("a", "count"), 3.0, {"a": {"count": 1.0}}, {"a": {"counts": "text"}}, None, id="another type"
        ),
        pytest.param(
            ("a", "count"), 3.0, {"a": {"count": 1.0, "counts": 1.0}}, {"a": {"counts": 1.0}}, None,
            id="not new: the old chart had both",
        ),
        pytest.param(
            ("secrets", "AdminSecret"), "x", {}, {"secrets": {"APISecret": ""}}, None, id="below secrets"
        ),
        pytest.param(("a", "adminSecret"), "x", {}, {"a": {"admimSecret": ""}}, None, id="a secret"),
        pytest.param(
            ("a", "port"), 3.0, {"a": {"port": 1.0}}, {"b": {"timeoutSeconds": 1.0}}, None, id="nothing alike"
        ),
        pytest.param(
            ("a", "portt"), 3.0, {}, {"a": {"port1": 1.0, "port2": 1.0}}, None, id="two are as likely"
        ),
        pytest.param(("a", "replicas"), 3.0, {}, {"b": {"replicas": 1.0}}, None, id="a slip stays in its map"),
    ],
)  # fmt: skip
def test_guesses(path: Path, yours: Any, old: Any, new: Any, expected: Path | None) -> None:
    assert probable(path, yours, {}, old, new) == expected


def test_a_key_that_the_user_sets_already_is_no_candidate() -> None:
    user, new = {"replicaCount": 2.0, "replicaCuont": 3.0}, {"replicaCount": 1.0}
    assert probable(("replicaCuont",), 3.0, user, {}, new) is None


def test_a_map_whose_name_is_nearly_that_of_another() -> None:
    chart = {"gw": {"readinessProbe": {"path": "/hello"}, "kind": "x"}}
    assert misspelled(("gw", "readinessProb", "path"), chart) == ("gw", "readinessProbe", "path")
    assert misspelled(("gw", "somethingElse", "path"), chart) is None
    assert misspelled(("gw", "kid", "path"), chart) is None, "no map"
    assert misspelled(("gw", "readinessProbe", "pth"), chart) is None, "no map is misspelled"
