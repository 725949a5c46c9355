"""What is known of the charts' keys: paths in umbrellas and components, versions, and the data against its source."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from helm_tyk_upgrade.tyk import headless, values
from helm_tyk_upgrade.tyk.values import behaviour, moved, path_of

ROOT = Path(__file__).resolve().parents[2]
CERT = "tls.useDefaultTykCertificate"


@pytest.mark.parametrize(
    ("chart", "to", "old", "new"),
    [
        ("tyk-oss", "1.1.0", f"tyk-gateway.gateway.{CERT}", f"global.{CERT}"),
        ("tyk-gateway", "1.1.0", f"gateway.{CERT}", f"global.{CERT}"),
        ("tyk-oss", "1.4.0", "global.redis.sslMinVersion", "global.redis.tlsMinVersion"),
        ("tyk-pump", "1.4.0", "global.redis.sslMaxVersion", "global.redis.tlsMaxVersion"),
        ("tyk-gateway", "1.4.0", "gateway.hashKeys", "global.hashKeys"),
        ("tyk-stack", "1.4.0", "tyk-dashboard.dashboard.hashKeys", "global.hashKeys"),
        ("tyk-control-plane", "1.5.0", "tyk-mdcb.mdcb.probes.healthCheckPort", "tyk-mdcb.mdcb.httpPort"),
        ("tyk-stack", "1.5.0", "global.secrets.devPortal", ""),
        ("tyk-stack", "1.0.0", "tyk-dev-portal.storage.database", "tyk-dev-portal.database"),
        ("tyk-oss", "3.0.0", "tyk-operator.webhookPort", "tyk-operator.webhooks.port"),
        ("tyk-operator", "1.2.0", "webhookPort", "webhooks.port"),
        ("tyk-oss", "1.1.0", "global.remoteControlPlane", ""),
        ("tyk-oss", "5.4.0", "tyk-gateway.gateway.securityContext.runAsUser", ""),
    ],
)
def test_a_key_moved_in_that_version_and_not_before(chart: str, to: str, old: str, new: str) -> None:
    rows = {row.old: row for row in moved(chart, to)}
    row = rows[path_of(old)]
    assert row.new == (path_of(new) or None)
    assert row.source
    before = {row.old for row in moved(chart, "0.0.1")}
    assert path_of(old) not in before


def test_what_is_only_on_the_main_branch_comes_after_every_published_version() -> None:
    key = path_of("tyk-gateway.gateway.securityContext.runAsUser")
    assert [key in {row.old for row in moved("tyk-oss", to)} for to in ("5.3.0", "5.3.1", "5.4.0")] == [
        False,
        True,
        True,
    ]


def test_a_key_that_came_back_is_not_listed() -> None:
    assert path_of("tyk-gateway.gateway.containerPort") not in {row.old for row in moved("tyk-oss", "5.3.0")}


@pytest.mark.parametrize(
    ("start", "to", "ids"),
    [
        ("1.6.0", "2.0.0", ["strict-path-matching"]),
        ("1.6.0", "5.3.0", ["strict-path-matching", "xff-depth"]),
        ("2.0.0", "4.1.1", []),
        ("4.1.1", "5.0.0", ["xff-depth"]),
        ("5.3.0", "5.4.0", ["run-as-user"]),
        ("5.4.0", "5.3.0", []),
        ("next", "5.3.0", []),
    ],
)
def test_behaviour_between_two_versions(start: str, to: str, ids: list[str]) -> None:
    assert [each.id for each in behaviour("tyk-oss", start, to)] == ids


def test_behaviour_has_the_charts_own_paths() -> None:
    (umbrella,), (component,) = (behaviour(chart, "1.6.0", "2.0.0") for chart in ("tyk-oss", "tyk-gateway"))
    assert umbrella.sets[0] == (("tyk-gateway", "gateway", "enablePathPrefixMatching"), False)
    assert component.sets[0] == (("gateway", "enablePathPrefixMatching"), False)
    assert behaviour("somebody-elses", "1.6.0", "2.0.0") == ()


def test_a_foreign_chart_and_a_version_that_is_none_have_no_moves() -> None:
    assert moved("somebody-elses", "5.3.0") == ()
    assert moved("tyk-oss", "next") == ()


def test_the_table_of_tyk_headless_is_whole() -> None:
    rows = headless.rows()
    assert len({row.old for row in rows}) == len(rows)
    assert all(row.note for row in rows if row.new is None)
    assert headless.covers() == ("tyk-headless 0.15.0", "tyk-oss 5.3.0")
    assert headless.differences()


def test_the_data_is_what_its_source_gives(shared: Path) -> None:
    reference = shared / "reference"
    command = [sys.executable, str(ROOT / "scripts" / "refresh-tyk-data"), "--check"]
    command += [str(reference / "tyk-versions.json"), "--values", str(reference / "tyk-values-changes.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "values.json is up to date" in done.stdout


def test_every_source_is_named() -> None:
    assert all(row["source"] for rows in values._data()["moved"].values() for row in rows)
