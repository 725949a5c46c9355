"""Secrets planted in every place of a plan and an outcome are in no view, in no form."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest

from helm_tyk_upgrade.model.outcome import Outcome
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.report import json_v1, markdown, terminal
from tests.report import records

PLAN_VIEWS: dict[str, Callable[[Plan, Masker], str]] = {
    "terminal": terminal.plan,
    "colour": lambda plan, masker: terminal.plan(plan, masker, colour=True),
    "values only": lambda plan, masker: terminal.plan(plan, masker, only=("values",)),
    "diff only": lambda plan, masker: terminal.plan(plan, masker, only=("diff",)),
    "checks only": lambda plan, masker: terminal.plan(plan, masker, only=("checks",)),
    "json": json_v1.plan_json,
    "markdown": markdown.plan_markdown,
}
OUTCOME_VIEWS: dict[str, Callable[[Outcome, Masker], str]] = {
    "terminal": terminal.outcome,
    "json": json_v1.outcome_json,
    "markdown": markdown.outcome_markdown,
}


def assert_clean(text: str) -> None:
    for canary in records.CANARIES:
        for form in (canary, base64.b64encode(canary.encode()).decode(), quote(canary, safe="")):
            assert form not in text, form
    assert "canary" not in text


def test_the_canaries_are_really_in_the_records() -> None:
    plan = records.plan()
    inside = plan.manifest + (records.OLD_VALUES + records.NEW_VALUES).decode()
    inside += "".join(repr(field) for change in plan.objects.objects for field in change.fields)
    planted = [
        canary
        for canary in records.CANARIES
        if canary in inside or base64.b64encode(canary.encode()).decode() in inside
    ]
    assert planted == list(records.CANARIES[:13])


@pytest.mark.parametrize("view", PLAN_VIEWS)
def test_no_view_of_a_plan_shows_a_secret(view: str) -> None:
    assert_clean(PLAN_VIEWS[view](records.plan(), records.masker()))


@pytest.mark.parametrize("view", OUTCOME_VIEWS)
def test_no_view_of_an_outcome_shows_a_secret(view: str) -> None:
    assert_clean(OUTCOME_VIEWS[view](records.outcome(), records.masker()))


def test_a_changed_secret_shows_as_changed_and_an_equal_one_as_equal() -> None:
    masker = records.masker()
    text = terminal.plan(records.plan(), masker, only=("diff",))
    old, new = masker.fingerprint(records.CANARIES[0]), masker.fingerprint(records.CANARIES[8])
    assert f"- {old}" in text
    assert f"+ {new}" in text
    assert "stringData.same" not in text


def test_json_has_the_fingerprints_too() -> None:
    masker = records.masker()
    found = json.loads(json_v1.plan_json(records.plan(), masker))
    by_path = {change["path"]: change for change in found["values"]["changes"]}
    assert by_path["global.redis.pass"] == {
        "path": "global.redis.pass",
        "old": masker.fingerprint(records.CANARIES[0]),
        "new": masker.fingerprint(records.CANARIES[5]),
    }


@pytest.mark.parametrize("view", ["terminal", "json", "markdown"])
def test_escapes_from_charts_and_clusters_reach_no_terminal(view: str) -> None:
    hostile = "\x1b[2J\x1b]0;title\x07 \u202egnp.exe"
    text = OUTCOME_VIEWS[view](
        replace(records.outcome(), reason=hostile, next_action=hostile), records.masker()
    )
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
