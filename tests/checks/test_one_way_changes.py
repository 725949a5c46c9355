"""A change of format that no rollback undoes, by table."""

from __future__ import annotations

from typing import Literal

import pytest

from helm_tyk_upgrade.checks import one_way_changes
from helm_tyk_upgrade.model.knowledge import TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Status
from tests.checks.build import changes, facts

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
YES, NO, OPEN = Known(True), Known(False), Unknown("no pod runs")
Severity = Literal["blocks", "warns", "tells"]


def finding(
    concerns: Maybe[bool], check: str = one_way_changes.ID, name: str = "x", severity: Severity = "blocks"
) -> TransitionFinding:
    return TransitionFinding(
        name,
        "gateway",
        severity,
        "files break",
        concerns,
        ("API a1 orders",),
        "convert them",
        "notes",
        True,
        check,
    )


@pytest.mark.parametrize(
    ("findings", "expected", "words"),
    [
        (Known(()), PASS, "no change on record"),
        (Known((finding(YES),)), FAIL, "files break"),
        (Known((finding(OPEN), finding(YES))), FAIL, "files break"),
        (Known((finding(NO),)), PASS, "no change on record"),
        (Known((finding(OPEN),)), UNKNOWN, "files break (no pod runs)"),
        (Known((finding(YES, "go-plugins"), finding(YES, ""))), PASS, "no change on record"),
        (Known((finding(OPEN, "", "gateway-outside-of-data", "warns"),)), UNKNOWN, "no pod runs"),
        (Known((finding(OPEN, "", "chart-outside-of-data", "warns"),)), PASS, "no change on record"),
        (Unknown("no tag"), UNKNOWN, "no tag"),
    ],
)
def test_verdicts(findings: Maybe[tuple[TransitionFinding, ...]], expected: Status, words: str) -> None:
    verdict = one_way_changes.run(facts(transitions=findings), changes())
    assert verdict.status is expected
    assert words in verdict.reason


def test_it_names_the_apis_and_what_to_do_and_blocks() -> None:
    verdict = one_way_changes.run(facts(transitions=Known((finding(YES),))), changes())
    assert (verdict.evidence, verdict.hint) == (("API a1 orders",), "convert them")
    assert one_way_changes.DEFAULT is Policy.FAIL
