"""A release that another run holds is not planned over; a lease that was left behind stops nobody."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.checks import foreign_lock
from helm_tyk_upgrade.model.hold import Held
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Status
from tests.checks.build import changes, facts


@pytest.mark.parametrize(
    ("lock", "status", "words"),
    [
        (Known(None), Status.PASS, "nobody holds apis/tyk"),
        (Known(Held("ann@host (run r-1)", True)), Status.FAIL, "apis/tyk is held by ann@host (run r-1)"),
        (Known(Held("ann@host (run r-1)", False)), Status.PASS, "left behind by ann@host (run r-1)"),
        (Unknown("leases is forbidden"), Status.UNKNOWN, "leases is forbidden"),
    ],
)
def test_a_lease_is_judged_by_its_holders_sign_of_life(
    lock: Maybe[Held | None], status: Status, words: str
) -> None:
    verdict = foreign_lock.run(facts(lock=lock), changes())
    assert verdict.status is status
    assert words in verdict.reason


def test_a_foreign_lock_blocks_unless_policy_says_otherwise() -> None:
    assert foreign_lock.DEFAULT is Policy.FAIL
