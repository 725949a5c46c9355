"""What the records mean for a plan, by table."""

from __future__ import annotations

from typing import Literal

import pytest

from helm_tyk_upgrade.checks import known_bad, known_transitions, run_checks
from helm_tyk_upgrade.model.knowledge import TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.verdict import Status
from tests.checks.build import changes, facts

Severity = Literal["blocks", "warns", "tells"]

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE
YES, NO, OPEN = Known(True), Known(False), Unknown("no pod runs")


def finding(severity: Severity, concerns: Maybe[bool], check: str = "", name: str = "x") -> TransitionFinding:
    return TransitionFinding(
        name, "gateway", severity, "routes differ", concerns, ("it shows",), "try it", "notes", False, check
    )


@pytest.mark.parametrize(
    ("findings", "expected", "words"),
    [
        (Known(()), NOT_APPLICABLE, "no version moves"),
        (Unknown("no tag"), UNKNOWN, "no tag"),
        (Known((finding("warns", YES),)), FAIL, "1 known change meets this release: x"),
        (Known((finding("blocks", YES),)), FAIL, "1 known change meets this release: x"),
        (Known((finding("warns", NO), finding("tells", YES))), PASS, "of 2 known changes none"),
        (Known((finding("tells", OPEN),)), PASS, "of 1 known change none"),
        (Known((finding("warns", OPEN),)), UNKNOWN, "1 known change may meet"),
        (Known((finding("warns", YES, "go-plugins"),)), PASS, "none"),
        (Known((finding("tells", YES, name="chart-not-supported"),)), NOT_APPLICABLE, "no version moves"),
        (Known((finding("blocks", YES, "one-way-changes"),)), PASS, "none"),
        (Known((finding("blocks", NO, "one-way-changes"),)), PASS, "none"),
        (Known((finding("blocks", OPEN, "one-way-changes"),)), PASS, "none"),
        (Known((finding("warns", OPEN, name="gateway-outside-of-data"),)), UNKNOWN, "may meet"),
    ],
)
def test_verdicts(findings: Maybe[tuple[TransitionFinding, ...]], expected: Status, words: str) -> None:
    verdict = known_transitions.run(facts(transitions=findings), changes())
    assert verdict.status is expected
    assert words in verdict.reason


def test_what_is_open_stands_beside_what_is_met() -> None:
    both = facts(transitions=Known((finding("warns", YES), finding("warns", YES), finding("warns", OPEN))))
    verdict = known_transitions.run(both, changes())
    assert verdict.reason == "2 known changes meet this release: x, x"
    assert verdict.evidence == (*["x: routes differ (it shows)"] * 2, "not known: x: no pod runs")


def test_a_reason_that_leaves_several_open_is_said_once() -> None:
    several = Known((finding("warns", OPEN, name="a"), finding("warns", OPEN, name="b")))
    verdict = known_transitions.run(facts(transitions=several), changes())
    assert verdict.evidence == ("a, b: no pod runs",)


def test_the_advice_of_each_is_left_to_the_section_that_tells_of_it() -> None:
    found = run_checks(facts(transitions=Known((finding("warns", YES),))), changes(), {})
    (verdict,) = (each for each in found if each.check == "known-transitions")
    assert verdict.hint == known_transitions.HINT


def test_a_known_bad_gateway_is_answered_with_the_better_one() -> None:
    bad = facts(known_bad=("gateway 5.8.3: 503",), gateway_offer="5.13.1")
    assert "--gateway-version 5.13.1" in known_bad.run(bad, changes()).hint
    chart = facts(known_bad=("chart 5.1.0: operator",), gateway_offer="5.13.1")
    assert known_bad.run(chart, changes()).hint == ""
