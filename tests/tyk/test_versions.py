"""Questions put to the data, and the data against its source."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.version import is_version, parse_range
from helm_tyk_upgrade.tyk import versions

TODAY = "2026-11-23"
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("version", "today", "state", "said"),
    [
        ("5.13.1", TODAY, "supported", "supported (LTS): until 2028-07-01"),
        ("v5.13.1", "2027-07-01", "maintenance", "maintenance (LTS): only critical fixes, until 2028-07-01"),
        ("5.13.1", "2028-07-01", "end of life", "end of life: since 2028-07-01"),
        ("5.8.15", "2026-06-30", "supported", "supported (LTS): until 2027-07-01"),
        ("5.8.15", TODAY, "maintenance", "maintenance (LTS): only critical fixes, until 2027-07-01"),
        ("5.9.1", TODAY, "end of life", "end of life: since 2025-10-13, EOL when 5.10.0 released"),
        ("5.9.1", "2025-10-12", "supported", "supported: until 2025-10-13"),
        ("5.3.8", "2026-07-31", "maintenance", "maintenance (LTS): only critical fixes, until 2026-08-01"),
        ("5.3.8", TODAY, "end of life", "end of life: since 2026-08-01"),
        ("4.0.0", TODAY, "end of life", "end of life: historic LTS line, absent from the current LTS table"),
        ("5.14.0", TODAY, "supported", "supported: the newest feature line as of 2026-08-21"),
        ("5.13.99", TODAY, "supported", "supported (LTS): until 2028-07-01"),
    ],
)  # fmt: skip
def test_support_on_a_day(version: str, today: str, state: str, said: str) -> None:
    found = versions.support(version, today)
    assert isinstance(found, Known)
    assert (found.value.state, str(found.value)) == (state, said)


@pytest.mark.parametrize("version", ["5.15.0", "6.0.0", "company-7", "", "3.2.1"])
def test_support_outside_of_the_data_is_unknown(version: str) -> None:
    found = versions.support(version, TODAY)
    assert isinstance(found, Unknown)
    assert "2026-08-21" in found.reason


@pytest.mark.parametrize(
    ("version", "hello_503", "ready", "user"),
    [
        ("5.8.2", False, False, "root"),
        ("5.8.3", True, True, "root"),
        ("5.8.5", False, True, "root"),
        ("5.8.12", True, True, "root"),
        ("5.8.13", False, True, "nonroot"),
        ("v5.9.0", True, True, "root"),
        ("5.9.1", False, True, "root"),
        ("5.13.1", False, True, "nonroot"),
    ],
)
def test_gateway_behaviour(version: str, hello_503: bool, ready: bool, user: str) -> None:
    found = versions.gateway(version)
    assert found is not None
    assert (found.hello_503, found.ready, found.user) == (hello_503, ready, user)


def test_gateways_that_are_not_in_the_data_are_none() -> None:
    assert versions.gateway("5.13.99") is None
    assert versions.gateway("latest") is None


@pytest.mark.parametrize(
    ("today", "within", "expected"),
    [
        (TODAY, None, "5.13.1"),
        (TODAY, "<5.13", "5.8.15"),
        ("2027-07-01", "<5.13", None),
        ("2024-06-01", "5.3.x", "5.3.13"),
        (TODAY, "5.9.x", None),
    ],
)
def test_newest_lts(today: str, within: str | None, expected: str | None) -> None:
    assert versions.newest_lts(today, parse_range(within) if within else None) == expected


@pytest.mark.parametrize(("version", "expected"), [("5.8.1", "5.8.15"), ("v5.9.0", "5.9.2"), ("6.0.0", None)])
def test_newest_patch(version: str, expected: str | None) -> None:
    assert versions.newest_patch(version) == expected


@pytest.mark.parametrize(
    ("name", "version", "tag"),
    [("tyk-oss", "5.3.0", "v5.9.1"), ("tyk-gateway", "5.3.0", "v5.13.1"), ("tyk-oss", "2.2.0", "v5.3.8"),
     ("tyk-headless", "0.15.0", "v5.2.4")],
)  # fmt: skip
def test_charts_default_gateway(name: str, version: str, tag: str) -> None:
    found = versions.chart(name, version)
    assert found is not None
    assert found.gateway_tag == tag


def test_unknown_charts_are_none() -> None:
    assert versions.chart("tyk-oss", "9.9.9") is None
    assert versions.chart("company-tyk", "5.3.0") is None


@pytest.mark.parametrize(
    ("version", "count"),
    [("5.8.3", 1), ("5.8.5", 0), ("5.8.6", 1), ("v5.8.12", 1), ("5.8.13", 0), ("5.13.1", 0), ("5.13.0", 1),
     ("5.3.6", 1), ("x", 0)],
)  # fmt: skip
def test_known_faults(version: str, count: int) -> None:
    found = versions.known_bad(version)
    assert len(found) == count
    for fault in found:
        assert fault.why in str(fault)
        assert versions.known_bad(fault.instead) == (), "the way out must not be bad itself"


@pytest.mark.parametrize(("version", "count"), [("5.0.0", 1), ("5.1.0", 1), ("5.1.1", 0), ("4.1.0", 2)])
def test_known_faults_of_charts(version: str, count: int) -> None:
    assert len(versions.known_bad(version, "chart")) == count


def test_every_fault_names_a_way_out_that_is_published() -> None:
    text = (ROOT / "helm_tyk_upgrade" / "tyk" / "data" / "known-bad.json").read_text(encoding="utf-8")
    for fault in json.loads(text)["faults"]:
        assert all(is_version(fault[key]) for key in ("from", "to", "instead"))
        if fault["component"] == "gateway":
            assert versions.gateway(fault["instead"]) is not None


def test_all_versions_are_newest_first() -> None:
    found = versions.gateway_versions()
    assert (found[0], found[-1]) == ("5.14.0", "4.0.0")
    assert found.index("5.10.0") < found.index("5.9.2")


def test_the_data_is_what_the_script_makes_of_its_source(shared: Path) -> None:
    script = ROOT / "scripts" / "refresh-tyk-data"
    survey = shared / "reference" / "tyk-versions.json"
    done = subprocess.run(
        [sys.executable, script, survey, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
