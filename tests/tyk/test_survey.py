"""The curated records against the survey of Tyk's sources: what was written by hand is what the tags show."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.model.version import compare, is_prerelease, newest_first
from helm_tyk_upgrade.tyk import versions
from helm_tyk_upgrade.tyk.transitions import Record, records


@pytest.fixture(scope="module")
def survey(shared: Path) -> dict[str, Any]:
    found = json.loads((shared / "reference" / "tyk-versions.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def record(name: str) -> Record:
    return next(one for one in records() if one.id == name)


def crossed(one: Record, start: str, to: str) -> bool:
    return start in one.start and to in one.to


def upwards(found: Any) -> list[tuple[str, str]]:
    """Every move to a newer version."""
    return list(combinations(reversed(newest_first(list(found))), 2))


@pytest.mark.parametrize(
    ("name", "had", "has"),
    [("log-format", "Jan 02", "RFC3339"), ("log-message-key", "key msg=", "key message=")],
)
def test_log_records_are_crossed_exactly_where_the_form_changes(
    survey: dict[str, Any], name: str, had: str, has: str
) -> None:
    forms = {version: item["log_format"] for version, item in survey["gateway"].items()}
    for start, to in upwards(forms):
        changes = had in forms[start] and has in forms[to]
        assert crossed(record(name), start, to) == changes, (start, to)


def test_the_gateway_goes_back_exactly_where_a_newer_chart_brings_an_older_one(
    survey: dict[str, Any],
) -> None:
    charts = {
        version: item["gateway"]["tag"].removeprefix("v")
        for version, item in survey["charts"]["tyk-oss"].items()
        if not is_prerelease(version)
    }
    for start, to in upwards(charts):
        back = compare(charts[to], charts[start]) < 0
        assert crossed(record("gateway-goes-back-to-lts"), start, to) == back, (start, to)


def test_the_charts_that_bring_an_ended_gateway_are_those_on_record(survey: dict[str, Any]) -> None:
    for version, item in survey["charts"]["tyk-oss"].items():
        named = version in record("gateway-at-end-of-life").to
        assert named == (item["gateway"]["tag"] == "v5.9.1"), version


def test_every_version_whose_hello_answers_503_is_known_to_be_bad(survey: dict[str, Any]) -> None:
    for version, item in survey["gateway"].items():
        told = any("/hello answers 503" in fault.why for fault in versions.known_bad(version))
        assert told == (not item["hello_always_200"]), version


def test_the_shell_goes_only_where_the_record_says(survey: dict[str, Any]) -> None:
    """The detector looks at the two images; the record's ranges must not hide a pair of them."""
    shell = {
        version: "has shell" in (item["image_base"] or "") for version, item in survey["gateway"].items()
    }
    for start, to in upwards(shell):
        if shell[start] and not shell[to]:
            assert crossed(record("no-shell"), start, to), (start, to)
