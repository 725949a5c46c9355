"""CRDs that Helm leaves behind, named with the command that upgrades them."""

from __future__ import annotations

from helm_tyk_upgrade.checks import crds_not_upgraded
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.kubernetes import OutdatedCrd
from helm_tyk_upgrade.model.verdict import Status
from tests.checks.build import changes
from tests.checks.kubernetes import found, is_unknown_without


def crd(name: str, *differs: str) -> OutdatedCrd:
    return OutdatedCrd(name, "charts/tyk-operator/crds/crds.yaml", not differs, differs)


def test_all_are_the_same() -> None:
    assert crds_not_upgraded.run(found(crds=Known(())), changes()).status is Status.PASS


def test_those_left_behind_are_named_with_the_command() -> None:
    left = (crd("a.tyk.io", "one", "two", "three", "four", "five"), crd("b.tyk.io"))
    verdict = crds_not_upgraded.run(found(crds=Known(left)), changes())
    assert verdict.status is Status.FAIL
    assert verdict.reason == (
        "Helm upgrades no CRD, and of the chart's there are 1 other than in the cluster and 1 not there"
    )
    assert verdict.evidence == (
        "a.tyk.io (charts/tyk-operator/crds/crds.yaml): one, two, three and 2 more",
        "b.tyk.io (charts/tyk-operator/crds/crds.yaml): not in the cluster",
    )
    command = "helm show crds /c/tyk-oss-5.3.0.tgz | kubectl apply --server-side --force-conflicts -f -"
    assert command in verdict.hint


def test_only_missing_ones() -> None:
    verdict = crds_not_upgraded.run(found(crds=Known((crd("b.tyk.io"),))), changes())
    assert verdict.reason.endswith("of the chart's there are 1 not there")


def test_without_an_answer_it_is_unknown() -> None:
    assert is_unknown_without(crds_not_upgraded, "crds")
