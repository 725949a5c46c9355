"""Upgrades that work, from the plan to what is left behind."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.live.harness import FAST, REPO, Site

FORWARD = [
    "lock",
    "baseline",
    "backup",
    "write_values",
    "meter_on",
    "upgrade",
    "watch",
    "prove",
    "meter_off",
    "unlock",
]


def test_up_to_date_is_nothing_to_do(steady: Site) -> None:
    revision = steady.release()["revision"]
    done = steady.upgrade("--version", "4.0.0")
    assert done.code == 0, done
    assert "Nothing to do" in done.err
    assert steady.release()["revision"] == revision


class TestFromOldChart:
    """One release, upgraded, looked at and rolled back: the tests follow each other."""

    def test_a_value_that_would_be_lost_blocks(self, old: Site) -> None:
        done = old.upgrade("--version", "5.3.0")
        assert done.code == 3, done
        assert "tyk-gateway.gateway.service.annotations.team" in done.out
        assert old.release()["revision"] == 1

    def test_chart_upgrade_moves_the_gateway_and_proves_it(self, old: Site) -> None:
        before = old.file.read_bytes()
        done = old.upgrade("--version", "5.3.0", "--keep-release-values")
        assert done.code == 0, done
        stored = json.loads(old.world.helm("get", "values", "tyk", "-n", old.namespace, "-o", "json"))
        assert stored["tyk-gateway"]["gateway"]["service"] == {"annotations": {"team": "blue"}}
        assert "5.3.8 -> 5.9.1" in done.out
        assert "upgraded and proven" in done.out
        assert [row["chart"] for row in old.history()] == ["tyk-oss-2.2.0", "tyk-oss-5.3.0"]
        assert old.release()["status"] == "deployed"
        assert old.images() == {"v5.9.1"}
        assert old.file.read_bytes() == before
        assert list(old.steps()) == FORWARD
        assert set(old.steps().values()) <= {"done", "skipped", "unknown"}

    def test_the_bundle_holds_what_is_needed_to_go_back(self, old: Site) -> None:
        bundle = old.bundle()
        names = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
        assert {"values/01-values.yaml", "release/manifest.yaml", "release/values.json"} <= names
        assert (bundle / "values" / "01-values.yaml").read_bytes() == old.file.read_bytes()
        assert "tyk-gateway:v5.3.8" in (bundle / "release" / "manifest.yaml").read_text()
        assert bundle.stat().st_mode & 0o077 == 0, "only for its owner"

    def test_backup_list_and_show_name_it(self, old: Site) -> None:
        listed = old.run("backup", "list", "-o", "json")
        assert listed.code == 0, listed
        assert [item["id"] for item in listed.json["items"]] == [old.bundle().name]
        shown = old.run("backup", "show", old.bundle().name)
        assert shown.code == 0, shown
        assert "values/01-values.yaml" in shown.out

    def test_restore_check_compares_and_changes_nothing(self, old: Site) -> None:
        assert old.run("backup", "restore", old.bundle().name, "--check").code == 0
        original = old.file.read_bytes()
        old.file.write_bytes(original + b"# another\n")
        try:
            done = old.run("backup", "restore", old.bundle().name, "--check")
            assert done.code == 2, done
            assert old.file.read_bytes() == original + b"# another\n"
            assert old.run("backup", "restore", old.bundle().name, "--yes").code == 0
            assert old.file.read_bytes() == original
        finally:
            old.file.write_bytes(original)

    def test_runs_tells_the_journal(self, old: Site) -> None:
        listed = old.run("runs", "-o", "json").json["items"]
        assert [(run["command"], run["from_chart"]) for run in listed] == [("upgrade", "tyk-oss-2.2.0")]
        shown = old.run("runs", listed[0]["run"])
        assert shown.code == 0, shown
        assert "prove" in shown.out

    def test_backup_alone_makes_a_bundle_elsewhere(self, old: Site) -> None:
        done = old.run("backup", "-f", "values.yaml", "--bundle-dir", "elsewhere", "-o", "json")
        assert done.code == 0, done
        bundle = Path(done.json["bundle"]["path"])
        assert (old.folder / bundle).is_relative_to(old.folder / "elsewhere")
        assert (old.folder / bundle / "values" / "01-values.yaml").read_bytes() == old.file.read_bytes()

    def test_verify_proves_the_running_gateway(self, old: Site) -> None:
        done = old.run("verify", *FAST[:4], "-o", "json")
        assert done.code == 0, done
        assert done.json["status"] == "done"

    def test_verify_fails_for_another_version(self, old: Site) -> None:
        done = old.run("verify", "--interval", "1s", "--proof-timeout", "3s", "--expect-version", "5.13.1")
        assert done.code == 5, done
        assert "5.13.1" in done.out

    def test_rollback_goes_back_and_proves_it(self, old: Site) -> None:
        done = old.run("rollback", "--yes", *FAST, "-o", "json")
        assert done.code == 0, done
        assert done.json["ending"] == "rolled back and proven"
        assert old.release()["description"] == "Rollback to 1"
        assert old.release()["chart"] == "tyk-oss-2.2.0"
        assert old.images() == {"v5.3.8"}


class TestGatewayOnly:
    """--gateway-version: one line of one file, and nothing else."""

    def test_in_ci_the_edit_is_a_patch_and_nothing_happens(self, steady: Site) -> None:
        before, revision = steady.file.read_bytes(), steady.release()["revision"]
        done = steady.upgrade("--version", "4.0.0", "--gateway-version", "5.13.1", CI="1")
        assert done.code == 3, done
        assert "-      tag: v5.9.1   # pinned" in done.err
        assert "+      tag: v5.13.1   # pinned" in done.err
        assert (steady.file.read_bytes(), steady.release()["revision"]) == (before, revision)

    @pytest.mark.parametrize(
        ("ending", "now", "wanted"),
        [("\n", "5.9.1", "5.13.0"), ("\r\n", "5.13.0", "5.13.1")],
        ids=["LF", "CRLF"],
    )
    def test_exactly_the_tag_changes(self, tagged: Site, ending: str, now: str, wanted: str) -> None:
        before = tagged.world.values(tag=f"v{now}").replace("\n", ending).encode()
        tagged.file.write_bytes(before)
        done = tagged.upgrade("--version", "4.0.0", "--gateway-version", wanted)
        assert done.code == 0, done
        changed = before.replace(f"tag: v{now} ".encode(), f"tag: v{wanted} ".encode())
        assert tagged.file.read_bytes() == changed
        assert tagged.images() == {f"v{wanted}"}
        assert (tagged.bundle() / "values" / "01-values.yaml").read_bytes() == before
        assert tagged.release()["chart"] == "tyk-oss-4.0.0"


def test_release_in_another_shape_is_proven(shaped: Site) -> None:
    done = shaped.upgrade("--version", "5.4.0")
    assert done.code == 0, done
    assert "2 of 2 gateway pods answer as planned" in done.out
    assert shaped.images() == {"v5.13.1"}


def test_as_a_plugin_of_helm(steady: Site, tmp_path: Path) -> None:
    """Through Helm, with the packages that the plugin's own environment has."""
    world = steady.world
    world.helm("plugin", "install", str(REPO))
    env = {**world.env, **steady.settings, "TYK_UPGRADE_HOME": str(tmp_path / "environments")}
    env |= {name: os.environ[name] for name in os.environ if name.lower().endswith("_proxy")}
    del env["PYTHONPATH"]
    command = [env["HELM_BIN"], "tyk-upgrade", "plan", "-n", steady.namespace, "--detailed-exitcode"]
    done = subprocess.run(
        command, cwd=steady.folder, env=env, capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "tyk-oss 4.0.0 -> tyk-oss 5.4.0" in done.stdout
    assert not world.canaries.found_in(done.stdout + done.stderr)
