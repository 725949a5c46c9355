"""Rows and JSON values of bundles and journals: no file contents, one row for what ended."""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.store.encode import entry_of, entry_value
from helm_tyk_upgrade.store.views import (
    bundle_file_rows,
    bundle_rows,
    bundle_value,
    entry_rows,
    run_rows,
    run_value,
)
from tests.store.test_bundle import write
from tests.store.test_journal import BEGIN, END, header


def test_a_bundle_is_one_row_with_its_facts(tmp_path: Path) -> None:
    info = write(tmp_path, facts={"revision": 3, "chart": "tyk-oss-2.2.0", "gateway_versions": ["5.3.8"]})
    heading, row = bundle_rows([info])
    assert len(heading) == len(row)
    assert row == (info.id, "apis", "tyk", "3", "tyk-oss-2.2.0", "5.3.8", "2")


def test_the_views_of_a_bundle_hold_no_contents(tmp_path: Path) -> None:
    info = write(tmp_path)
    shown = f"{bundle_value(info)} {bundle_file_rows(info)}"
    assert "values/01-values.yaml" in shown
    assert "a: 1" not in shown


def test_a_step_is_shown_once_it_ended() -> None:
    heading, row = entry_rows((BEGIN, END))
    assert len(heading) == len(row)
    assert row == ("2026-11-23T20:04:36Z", "backup", "done", "1.2s", "bundle b ☃")


def test_a_run_says_from_where_to_where() -> None:
    assert run_rows([header()], {header().run: "cut off"})[1][4:] == (
        "tyk-oss-2.2.0 -> tyk-oss-5.3.0",
        "cut off",
    )
    assert run_value(header(), (BEGIN, END))["entries"] == [entry_value(BEGIN), entry_value(END)]


def test_an_entry_survives_the_way_to_json_and_back() -> None:
    assert entry_of(entry_value(BEGIN)) == BEGIN
    assert entry_of(entry_value(END)) == END
