"""`versions`, through the door, on a catalogue file."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade import cli
from helm_tyk_upgrade.context import Streams
from helm_tyk_upgrade.tyk import versions

INDEX = {
    "entries": {
        "tyk-oss": [
            {"version": "9.9.9", "appVersion": "v6.1.0", "created": "2026-11-01T00:00:00Z"},
            {"version": "9.9.8", "annotations": {"artifacthub.io/containsSecurityUpdates": "true"}},
            {"version": "10.0.0-alpha1"},
            {"version": "5.3.0", "created": "2026-07-09T10:00:00Z"},
            {"version": "5.1.0", "deprecated": True},
        ],
        "company": [{"version": "1.0.0"}],
    }
}


@pytest.fixture
def catalogue(tmp_path: Path) -> str:
    file = tmp_path / "index.yaml"
    file.write_text(json.dumps(INDEX), encoding="utf-8")
    return str(file)


def run(*argv: str) -> str:
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    code = cli.main(["versions", *argv], {}, streams)
    assert isinstance(streams.stdout, io.StringIO)
    assert isinstance(streams.stderr, io.StringIO)
    assert code == 0, streams.stderr.getvalue()
    return streams.stdout.getvalue()


def charts(*argv: str) -> dict[str, Any]:
    return {item["version"]: item for item in json.loads(run(*argv, "-o", "json"))["charts"]}


def test_a_chart_version_brings_the_gateway_of_the_data(catalogue: str) -> None:
    found = charts("--catalogue", catalogue)
    assert (found["5.3.0"]["gateway"], found["5.3.0"]["published"]) == ("v5.9.1", "2026-07-09")
    assert "operator" in found["5.1.0"]["remarks"]
    assert found["5.1.0"]["remarks"].startswith("deprecated; ")


def test_beyond_the_data_the_catalogue_is_believed_or_the_gap_is_said(catalogue: str) -> None:
    found = charts("--catalogue", catalogue)
    assert found["9.9.9"]["gateway"] == "v6.1.0"
    assert found["9.9.8"]["gateway"] == "unknown"
    assert f"not in the data of {versions.as_of()}" in found["9.9.8"]["remarks"]
    assert "security updates" in found["9.9.8"]["security"]


def test_only_the_newest_stable_chart_is_supported(catalogue: str) -> None:
    found = charts("--catalogue", catalogue, "--devel")
    assert found["9.9.9"]["support"] == "supported"
    assert {found[text]["support"] for text in ("10.0.0-alpha1", "5.3.0")} == {
        "only the newest release is supported"
    }
    own = charts("--chart", "company", "--catalogue", catalogue)
    assert own["1.0.0"]["support"].startswith("unknown")


def test_gateways_have_dates_support_fixes_and_notes(catalogue: str) -> None:
    found = {
        item["version"]: item for item in json.loads(run("--catalogue", catalogue, "-o", "json"))["gateways"]
    }
    lts = found["5.13.1"]
    assert (lts["published"], lts["security"]) == ("2026-07-02", "26 CVEs fixed")
    assert lts["support"].startswith("supported (LTS)")
    assert lts["notes"].endswith("#5-13-1-release-notes")
    assert "Dashboard" in found["5.13.0"]["remarks"]
    assert "5.9.2" not in found


def test_all_lists_every_version(catalogue: str) -> None:
    text = run("--catalogue", catalogue, "--all")
    assert "4.0.0" in text
    assert text.index("5.14.0") < text.index("5.9.2")
    assert versions.notes_page() in text
