"""What a dry run's answer says about the object, and what about us."""

from __future__ import annotations

import json

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.dryrun import DryRun, dry_create, dry_patch, dry_run, live_object
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.pods import WorkloadRef
from tests.cluster.conftest import deployment
from tests.cluster.fake_api import HANG_UP, Answer, Call, FakeApi, serving, status

SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "gw"}}
RBAC = 'deployments.apps "gw" is forbidden: User "x" cannot patch resource "deployments" in API group "apps"'


def asked(answer: Answer, kind: str = "Service") -> DryRun:
    with serving(FakeApi(lambda _: answer)) as cluster:
        return dry_run(cluster, SERVICE | {"kind": kind}, "tyk", timeout=5)


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ((200, {"kind": "Service"}), True),
        (status(422, "Deployment is invalid", "Invalid", ("spec.selector", "field is immutable")), False),
        (status(400, 'strict decoding error: unknown field "spec.x"', "BadRequest"), False),
        (status(409, "Apply failed with 1 conflict", "Conflict"), False),
        (status(403, 'admission webhook "a.b" denied the request: no', "Forbidden"), False),
        (
            status(403, "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", "Forbidden"),
            False,
        ),
        (
            status(403, 'services "gw" is forbidden: exceeded quota: q, requested: services=1', "Forbidden"),
            False,
        ),
        (status(403, 'services "gw" is forbidden: the namespace is being terminated', "Forbidden"), False),
        (
            status(
                500, 'failed to create typed patch object (/gw): .spec.env: duplicate entries for key "A"'
            ),
            False,
        ),
        (status(403, RBAC, "Forbidden"), None),
        (status(403, 'User "system:anonymous" cannot get path "/api"', "Forbidden"), None),
        ((403, b"<html>proxy says no</html>"), None),
        (status(401, "Unauthorized", "Unauthorized"), None),
        (status(400, 'admission webhook "a.b" does not support dry run', "BadRequest"), None),
        (status(500, "failed calling webhook: context deadline exceeded", "InternalError"), None),
        (status(429, "too many requests", "TooManyRequests"), None),
        (status(404, 'namespaces "tyk" not found', "NotFound"), None),
        ((200, b"<html>log in</html>"), None),
        ((200, {"no": "kind"}), None),
        (HANG_UP, None),
    ],
)
def test_only_a_no_about_the_object_is_a_no(answer: Answer, accepted: bool | None) -> None:
    found = asked(answer)
    if accepted is None:
        assert isinstance(found.accepted, Unknown)
        assert found.accepted.reason
    else:
        assert found.accepted == Known(accepted)
    assert bool(found.result) is (accepted is True)


@pytest.mark.parametrize(
    ("answer", "busy"),
    [
        (status(429, "slow down"), True),
        (status(503, "shutting down"), True),
        (HANG_UP, True),
        (status(500, "failed calling webhook"), False),
        (status(403, RBAC, "Forbidden"), False),
        (status(422, "invalid"), False),
    ],
)
def test_a_server_that_is_down_or_throttles_is_told_apart(answer: Answer, busy: bool) -> None:
    assert asked(answer).busy is busy


def test_an_immutable_field_and_a_conflict_are_told() -> None:
    assert asked(status(422, "invalid", "Invalid", ("spec.selector", "field is immutable"))).immutable
    assert not asked(status(422, "invalid")).immutable
    conflict = status(409, "failed", "Conflict", (".spec.x", 'conflict with "kubectl" using v1'))
    assert asked(conflict).conflict
    assert not asked(status(409, "already exists", "AlreadyExists")).conflict


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Secret", 'metadata.x: Invalid value: "hunter2": too short'),
        (
            "Service",
            'spec.template: Invalid value: core.PodTemplateSpec{Env:{Value:"hunter2"}}: field is immutable',
        ),
        (
            "Service",
            'spec.template: Invalid value: {"env":[{"name":"X","value":"hunter2: yes"}]}: field is immutable',
        ),
        ("Service", 'spec.containers[0].env[2].value: Invalid value: "hunter2": no'),
        ("Service", ".spec.env[0].value: expected string, got &value.valueUnstructured{Value:hunter2}"),
        ("ConfigMap", 'data[a b]: Invalid value: "hunter2": a valid key'),
    ],
)
def test_values_that_may_be_secret_are_not_quoted(kind: str, said: str) -> None:
    found = asked(status(422, f"it is invalid: {said}", "Invalid", tuple(said.split(": ", 1))), kind)  # type: ignore[arg-type]
    assert found.accepted == Known(False)
    shown = " ".join((found.reason, *found.causes))
    assert "hunter2" not in shown
    assert said.split(":", 1)[0] in shown


def test_a_short_plain_value_stays() -> None:
    said = 'spec.clusterIP: Invalid value: "10.0.0.1": field is immutable'
    assert said in asked(status(422, said, "Invalid")).reason


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.x: no", ".spec.x: no"),
        ("failed to convert new object (/s; /v1, Kind=Secret) to proper version: bad", "bad"),
        ('services "gw" is invalid', 'services "gw" is invalid'),
    ],
)
def test_a_no_is_told_without_what_was_asked(said: str, shown: str) -> None:
    assert asked(status(500 if "typed" in said else 422, said)).reason == shown


def test_each_question_is_the_request_it_should_be() -> None:
    api = FakeApi(lambda _: (200, {"kind": "Service"}))
    with serving(api) as cluster:
        dry_run(cluster, SERVICE, "tyk", force=False)
        dry_create(cluster, SERVICE, "tyk")
        dry_patch(cluster, SERVICE, {"spec": {"x": None}}, "tyk")
        live_object(cluster, SERVICE | {"metadata": {"name": "../../x", "namespace": "a?b"}}, "tyk")
    path = "/api/v1/namespaces/tyk/services"
    assert [(call.method, call.path) for call in api.calls] == [
        ("PATCH", f"{path}/gw"),
        ("POST", path),
        ("PATCH", f"{path}/gw"),
        ("GET", "/api/v1/namespaces/a%3Fb/services/..%2F..%2Fx"),
    ]
    assert api.calls[0].query == {"dryRun": "All", "fieldManager": "helm", "force": "false"}
    assert api.calls[1].query == api.calls[2].query == {"dryRun": "All", "fieldManager": "helm"}
    types = ["application/apply-patch+yaml", "application/json", "application/merge-patch+json"]
    assert [call.content_type for call in api.calls[:3]] == types
    assert api.calls[2].body == {"spec": {"x": None}}


def test_a_kind_of_the_cluster_is_looked_up() -> None:
    def answer(call: Call) -> Answer:
        if call.method == "GET":
            return 200, {"resources": [{"kind": "Thing", "name": "things", "namespaced": True}]}
        return 200, {"kind": "Thing"}

    api = FakeApi(answer)
    thing = {"apiVersion": "a.example/v1", "kind": "Thing", "metadata": {"name": "t"}}
    with serving(api) as cluster:
        assert dry_run(cluster, thing, "tyk").accepted == Known(True)
        assert dry_run(cluster, thing | {"kind": "Other"}, "tyk").missing
    assert api.of("PATCH")[0].path == "/apis/a.example/v1/namespaces/tyk/things/t"
    assert json.dumps(api.of("PATCH")[0].body) == json.dumps(thing)


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
