"""What the API server says to all objects at once, and how little that may cost when it is in trouble."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.manifests.split import ManifestObject, split
from helm_tyk_upgrade.model.change import ABSENT
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.server import Drift, DryRunAnswer, FieldConflict, Unread
from helm_tyk_upgrade.targets import server_truth
from helm_tyk_upgrade.targets.drift import drift, unread
from helm_tyk_upgrade.targets.server_truth import Asked, answers, is_server_side, server_answers
from tests.cluster.fake_api import HANG_UP, Answer, Call, FakeApi, serving, status
from tests.targets.build import ScriptedCluster, TestDoors

CLIENT = Release("tyk", "apis", 3, "deployed", "tyk-oss", "2.2.0")
SERVER = replace(CLIENT, apply_method="server-side apply")
ABSENT_LIVE = status(404, "not found", "NotFound")
RBAC = status(403, 'services "gw" is forbidden: User "u" cannot patch resource "services"', "Forbidden")
INVALID = status(422, "it is invalid", "Invalid", ("spec.type", "Unsupported value"))


def item(name: str, kind: str = "Service", version: str = "v1", **spec: Any) -> ManifestObject:
    (found,) = split(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}}}\n")
    return replace(found, data=found.data | ({"spec": spec} if spec else {}))


def hook(name: str, events: str, policy: str = "") -> ManifestObject:
    annotations = {"helm.sh/hook": events} | ({"helm.sh/hook-delete-policy": policy} if policy else {})
    data = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "annotations": annotations}}
    return ManifestObject(item(name, "Pod").id, data, hook=tuple(events.split(",")))


class Doors(TestDoors):
    def __init__(self, cluster: Cluster) -> None:
        super().__init__(ScriptedCluster())
        self.real = cluster

    @property
    def cluster(self) -> Cluster:
        return self.real


@contextmanager
def api(answer: Callable[[Call], Answer]) -> Iterator[tuple[Doors, FakeApi]]:
    fake = FakeApi(answer)
    with serving(fake) as cluster:
        yield Doors(cluster), fake


def taken(call: Call) -> Answer:
    """A server that has nothing and takes everything."""
    return ABSENT_LIVE if call.method == "GET" else (200, call.body | {"kind": "Taken"})


def told(asked: Any) -> list[DryRunAnswer]:
    found = answers(asked)
    assert isinstance(found, Known), found
    return list(found.value)


def test_each_object_is_asked_in_its_order_with_helms_marks() -> None:
    with api(taken) as (doors, fake):
        found = told(server_answers(doors, (item("a"), item("b"), item("c")), CLIENT))
    assert [(one.id.name, one.accepted) for one in found] == [(name, Known(True)) for name in "abc"]
    metadata = fake.of("PATCH")[0].body["metadata"]
    assert metadata["annotations"]["meta.helm.sh/release-name"] == "tyk"
    assert metadata["labels"] == {"app.kubernetes.io/managed-by": "Helm"}
    assert {call.query["force"] for call in fake.of("PATCH")} == {"true"}


def test_all_rejections_come_at_once() -> None:
    def answer(call: Call) -> Answer:
        return INVALID if "bad" in call.path and call.method != "GET" else taken(call)

    objects = tuple(map(item, ("bad-1", "good", "bad-2")))
    with api(answer) as (doors, _):
        found = told(server_answers(doors, objects, SERVER))
    assert [one.accepted for one in found] == [Known(False), Known(True), Known(False)]
    assert found[0].causes == ("spec.type: Unsupported value",)


def test_what_does_not_change_is_not_asked_again() -> None:
    with api(taken) as (doors, fake):
        back = server_answers(doors, (item("same"), item("other", type="A")), CLIENT)
        before = len(fake.calls)
        forward = told(server_answers(doors, (item("same"), item("other", type="B")), CLIENT, before=back))
    assert [one.accepted for one in forward] == [Known(True), Known(True)]
    assert [call.path.rpartition("/")[2] for call in fake.calls[before:]] == ["other"], (
        "its live object is known"
    )


class TestConflicts:
    CONFLICT = status(
        409, "Apply failed", "Conflict",
        ('.spec.ports[port=80,protocol="TCP"].nodePort', 'conflict with "kubectl-edit" using v1'),
        (".spec.type", 'conflict with "helm" using v1'),
    )  # fmt: skip
    LIVE = {"kind": "Service", "metadata": {"managedFields": [{"manager": "kubectl-edit", "time": "T"}]}}

    def answer(self, call: Call) -> Answer:
        if call.method == "GET":
            return 200, self.LIVE
        return self.CONFLICT if call.query["force"] == "false" else (200, call.body)

    def test_come_field_by_field_with_manager_and_time(self) -> None:
        with api(self.answer) as (doors, _):
            (found,) = told(server_answers(doors, (item("gw"),), SERVER))
        assert found.accepted == Known(True), "forced, the object is fine"
        assert found.conflicts == (FieldConflict("spec.ports[80].nodePort", "kubectl-edit", "T"),)

    def test_do_not_hide_what_is_wrong_with_the_object(self) -> None:
        def answer(call: Call) -> Answer:
            return INVALID if call.query.get("force") == "true" else self.answer(call)

        with api(answer) as (doors, _):
            (found,) = told(server_answers(doors, (item("gw"),), SERVER))
        assert found.accepted == Known(False)
        assert found.conflicts

    def test_client_side_apply_has_none(self) -> None:
        with api(self.answer) as (doors, _):
            (found,) = told(server_answers(doors, (item("gw"),), CLIENT))
        assert found.conflicts == ()


class TestClientSideApply:
    """What server-side apply alone refuses is asked again as the patch that Helm sends."""

    REPEATED = status(500, 'failed to create typed patch object: duplicate entries for key "A"')

    def answer(self, live: dict[str, Any], patched: Answer) -> Callable[[Call], Answer]:
        def answer(call: Call) -> Answer:
            if call.method == "GET":
                return (200, live) if live else ABSENT_LIVE
            return self.REPEATED if "apply-patch" in call.content_type else patched

        return answer

    def test_a_no_that_helms_patch_does_not_get_is_none(self) -> None:
        live = {"kind": "Service", "metadata": {"name": "gw"}, "spec": {"type": "A", "ip": "1"}}
        with api(self.answer(live, (200, live))) as (doors, fake):
            (found,) = told(server_answers(doors, (item("gw", type="B"),), CLIENT))
        assert found.accepted == Known(True)
        patch = fake.of("PATCH")[1]
        assert patch.content_type == "application/merge-patch+json"
        assert patch.body["spec"] == {"type": "B"}

    def test_a_no_to_helms_patch_is_one(self) -> None:
        live = {"kind": "Service", "metadata": {"name": "gw"}, "spec": {"type": "A"}}
        with api(self.answer(live, INVALID)) as (doors, _):
            (found,) = told(server_answers(doors, (item("gw", type="B"),), CLIENT))
        assert found.accepted == Known(False)
        assert found.causes == ("spec.type: Unsupported value",)

    def test_an_object_that_is_new_is_created(self) -> None:
        with api(self.answer({}, (200, {"kind": "Service"}))) as (doors, fake):
            (found,) = told(server_answers(doors, (item("gw"),), CLIENT))
        assert found.accepted == Known(True)
        assert fake.calls[-1].method == "POST"

    def test_server_side_apply_stays_a_no(self) -> None:
        with api(self.answer({}, (200, {"kind": "Service"}))) as (doors, _):
            (found,) = told(server_answers(doors, (item("gw"),), SERVER))
        assert found.accepted == Known(False)


class TestWhatIsNotThereYet:
    def test_a_kind_that_the_cluster_lacks_stops_helm(self) -> None:
        with api(lambda call: ABSENT_LIVE) as (doors, fake):
            (found,) = told(server_answers(doors, (item("t", "Thing", "a.example/v1"),), CLIENT))
        assert found.accepted == Known(False)
        assert "no kind Thing in a.example/v1" in found.reason
        assert [call.path for call in fake.calls] == ["/apis/a.example/v1"]

    def test_discovery_that_fails_says_nothing(self) -> None:
        with api(lambda call: status(403, "no", "Forbidden")) as (doors, _):
            (found,) = told(server_answers(doors, (item("t", "Thing", "a.example/v1"),), CLIENT))
        assert isinstance(found.accepted, Unknown)

    @pytest.mark.parametrize("made", [True, False])
    def test_a_namespace(self, made: bool) -> None:
        (inside,) = split("apiVersion: v1\nkind: Service\nmetadata: {name: gw, namespace: edge}\n")
        objects = (item("edge", "Namespace"), inside) if made else (inside,)

        def answer(call: Call) -> Answer:
            return (
                status(404, 'namespaces "edge" not found') if "namespaces/edge/" in call.path else taken(call)
            )

        with api(answer) as (doors, _):
            found = told(server_answers(doors, objects, SERVER))[-1]
        if made:
            assert found.accepted == Unknown("the upgrade itself makes the namespace edge")
        else:
            assert found.accepted == Known(False)
            assert 'namespaces "edge" not found' in found.reason


class TestForeignObjects:
    LIVE = {"kind": "Service", "metadata": {"labels": {}, "annotations": {}}}

    def ask(self, live: dict[str, Any], *passed: str) -> DryRunAnswer:
        def answer(call: Call) -> Answer:
            return (200, live) if call.method == "GET" else (200, call.body)

        with api(answer) as (doors, _):
            asked = server_answers(
                doors, (item("gw"),), CLIENT, UpgradeFlags(passed=passed), before=Known(())
            )
            (found,) = told(asked)
        return found

    def test_an_object_of_somebody_else_is_not_taken_over(self) -> None:
        found = self.ask(self.LIVE)
        assert found.accepted == Known(False)
        assert "--take-ownership" in found.reason

    def test_unless_asked(self) -> None:
        assert self.ask(self.LIVE, "--take-ownership").accepted == Known(True)

    def test_an_object_of_the_release_is_its_own(self) -> None:
        marks = {"meta.helm.sh/release-name": "tyk", "meta.helm.sh/release-namespace": "apis"}
        labels = {"app.kubernetes.io/managed-by": "Helm"}
        live = {"kind": "Service", "metadata": {"annotations": marks, "labels": labels}}
        assert self.ask(live).accepted == Known(True)


class TestHooks:
    EXISTS = status(409, 'pods "h" already exists', "AlreadyExists")

    def ask(self, answer: Callable[[Call], Answer], *hooks: ManifestObject, forward: bool = True) -> Any:
        with api(answer) as (doors, fake):
            found = told(server_answers(doors, hooks, CLIENT, before=Known(()) if forward else None))
        return found, fake

    def test_only_those_that_run_are_asked_and_marked(self) -> None:
        hooks = (hook("up", "pre-upgrade,post-upgrade"), hook("back", "post-rollback"), hook("t", "test"))
        found, _ = self.ask(taken, *hooks)
        assert [(one.id.name, one.hook) for one in found] == [("up", "pre-upgrade,post-upgrade")]
        found, _ = self.ask(taken, *hooks, forward=False)
        assert [one.id.name for one in found] == ["back"]

    @pytest.mark.parametrize(
        ("policy", "accepted"),
        [("", True), ("before-hook-creation,hook-failed", True), ("hook-succeeded", False)],
    )
    def test_one_that_was_left_behind(self, policy: str, accepted: bool) -> None:
        def answer(call: Call) -> Answer:
            return self.EXISTS if call.body["metadata"]["name"] == "h" else (201, call.body)

        (found,), fake = self.ask(answer, hook("h", "pre-upgrade", policy))
        assert found.accepted == Known(accepted)
        assert {call.method for call in fake.calls} == {"POST"}


class TestServerInTrouble:
    MANY = tuple(item(f"s{number}") for number in range(200))

    @pytest.mark.parametrize(
        "trouble",
        [status(429, "slow down"), status(503, "shutting down"), (502, b"<html>bad</html>"), HANG_UP],
    )
    def test_it_is_soon_left_alone(self, trouble: Answer) -> None:
        with api(lambda _: trouble) as (doors, fake):
            began = time.monotonic()
            found = told(server_answers(doors, self.MANY, CLIENT))
            assert time.monotonic() - began < 8
        assert len(found) == 200
        assert all(isinstance(one.accepted, Unknown) for one in found)
        assert "not asked any more" in str(found[-1].accepted)
        assert len(fake.calls) < 120

    def test_a_moment_of_trouble_is_sat_out(self) -> None:
        seen: set[str] = set()
        lock = threading.Lock()

        def answer(call: Call) -> Answer:
            with lock:
                first = call.path not in seen
                seen.add(call.path)
            return status(429, "slow down") if first else taken(call)

        with api(answer) as (doors, _):
            found = told(server_answers(doors, self.MANY[:2], CLIENT))
        assert [one.accepted for one in found] == [Known(True)] * 2

    def test_a_slow_one_gets_no_more_than_its_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server_truth, "SECONDS", 0.6)
        monkeypatch.setattr(server_truth, "EACH", 0.0)

        def answer(call: Call) -> Answer:
            time.sleep(0.2)
            return taken(call)

        with api(answer) as (doors, _):
            began = time.monotonic()
            found = told(server_answers(doors, self.MANY, CLIENT))
            assert time.monotonic() - began < 3
        assert found[0].accepted == Known(True)
        assert "1 s" in str(found[-1].accepted)

    def test_a_read_only_identity_gets_every_row_unknown_and_the_drift(self) -> None:
        live = {"kind": "Service", "metadata": {"name": "gw"}, "spec": {"type": "NodePort"}}
        with api(lambda call: (200, live) if call.method == "GET" else RBAC) as (doors, _):
            asked = server_answers(doors, (item("gw", type="ClusterIP"),), CLIENT)
            (found,) = told(asked)
            drifts = drift(doors, asked, compare("", ""), server_side=False)
        assert isinstance(found.accepted, Unknown)
        assert "cannot patch" in found.accepted.reason
        assert isinstance(drifts, Known)
        assert [one.path for one in drifts.value] == ["spec.type"]

    def test_no_cluster_is_unknown_as_a_whole(self) -> None:
        class NoCluster(TestDoors):
            @property
            def cluster(self) -> Cluster:
                raise ClusterError("no cluster is configured", "")

        found = server_answers(NoCluster(ScriptedCluster()), (item("gw"),), CLIENT)
        assert found == Unknown("no cluster is configured")
        assert server_answers(NoCluster(ScriptedCluster()), (item("gw"),), CLIENT, before=found) == found


@pytest.mark.parametrize(
    ("release", "passed", "expected"),
    [
        (CLIENT, (), False),
        (SERVER, (), True),
        (SERVER, ("--server-side=false",), False),
        (CLIENT, ("--server-side=true",), True),
        (SERVER, ("--server-side=auto",), True),
    ],
)
def test_how_helm_will_apply(release: Release, passed: tuple[str, ...], expected: bool) -> None:
    assert is_server_side(release, UpgradeFlags(passed=passed)) is expected


class TestDrift:
    WEB = item("web", "Deployment", "apps/v1", replicas=1, paused=False)

    def of(self, one: ManifestObject, live: Any, new: ManifestObject | None = None) -> Any:
        asked = (Asked(one, DryRunAnswer(one.id, Known(True)), live),)
        changes = compare((one,), (new or one,))
        return drift(TestDoors(ScriptedCluster()), Known(asked), changes, server_side=False)

    def live(
        self, manager: str = "kubectl-edit", subresource: str = "", **spec: Any
    ) -> Known[dict[str, Any]]:
        owned: dict[str, Any] = {"f:spec": {f"f:{name}": {} for name in spec}}
        entry = {"manager": manager, "subresource": subresource, "time": "T", "fieldsV1": owned}
        spec = {"replicas": 1, "paused": False} | spec
        return Known(
            {"kind": "Deployment", "metadata": {"name": "web", "managedFields": [entry]}, "spec": spec}
        )

    def test_who_and_when(self) -> None:
        expected = Drift(self.WEB.id, "spec.paused", False, True, "paused", "kubectl-edit", "T")
        assert self.of(self.WEB, self.live(paused=True)) == Known((expected,))

    def test_an_object_that_is_gone(self) -> None:
        assert self.of(self.WEB, Known({})) == Known((Drift(self.WEB.id, "", self.WEB.data, ABSENT),))

    def test_an_autoscaler_at_work_is_none(self) -> None:
        assert self.of(self.WEB, self.live("kube-controller-manager", "scale", replicas=4)) == Known(())

    def test_kubectl_scale_is_one(self) -> None:
        found = self.of(self.WEB, self.live("kubectl", "scale", replicas=4))
        assert [one.manager for one in found.value] == ["kubectl"]

    def test_what_helm_itself_wrote_is_none(self) -> None:
        assert self.of(self.WEB, self.live("helm", paused=True)) == Known(())

    def test_of_a_custom_resource_only_what_the_upgrade_changes(self) -> None:
        old = item("t", "Thing", "a.example/v1", size=1, depth=1)
        live = Known({"kind": "Thing", "metadata": {"name": "t"}, "spec": {"size": 5, "depth": 5}})
        assert self.of(old, live) == Known(())
        new = item("t", "Thing", "a.example/v1", size=2, depth=1)
        found = self.of(old, live, new)
        assert [one.path for one in found.value] == ["spec.size"]

    def test_an_object_that_cannot_be_read_is_unknown(self) -> None:
        found = self.of(self.WEB, Unknown("not allowed"))
        assert found == Unknown("1 object could not be read: not allowed")

    def test_an_object_whose_name_the_server_makes_is_never_gone(self) -> None:
        (one,) = split("apiVersion: v1\nkind: Service\nmetadata: {generateName: gw-}\n")
        with api(taken) as (doors, fake):
            asked = server_answers(doors, (one,), CLIENT)
            assert drift(doors, asked, compare("", ""), server_side=False) == Known(())
        assert [call.method for call in fake.calls] == ["POST"]

    def test_live_secrets_are_masked_from_then_on(self) -> None:
        doors = TestDoors(ScriptedCluster())
        secret = item("s", "Secret")
        live = {"kind": "Secret", "data": {"password": "bmV3LXNlY3JldA=="}}
        asked = (Asked(secret, DryRunAnswer(secret.id, Known(True)), Known(live)),)
        drift(doors, Known(asked), compare("", ""), server_side=False)
        assert "new-secret" not in doors.masker.text("it is new-secret")


def test_what_could_not_be_read_is_told_beside_what_drifted() -> None:
    seen, unseen = item("web", "Deployment", "apps/v1"), item("gw")
    asked = Known(
        (
            Asked(seen, DryRunAnswer(seen.id, Known(True)), Known({})),
            Asked(unseen, DryRunAnswer(unseen.id, Known(True)), Unknown("not allowed")),
        )
    )
    found = drift(TestDoors(ScriptedCluster()), asked, compare("", ""), server_side=False)
    assert found == Known((Drift(seen.id, "", seen.data, ABSENT),))
    assert unread(asked) == (Unread(unseen.id, "not allowed"),)
    assert unread(Unknown("no cluster")) == ()
