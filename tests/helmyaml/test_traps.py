"""The constructs recorded from real Helm 3.16.4 and 4.3.1: what each reads, we read, or we say we cannot."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.helmyaml import UnreadableYaml, read
from tests.helmyaml.random_edits import as_read, same

TRAPS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "traps" / "helm-yaml-traps.json"
RECORDED = {3: "helm_3_16_4", 4: "helm_4_3_1"}
# Helm reads these, we refuse them: name, major -> the reason. Never a wrong value.
REFUSED = {
    ('keys 1 and "1"', 3): "Helm picks one of the two at random",
    ('keys 1 and "1"', 4): "Helm picks one of the two at random",
    ("BOM mid", 3): "an invisible character becomes part of a key",
    ("BOM mid", 4): "an invisible character becomes part of a key",
    ("UTF-16LE BOM", 3): "Helm 4 refuses UTF-16, so nothing is gained by reading it",
}


@cache
def traps() -> list[dict[str, str]]:
    if not TRAPS.exists():
        pytest.skip("no recorded traps beside the repository")
    return list(json.loads(TRAPS.read_text(encoding="utf-8")))


def source_of(trap: dict[str, str]) -> bytes:
    if trap["name"] == "UTF-16LE BOM":  # the record replaced the two bytes that are not UTF-8
        return trap["source"].replace("\ufffd\ufffd", "").join(["\xff\xfe", ""]).encode("latin-1")
    return trap["source"].encode("utf-8")


def answer(source: bytes, major: int) -> tuple[bool, Any]:
    try:
        return True, read(source, major)
    except UnreadableYaml as error:
        return False, error


@pytest.mark.parametrize("major", [3, 4])
def test_every_trap_is_read_as_helm_read_it(major: int) -> None:
    wrong, refused = [], set()
    for trap in traps():
        readable, got = answer(source_of(trap), major)
        assert readable or (got.line >= 1 and got.column >= 1 and got.hint), trap["name"]
        recorded = trap[RECORDED[major]]
        if recorded.startswith("ERR"):
            if readable:
                wrong.append((trap["name"], got, recorded))
        elif not readable:
            refused.add((trap["name"], major))
        elif not same(got, as_read(json.loads(recorded))):
            wrong.append((trap["name"], got, recorded))
    assert wrong == []
    assert refused == {key for key in REFUSED if key[1] == major}


def test_the_two_majors_differ_only_where_helm_does() -> None:
    for trap in traps():
        same_answer = trap[RECORDED[3]] == trap[RECORDED[4]]
        both = [answer(source_of(trap), major) for major in (3, 4)]
        if same_answer and both[0][0]:
            assert same(both[0][1], both[1][1]), trap["name"]
