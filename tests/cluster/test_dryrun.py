"""What a dry run's answer says about the object, and what about us."""

from __future__ import annotations

from typing import Any, cast

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.dryrun import dry_run
from helm_tyk_upgrade.cluster.refusals import ApiRefused, Unreachable
from helm_tyk_upgrade.errors import NotFound
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.pods import WorkloadRef
from tests.cluster.conftest import deployment


class Answering:
    """A cluster whose apply answers with this."""

    def __init__(self, answer: Exception | dict[str, Any]) -> None:
        self.answer = answer

    def apply(self, manifest: dict[str, Any], **options: Any) -> dict[str, Any]:
        assert options["dry_run"] is True
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def refused(code: int, message: str, *causes: str) -> ApiRefused:
    return ApiRefused(message, "", code=code, reason="", causes=causes)


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ({"kind": "Service"}, True),
        (refused(422, "Deployment is invalid", "spec.selector: field is immutable"), False),
        (refused(400, 'strict decoding error: unknown field "spec.x"'), False),
        (refused(409, "Apply failed with 1 conflict"), False),
        (refused(403, 'admission webhook "a.b" denied the request: no'), False),
        (refused(403, 'deployments is forbidden: User "x" cannot patch'), None),
        (refused(400, 'admission webhook "a.b" does not support dry run'), None),
        (refused(500, "failed calling webhook"), None),
        (NotFound("namespaces x not found"), None),
        (Unreachable("no connection"), None),
    ],
)
def test_only_a_no_about_the_object_is_a_no(
    answer: Exception | dict[str, Any], accepted: bool | None
) -> None:
    found = dry_run(cast(Cluster, Answering(answer)), {"kind": "Deployment"}, "tyk")
    if accepted is None:
        assert isinstance(found.accepted, Unknown)
        assert found.accepted.reason
    else:
        assert found.accepted == Known(accepted)
    assert bool(found.result) is (accepted is True)


def test_an_immutable_field_is_told() -> None:
    answer = refused(422, "invalid", "spec.selector: field is immutable")
    assert dry_run(cast(Cluster, Answering(answer)), {}, "tyk").immutable
    assert not dry_run(cast(Cluster, Answering(refused(422, "invalid"))), {}, "tyk").immutable


@pytest.mark.cluster
def test_a_real_server_says_the_same(cluster: Cluster, workload: WorkloadRef) -> None:
    manifest = deployment("web", workload.namespace, replicas=2)
    good = dry_run(cluster, manifest, workload.namespace)
    assert good.accepted == Known(True)
    assert good.result["metadata"]["uid"]
    manifest["spec"]["selector"]["matchLabels"]["more"] = "labels"
    manifest["spec"]["template"]["metadata"]["labels"]["more"] = "labels"
    bad = dry_run(cluster, manifest, workload.namespace)
    assert bad.accepted == Known(False)
    assert bad.immutable
    assert isinstance(dry_run(cluster, manifest | {"kind": "Nonsense"}, "x").accepted, Unknown)
