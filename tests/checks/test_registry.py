"""The list of checks: policies, hints, and the page that describes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helm_tyk_upgrade.checks import CHECKS, parse_policies, run_checks
from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict
from tests.checks.build import changes, facts, lost

PAGE = Path(__file__).resolve().parents[2] / "docs" / "checks.md"
NO_ANSWER = Unknown("no answer")


def verdict(check: str, found: tuple[Verdict, ...]) -> Verdict:
    return next(each for each in found if each.check == check)


def test_every_check_is_run_once_in_the_order_of_the_list() -> None:
    found = run_checks(facts(), changes(), {})
    assert [each.check for each in found] == [check.ID for check in CHECKS]
    assert not any(each.blocks for each in found)


def test_ids_are_kebab_case_and_unique() -> None:
    ids = [check.ID for check in CHECKS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", one) for one in ids)


def test_a_failing_check_blocks_by_default_and_says_what_to_do() -> None:
    found = verdict("values-only-in-release", run_checks(facts(), lost(("a", "b")), {}))
    assert found.blocks
    assert "--keep-release-values" in found.hint
    assert found.evidence == ("a.b",)


@pytest.mark.parametrize(("policy", "blocks"), [("fail", True), ("warn", False), ("ignore", False)])
def test_a_policy_decides_whether_a_failing_check_blocks(policy: str, blocks: bool) -> None:
    policies = parse_policies([f"values-only-in-release={policy}"])
    found = verdict("values-only-in-release", run_checks(facts(), lost(("a",)), policies))
    assert (found.status, found.blocks) == (Status.FAIL, blocks)


def test_what_could_not_be_found_out_warns_and_is_no_pass() -> None:
    found = verdict("owned-by-gitops", run_checks(facts(owner=NO_ANSWER), changes(), {}))
    assert (found.status, found.policy, found.blocks) == (Status.UNKNOWN, Policy.WARN, False)
    assert found.hint


def test_a_warning_check_that_fails_does_not_block() -> None:
    ended = facts(gateway_support=Known("end of life since 2025-10-13"))
    found = verdict("gateway-support", run_checks(ended, changes(), {}))
    assert (found.status, found.blocks) == (Status.FAIL, False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no-such-check=warn", "there is no check 'no-such-check'"),
        ("data-loss=maybe", "'maybe' is no policy"),
        ("data-loss", "'' is no policy"),
    ],
)
def test_a_policy_that_makes_no_sense_is_a_usage_error(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)) as caught:
        parse_policies([text])
    assert caught.value.hint


def test_a_policy_for_a_check_that_is_nearly_there_names_it() -> None:
    with pytest.raises(UsageError) as caught:
        parse_policies(["image-present=warn"])
    assert caught.value.hint == "did you mean images-present?"


def test_the_page_has_one_row_for_each_check_with_its_own_words() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith("| `")
    ]
    expected = [
        [f"`{check.ID}`", check.TITLE, check.DEFAULT.value, check.HINT.replace("|", "\\|")]
        for check in CHECKS
    ]
    assert rows == expected
