"""The Gateway API's secret: read where the pod has it, known to the masker, unknown with a reason otherwise."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.model.gateway import SecretRef
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.targets.api_secret import api_secret
from tests.targets.build import ScriptedCluster, TestDoors

REF = SecretRef("secrets-tyk", "APISecret")


def doors(secret: Any) -> TestDoors:
    return TestDoors(ScriptedCluster({("Secret", "secrets-tyk"): secret}))


@pytest.mark.parametrize("where", [REF, "c4n4ry-secret"])
def test_a_secret_is_masked_from_then_on(where: SecretRef | str) -> None:
    context = doors({"data": {"APISecret": base64.b64encode(b"c4n4ry-secret").decode()}})
    assert api_secret(context, "apis", where) == Known("c4n4ry-secret")
    assert "c4n4ry" not in context.masker.text("x-tyk-authorization: c4n4ry-secret")


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (ClusterError("secrets is forbidden"), "cannot be read: secrets is forbidden"),
        ({"data": {}}, "has no usable key APISecret"),
        ({"data": None}, "has no usable key APISecret"),
        ({"data": {"APISecret": "***"}}, "has no usable key APISecret"),
        ({"data": {"APISecret": base64.b64encode(b"\xff\xfe").decode()}}, "has no usable key APISecret"),
    ],
)
def test_a_secret_that_cannot_be_had_is_unknown(secret: Any, words: str) -> None:
    found = api_secret(doors(secret), "apis", REF)
    assert isinstance(found, Unknown)
    assert words in found.reason


def test_a_missing_secret_and_a_pod_without_one_are_unknown() -> None:
    context = TestDoors(ScriptedCluster())
    assert isinstance(api_secret(context, "apis", REF), Unknown)
    assert api_secret(context, "apis", None) == Unknown("the gateway's pod names no API secret")
