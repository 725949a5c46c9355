"""The check of the way back: proven, at risk, impossible, or not proven."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helm_tyk_upgrade.checks import way_back
from helm_tyk_upgrade.model.change import Action, Danger, FieldChange, ObjectChange, ObjectId
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.knowledge import TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.server import DryRunAnswer, FieldConflict, ImagePresence, ServerTruth
from helm_tyk_upgrade.model.verdict import Policy, Status
from tests.checks.build import DEPLOYMENT, RELEASE, changes, facts, revision

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
SERVICE = ObjectId("v1", "Service", "", "gw")
CLAIM = ObjectId("v1", "PersistentVolumeClaim", "", "data")
NO_ANSWER = Unknown("the API server does not answer")
FINE = DryRunAnswer(SERVICE, Known(True))
UNSURE = DryRunAnswer(DEPLOYMENT, Unknown("not allowed"))
DENIED = DryRunAnswer(
    DEPLOYMENT, Known(False), "it is invalid", ("spec.selector: field is immutable", "spec.x: no"), True
)
CONFLICT = replace(FINE, conflicts=(FieldConflict("spec.replicas", "kubectl", "2026-01-01T00:00:00Z"),))
FORCED = UpgradeFlags(force_conflicts=True)
IMAGE = ImagePresence("tyk-gateway:v5.3.8", ("Deployment gateway-tyk",), Known(True))
ONE_WAY = TransitionFinding(
    "oas-5.3", "gateway", "warns", "OAS definitions are rewritten", Known(True), (), "", "", one_way=True
)
THERE = Known((IMAGE,))
NONE: Known[tuple[TransitionFinding, ...]] = Known(())


def back(
    *answers: DryRunAnswer,
    images: Maybe[tuple[ImagePresence, ...]] = THERE,
    transitions: Maybe[tuple[TransitionFinding, ...]] = NONE,
    **more: Any,
) -> Facts:
    server = ServerTruth(back=Known(answers or (FINE,)), images_back=images)
    return facts(server=server, transitions=transitions, **more)


def kept(most: int | None, *statuses: str) -> Facts:
    history = tuple(revision(number, status) for number, status in enumerate(statuses, 1))
    newest = replace(RELEASE, revision=max(item.revision for item in history if item.status != "failed"))
    return back(history=history, release=newest, flags=UpgradeFlags(history_max=most))


def images(present: Maybe[bool], *missing: str) -> Facts:
    return back(images=Known((replace(IMAGE, present=present, missing=missing),)))


def one_way(**changed: Any) -> Facts:
    return back(transitions=Known((replace(ONE_WAY, **changed),)))


GROWS = ObjectChange(
    CLAIM, Action.CHANGED,
    (FieldChange("spec.resources.requests.storage", ("spec", "resources", "requests", "storage"), "1Gi", "2Gi"),),
)  # fmt: skip
LOSES = Danger(CLAIM, "removed-object", "data loss", "", "the claim is deleted", "")

CASES: list[tuple[Facts, Changes, Status, str]] = [
    (back(), changes(), PASS, "proven: revision 3 is kept"),
    (back(history=(revision(1, "failed"),)), changes(), FAIL, "impossible: the history"),
    (back(replace(DENIED, id=SERVICE)), changes(), FAIL, "impossible: the API server rejects Service gw"),
    (
        back(history=(replace(revision(3, "superseded"), description='Upgrade "tyk" failed: x'),)),
        changes(),
        FAIL,
        "impossible: the history holds no revision that ever worked",
    ),
    (
        back(
            history=(
                revision(2, "superseded"),
                replace(revision(3, "superseded"), description='Upgrade "tyk" failed: x'),
            )
        ),
        changes(),
        UNKNOWN,
        "not proven: the objects of revision 3 were rehearsed, not those of 2",
    ),
    (back(UNSURE), changes(), UNKNOWN, "not proven: Deployment gateway-tyk: not allowed"),
    (back(UNSURE, DENIED), changes(), FAIL, "impossible"),
    (back(CONFLICT), changes(), FAIL, "at risk: Helm's rollback stops at fields of Service gw"),
    (back(CONFLICT, flags=FORCED), changes(), PASS, "proven"),
    (images(Known(False)), changes(), FAIL, "at risk: image tyk-gateway:v5.3.8 is gone"),
    (
        images(Known(True), "linux/arm64"),
        changes(),
        FAIL,
        "at risk: image tyk-gateway:v5.3.8 is not there for linux",
    ),
    (images(Unknown("no answer")), changes(), UNKNOWN, "not proven: image tyk-gateway:v5.3.8: no answer"),
    (back(images=NO_ANSWER), changes(), UNKNOWN, "not proven: the old images"),
    (one_way(), changes(), FAIL, "at risk: OAS definitions are rewritten"),
    (one_way(severity="blocks"), changes(), FAIL, "impossible: OAS"),
    (one_way(concerns=Known(False)), changes(), PASS, "proven"),
    (one_way(concerns=Unknown("no API was read")), changes(), UNKNOWN, "no API was read"),
    (one_way(one_way=False), changes(), PASS, "proven"),
    (back(transitions=NO_ANSWER), changes(), UNKNOWN, "not proven: one-way changes"),
    (back(), changes(objects=(GROWS,)), FAIL, "impossible: PersistentVolumeClaim data grows"),
    (back(), changes(dangers=(LOSES,)), FAIL, "impossible: the data does not come back"),
    (facts(), changes(), UNKNOWN, "not proven: the old objects were not rehearsed"),
    (kept(1, "superseded", "deployed"), changes(), PASS, "revision 2"),
    (
        kept(1, "superseded", "failed"),
        changes(),
        FAIL,
        "impossible: revision 1 would be deleted: only 1 revision",
    ),
    (kept(2, "superseded", "failed"), changes(), FAIL, "impossible"),
    (kept(3, "superseded", "failed"), changes(), PASS, "revision 1"),
    (kept(0, "superseded", *["failed"] * 20), changes(), PASS, "revision 1"),
    (kept(None, "superseded", *["failed"] * 9), changes(), FAIL, "only 10 revisions are kept"),
    (
        back(history=(revision(2, "superseded"), revision(3, "failed"))),
        changes(),
        UNKNOWN,
        "not proven: the objects of revision 3 were rehearsed, not those of 2",
    ),
]


@pytest.mark.parametrize(("given", "change", "status", "words"), CASES)
def test_way_back(given: Facts, change: Changes, status: Status, words: str) -> None:
    verdict = way_back.run(given, change)
    assert (verdict.check, verdict.status) == ("way-back", status), verdict
    assert words in verdict.reason


def test_the_worst_comes_first_and_all_is_evidence() -> None:
    given = back(CONFLICT, UNSURE, images=Known((replace(IMAGE, present=Known(False)),)))
    verdict = way_back.run(given, changes(dangers=(LOSES,)))
    assert verdict.reason.startswith("impossible: ")
    assert [line.split(":")[0] for line in verdict.evidence] == [
        "impossible",
        "not proven",
        "at risk",
        "at risk",
    ]


def test_it_warns() -> None:
    assert way_back.DEFAULT is Policy.WARN
