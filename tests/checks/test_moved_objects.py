"""Addresses that change, in words."""

from __future__ import annotations

from helm_tyk_upgrade.checks import moved_objects
from helm_tyk_upgrade.model.change import Danger
from helm_tyk_upgrade.model.verdict import Status
from tests.checks.build import DEPLOYMENT, changes
from tests.checks.kubernetes import found


def test_no_address_changes() -> None:
    other = Danger(DEPLOYMENT, "rule", "rejected", "", "it cannot change", "")
    assert moved_objects.run(found(), changes(dangers=(other,))).status is Status.PASS


def test_all_are_named() -> None:
    moved = [
        Danger(DEPLOYMENT, "moved-object", "address changes", "", reason, "tell the clients")
        for reason in ("Service a moves", "Service b is deleted")
    ]
    verdict = moved_objects.run(found(), changes(dangers=tuple(moved)))
    assert (verdict.status, verdict.reason) == (Status.FAIL, "Service a moves")
    assert verdict.evidence == ("Service b is deleted",)
    assert verdict.hint == "tell the clients"
