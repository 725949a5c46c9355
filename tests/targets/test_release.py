"""What a release tells of itself: which cluster it is in, and how much of it a proof covers."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.outcome import PodProof
from helm_tyk_upgrade.model.verdict import Status
from helm_tyk_upgrade.targets import release
from helm_tyk_upgrade.targets.proving import Expected
from tests.applying.build import RELEASE
from tests.targets.build import ScriptedCluster, TestDoors, gateway_manifest

EXPECTED = Expected(Known("5.3.8"), Unknown("not asked"), Unknown("not asked"), RunSettings())


def target(**objects: object) -> release.ReleaseTarget:
    cluster = ScriptedCluster({("Namespace", name): value for name, value in objects.items()})
    return release.ReleaseTarget(TestDoors(cluster), RELEASE)


def test_a_cluster_is_known_by_its_first_namespace() -> None:
    assert target(**{"kube-system": {"metadata": {"uid": "u-1"}}}).cluster_identity() == Known("u-1")


def test_a_cluster_that_does_not_tell_is_unknown_with_the_reason() -> None:
    found = target(**{"kube-system": ClusterError("forbidden")}).cluster_identity()
    assert isinstance(found, Unknown)
    assert "forbidden" in found.reason


def test_a_second_gateway_leaves_the_proof_open(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = PodProof("gateway-1", ())
    monkeypatch.setattr(release, "prove_pods", lambda *given: (proof,))
    one = gateway_manifest()
    assert target().prove(one, EXPECTED) == (proof,)
    first, second = target().prove("---\n".join([one, one.replace("gateway-tyk}", "edge}")]), EXPECTED)
    assert first == proof
    assert second.pod == "Deployment apis/edge"
    assert [verdict.status for verdict in second.verdicts] == [Status.UNKNOWN]
