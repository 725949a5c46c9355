"""Removed API versions block, deprecated ones are told, and what is on no record is unknown."""

from __future__ import annotations

from typing import Any

from helm_tyk_upgrade.checks import kubernetes_apis
from helm_tyk_upgrade.model.change import ObjectId
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.kubernetes import OldApi
from helm_tyk_upgrade.model.verdict import Status
from tests.checks.build import changes
from tests.checks.kubernetes import found, is_unknown_without

BUDGET = ObjectId("policy/v1beta1", "PodDisruptionBudget", "", "gw")


def api(state: Any, *, stored: bool, version: str = "1.25") -> OldApi:
    return OldApi(BUDGET, stored, state, version, "policy/v1")


def test_none_is_old() -> None:
    verdict = kubernetes_apis.run(found(apis=Known(())), changes())
    assert verdict.status is Status.PASS


def test_a_removed_one_that_is_stored_needs_the_stored_release_rewritten() -> None:
    verdict = kubernetes_apis.run(found(apis=Known((api("removed", stored=True),))), changes())
    assert verdict.status is Status.FAIL
    assert verdict.reason == (
        "policy/v1beta1 PodDisruptionBudget gw in the stored manifest: Kubernetes 1.25 removed it; use policy/v1"
    )
    assert verdict.hint.endswith("helm mapkubeapis tyk -n apis")


def test_a_removed_one_that_is_new_needs_another_chart() -> None:
    old = (api("deprecated", stored=True, version="1.21"), api("removed", stored=False))
    verdict = kubernetes_apis.run(found(apis=Known(old)), changes())
    assert verdict.status is Status.FAIL
    assert "in the new manifest" in verdict.reason
    assert verdict.evidence == (
        "policy/v1beta1 PodDisruptionBudget gw in the stored manifest: "
        "deprecated since Kubernetes 1.21; use policy/v1",
    )
    assert verdict.hint == ""


def test_deprecated_ones_are_told() -> None:
    verdict = kubernetes_apis.run(found(apis=Known((api("deprecated", stored=False),))), changes())
    assert verdict.status is Status.PASS
    assert "1 object's API version is deprecated" in verdict.reason
    assert "deprecated since Kubernetes 1.25" in verdict.evidence[0]


def test_what_is_on_no_record_is_unknown() -> None:
    unrecorded = Known((api("unrecorded", stored=False, version="1.34"),))
    verdict = kubernetes_apis.run(found(apis=unrecorded), changes())
    assert verdict.status is Status.UNKNOWN
    assert "they end at Kubernetes 1.34" in verdict.reason


def test_without_an_answer_it_is_unknown() -> None:
    assert is_unknown_without(kubernetes_apis, "apis")
