"""Live fields that a plan changes: what was made of them outside Helm is bound, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helm_tyk_upgrade.model.change import ABSENT, Action, FieldChange, ManifestChanges, ObjectChange, ObjectId
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.server import (
    Drift,
    DryRunAnswer,
    FieldConflict,
    LiveNeighbours,
    ServerTruth,
    Unread,
)
from helm_tyk_upgrade.planning.binding import bound, bound_again
from helm_tyk_upgrade.planning.comparing import moved, not_compared
from helm_tyk_upgrade.planning.live_fields import live_fields, overlap
from tests.applying.build import RELEASE, plan

GATEWAY = ObjectId("apps/v1", "Deployment", "", "gateway")
REPLICAS, IMAGE = "spec.replicas", "spec.template.spec.containers[gateway].image"
HERE = Known("5f0c-uid-of-kube-system")
NO_DRIFT: Known[tuple[Drift, ...]] = Known(())
SCALER = {
    "metadata": {"name": "hpa", "namespace": "apis"},
    "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "gateway"}},
}


def field(path: str, *, old: Any = "old", random: bool = False) -> FieldChange:
    return FieldChange(path, tuple(path.split(".")), old, "new", random=random)


def changing(
    *fields: FieldChange,
    drift: Maybe[tuple[Drift, ...]] = NO_DRIFT,
    server_side: bool = False,
    action: Action = Action.CHANGED,
    **server: Any,
) -> Plan:
    """A plan that changes these fields of the gateway."""
    return plan(
        cluster=HERE,
        release=replace(RELEASE, apply_method="server-side apply" if server_side else ""),
        objects=ManifestChanges((ObjectChange(GATEWAY, action, fields),), 0),
        server=ServerTruth(drift=drift, **server),
    )


def by_hand(path: str, live: Any = "changed", identity: ObjectId = GATEWAY) -> Known[tuple[Drift, ...]]:
    return Known((Drift(identity, path, "old", live),))


def refused(before: Plan, after: Plan) -> str:
    """What is said of the second, with a plan file of the first."""
    saved = bound(before, "salt", HERE)
    return moved(saved, bound_again(after, saved)).get("live", "")


@pytest.mark.parametrize(
    ("path", "drifted"),
    [
        (REPLICAS, REPLICAS),
        (IMAGE, IMAGE),
        (IMAGE, "spec.template.spec.containers[gateway]"),
        ("spec.template", "spec.template.spec.containers[gateway].image"),
        ("spec.args[1]", "spec.args[3]"),
        (IMAGE, ""),
        ("", REPLICAS),
    ],
)
def test_a_hand_on_a_field_that_the_plan_changes_is_named(path: str, drifted: str) -> None:
    said = refused(changing(field(path)), changing(field(path), drift=by_hand(drifted)))
    assert said == f"changed in the cluster since the plan: Deployment gateway {path or '(the whole object)'}"


@pytest.mark.parametrize(
    ("path", "drifted"),
    [
        (REPLICAS, "spec.replicasOther"),
        (REPLICAS, "spec.paused"),
        (IMAGE, "spec.template.spec.containers[sidecar].image"),
        ("spec.ports[80].nodePort", "spec.ports[81].nodePort"),
    ],
)
def test_a_hand_on_another_field_is_not(path: str, drifted: str) -> None:
    assert refused(changing(field(path)), changing(field(path), drift=by_hand(drifted))) == ""
    assert not overlap(path, drifted)


def test_another_object_is_not() -> None:
    other = replace(GATEWAY, name="other")
    now = changing(field(REPLICAS), drift=by_hand(REPLICAS, identity=other))
    assert refused(changing(field(REPLICAS)), now) == ""


def test_a_hand_that_the_plan_knew_of_is_as_it_was_reviewed() -> None:
    """Only until it moves again: set back, or set to something else."""
    known = changing(field(REPLICAS), drift=by_hand(REPLICAS, 3))
    assert refused(known, changing(field(REPLICAS), drift=by_hand(REPLICAS, 3))) == ""
    assert REPLICAS in refused(known, changing(field(REPLICAS), drift=by_hand(REPLICAS, 4)))
    assert REPLICAS in refused(known, changing(field(REPLICAS)))


def test_a_count_that_an_autoscaler_sets_is_not_bound() -> None:
    near = LiveNeighbours(autoscalers=Known((SCALER,)))
    now = changing(field(REPLICAS), field(IMAGE), drift=by_hand(REPLICAS, 7), neighbours=near)
    assert refused(changing(field(REPLICAS), field(IMAGE)), now) == ""
    assert set(live_fields(now).found[GATEWAY]) == {IMAGE}


def test_random_fields_and_new_objects_are_not_bound() -> None:
    assert live_fields(changing(field(REPLICAS, random=True))).found == {GATEWAY: {}}
    assert live_fields(changing(field("", old=ABSENT), action=Action.ADDED)).found == {}


def test_a_field_that_another_manager_took_is_named_though_helm_never_set_it() -> None:
    """Of a release that Helm applies server-side: the API server tells."""
    new = field("metadata.annotations.team", old=ABSENT)
    conflict = FieldConflict("metadata.annotations.team", "kubectl-edit")
    answer = DryRunAnswer(GATEWAY, Known(True), conflicts=(conflict,))
    now = changing(new, server_side=True, forward=Known((answer,)))
    before = changing(new, server_side=True, forward=Known(()))
    assert "Deployment gateway metadata.annotations.team" in refused(before, now)
    assert live_fields(before).unknown == ()


def test_fields_that_a_client_side_apply_adds_are_said_not_to_be_compared() -> None:
    new = tuple(field(f"spec.{number}", old=ABSENT) for number in range(5))
    (said,) = live_fields(changing(*new)).unknown
    assert said.startswith("live values of fields that the plan adds: Deployment gateway spec.0, ")
    assert said.endswith("spec.2 and 2 more")


def test_what_could_not_be_read_is_said_and_not_bound() -> None:
    unread = changing(field(REPLICAS), drift=Unknown("1 object could not be read: 403"))
    saved = bound(unread, "salt", HERE)
    assert saved["live"] == {}
    now = bound_again(changing(field(REPLICAS), drift=by_hand(REPLICAS)), saved)
    assert moved(saved, now) == {}
    assert not_compared(saved, now) == (
        "Not compared: the live fields of the 1 object that the plan changes: 1 object could not be read: 403",
    )


def test_when_nothing_can_be_read_any_more_it_is_said() -> None:
    saved = bound(changing(field(REPLICAS)), "salt", HERE)
    now = bound_again(changing(field(REPLICAS), drift=Unknown("503")), saved)
    assert moved(saved, now) == {}
    assert not_compared(saved, now)[0].endswith("that the plan changes: 503")


def test_after_a_new_revision_live_fields_say_nothing() -> None:
    saved = bound(changing(field(REPLICAS)), "salt", HERE)
    later = replace(changing(field(REPLICAS), drift=by_hand(REPLICAS)), release=replace(RELEASE, revision=4))
    assert moved(saved, bound_again(later, saved)) == {"revision": "the release moved from revision 3 to 4"}


def test_neither_path_nor_seal_holds_a_live_value() -> None:
    first = bound(changing(field(REPLICAS), drift=by_hand(REPLICAS, "c4n4ry")), "salt", HERE)
    second = bound(changing(field(REPLICAS), drift=by_hand(REPLICAS, "c4n4ry")), "other salt", HERE)
    assert "c4n4ry" not in str(first)
    assert first["live"] != second["live"]


def test_an_object_that_could_not_be_read_is_named_though_another_drifted() -> None:
    other = replace(GATEWAY, name="pump")
    known = changing(field(IMAGE), drift=by_hand(IMAGE, identity=other), unread=(Unread(GATEWAY, "403"),))
    assert live_fields(known).found == {}
    assert live_fields(known).unknown == ("the live fields of Deployment gateway: 403",)
    elsewhere = changing(field(IMAGE), drift=by_hand(IMAGE), unread=(Unread(other, "403"),))
    assert live_fields(elsewhere).unknown == ()
