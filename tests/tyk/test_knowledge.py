"""The curated data is sound, its page is current, and a mistake in it is noticed."""

from __future__ import annotations

import subprocess
import sys
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from helm_tyk_upgrade.checks import known_transitions, one_way_changes
from helm_tyk_upgrade.tyk import versions
from helm_tyk_upgrade.tyk.transitions import records

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "tyk_knowledge.py"
GOOD = {
    "id": "x", "component": "gateway", "severity": "warns", "from": "<5", "to": ">=5", "what": "w", "todo": "t",
    "source": "s", "detect": {"apis": "oas"},
}  # fmt: skip


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = util.spec_from_file_location("tyk_knowledge", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_data_is_sound_and_its_page_is_current() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, ""),
        ({"component": "pump"}, "component 'pump'"),
        ({"severity": "loud"}, "severity 'loud'"),
        ({"from": "<<5"}, "from: not a version"),
        ({"to": ""}, "to is missing"),
        ({"source": ""}, "source is missing"),
        ({"detect": {"moon": 1}}, "no detector"),
        ({"behaviour": "no-such"}, "no behaviour 'no-such'"),
    ],
)
def test_a_mistake_in_a_record_is_noticed(script: ModuleType, changed: dict[str, Any], words: str) -> None:
    found = "; ".join(script.record_faults({**GOOD, **changed}, {"xff-depth"}))
    assert (words in found) if words else found == ""


def test_an_id_is_given_once(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    data = {"values.json": {"behaviour": []}, "transitions.json": {"transitions": [GOOD, GOOD, {"odd": 1}]}}
    monkeypatch.setattr(script, "read", data.__getitem__)
    found = list(script.transition_faults())
    assert sum("twice" in line for line in found) == 2  # the second one, and the one without an id
    assert any("odd means nothing" in line for line in found)
    assert any("detect is missing" in line for line in found)


def test_the_checks_that_records_name_exist() -> None:
    ours = {known_transitions.ID, one_way_changes.ID}
    files = {path.stem.replace("_", "-") for path in (ROOT / "helm_tyk_upgrade" / "checks").glob("*.py")}
    assert {one.check for one in records()} - {""} <= files | ours


@pytest.mark.parametrize(("version", "count"), [("5.13.1", 26), ("v5.14.0", 35), ("5.12.0", 0), ("9.9.9", 0)])
def test_security_fixes_of_a_version(version: str, count: int) -> None:
    assert len(versions.cves(version)) == count


def test_release_notes_have_an_address_where_the_version_is_known() -> None:
    assert versions.notes_of("v5.13.1").endswith("/gateway#5-13-1-release-notes")
    assert versions.notes_of("9.9.9") == ""
