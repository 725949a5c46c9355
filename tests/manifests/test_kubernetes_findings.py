"""One record of all findings; each part is unknown by itself."""

from __future__ import annotations

from helm_tyk_upgrade.manifests.crds import ChartCrd
from helm_tyk_upgrade.manifests.kubernetes_findings import kubernetes_findings
from helm_tyk_upgrade.model.facts import GatewayObject
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.kubernetes import UNCOUNTED, KubernetesFindings
from helm_tyk_upgrade.model.server import LiveNeighbours

MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: gw}
spec:
  replicas: 2
  strategy: {type: Recreate}
  template: {metadata: {labels: {app: gw}}, spec: {containers: [{name: c, image: tyk-gateway:v5.8.1}]}}
---
apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata: {name: gw}
"""
GATEWAY = GatewayObject("Deployment", "apis", "gw", Known(2))
SCALER = {
    "metadata": {"name": "hpa", "namespace": "apis"},
    "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "gw"}},
    "status": {"desiredReplicas": 4},
}
CARRIED: Maybe[tuple[ChartCrd, ...]] = Known((ChartCrd("a.b.io", "crds/a.yaml", {"spec": {}}),))
NO = Unknown("forbidden")


def found(neighbours: LiveNeighbours, carried: Maybe[tuple[ChartCrd, ...]] = CARRIED) -> KubernetesFindings:
    return kubernetes_findings(
        MANIFEST, MANIFEST, "apis", [GATEWAY], neighbours, carried, Known(7), server_side=False
    )


def test_all_is_found() -> None:
    known = found(LiveNeighbours(Known((SCALER,)), Known(()), Known(()), Known("1.34.4"), Known({})))
    assert isinstance(known.apis, Known)
    assert [(api.stored, api.state) for api in known.apis.value] == [(True, "removed"), (False, "removed")]
    assert isinstance(known.interruptions, Known)
    assert [(each.rule, each.gateway) for each in known.interruptions.value] == [("all-pods-stop", True)]
    assert isinstance(known.rescaled, Known)
    assert [(each.live, each.then) for each in known.rescaled.value] == [(4, 2)]
    assert isinstance(known.crds, Known)
    assert [(crd.name, crd.missing) for crd in known.crds.value] == [("a.b.io", True)]
    assert known.record_bytes == Known(7)


def test_what_was_not_told_is_unknown_and_the_rest_is_found() -> None:
    partly = found(LiveNeighbours(NO, NO, NO, NO, NO, NO))
    assert (partly.apis, partly.rescaled, partly.crds) == (NO, NO, NO)
    assert isinstance(partly.interruptions, Known)
    assert partly.interruptions.value[0].rule == "all-pods-stop"


def test_a_chart_without_crds_needs_no_answer() -> None:
    assert found(LiveNeighbours(), Known(())).crds == Known(())
    assert found(LiveNeighbours(), NO).crds == NO


def test_autoscalers_that_could_not_be_read_are_not_none() -> None:
    free = MANIFEST.replace("replicas: 2", "minReadySeconds: 1").replace(
        "{type: Recreate}", "{rollingUpdate: {maxUnavailable: 1}}"
    )
    rules = []
    for scalers in (NO, Known(())):
        near = LiveNeighbours(scalers, Known(()), NO, NO, NO, NO)
        told = kubernetes_findings(free, free, "apis", [], near, CARRIED, NO, server_side=False).interruptions
        assert isinstance(told, Known)
        rules.append([(each.rule, each.certain) for each in told.value])
    assert rules == [[(UNCOUNTED, False)], [("all-pods-stop", True)]]
