"""What becomes of a count that an autoscaler has set."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helm_tyk_upgrade.checks import autoscaler
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.kubernetes import Rescaled
from helm_tyk_upgrade.model.verdict import Status
from tests.checks.build import DEPLOYMENT, changes
from tests.checks.kubernetes import found, is_unknown_without

RESET = Rescaled(DEPLOYMENT, "hpa", 5, 2, rendered=True, conflicts=False)


def test_no_count_changes() -> None:
    assert autoscaler.run(found(rescaled=Known(())), changes()).status is Status.PASS


@pytest.mark.parametrize(
    ("change", "forced", "words"),
    [
        (RESET, False, "the upgrade sets 2, until the autoscaler acts again"),
        (replace(RESET, conflicts=True), False, "Helm meets a conflict with it and the upgrade fails"),
        (replace(RESET, conflicts=True), True, "the upgrade sets 2, until"),
        (
            replace(RESET, then=1, rendered=False),
            False,
            "no longer names a count, so it falls to 1 first",
        ),
    ],
)
def test_what_becomes_of_the_count(change: Rescaled, forced: bool, words: str) -> None:
    given = replace(found(rescaled=Known((change,))), flags=UpgradeFlags(force_conflicts=forced))
    verdict = autoscaler.run(given, changes())
    assert verdict.status is Status.FAIL
    assert verdict.reason.startswith("autoscaler hpa runs 5 replicas of Deployment gateway-tyk")
    assert words in verdict.reason
    assert verdict.hint


def test_without_an_answer_it_is_unknown() -> None:
    assert is_unknown_without(autoscaler, "rescaled")
