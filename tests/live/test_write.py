"""Edits of the values file as part of an upgrade: asked for one by one, or planned, reviewed and applied."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.live.conftest import NewSite
from tests.live.harness import FAST, Site

TO = ("--version", "2.2.0", "--gateway-version", "v5.9.1")
RENAMED = "    sslMinVersion: '1.2'   # as the auditors want\n"
MOVED = "    tlsMinVersion: '1.2'   # as the auditors want\n"
DEAD = "  mongo: {host: nowhere}   # from the time of the dashboard\n"


def with_stale_keys(values: str) -> str:
    """A key that chart 1.4.0 renamed and one that no chart reads."""
    assert "  redis:\n" in values
    return values.replace("  redis:\n", f"{DEAD}  redis:\n{RENAMED}", 1)


def install(site: Site) -> str:
    site.install("1.3.0", with_stale_keys(site.world.values(tag="v5.9.1")))
    return site.file.read_text()


def on_a_terminal(site: Site, *args: str, answers: str) -> tuple[int, str]:
    """The exit code and what the terminal showed. Answers wait in the terminal until they are asked for."""
    controller, terminal = pty.openpty()
    said: list[bytes] = []

    def listen() -> None:
        try:
            while found := os.read(controller, 65536):
                said.append(found)
        except OSError:
            return  # the last holder of the terminal is gone: that is how a pty ends

    listener = threading.Thread(target=listen)
    running = subprocess.Popen(
        [sys.executable, "-m", "helm_tyk_upgrade", *args],
        cwd=site.folder,
        env={**site.world.env, **site.settings, "TERM": "xterm"},
        stdin=terminal,
        stderr=terminal,
        stdout=subprocess.PIPE,
        text=True,
    )
    os.close(terminal)
    listener.start()
    os.write(controller, answers.encode())
    out, _ = running.communicate(timeout=180)
    listener.join(timeout=20)
    os.close(controller)
    text = b"".join(said).decode()
    assert not site.world.canaries.found_in(out + text), "a secret was shown"
    return running.returncode, out + text


def test_on_a_terminal_each_edit_is_asked_for_then_the_upgrade(new_site: NewSite) -> None:
    site = new_site("asked")
    before = install(site)
    code, said = on_a_terminal(site, "upgrade", "--write", *TO, *FAST, answers="y\nn\nn\ny\n")
    assert code == 0, said
    assert "take it? (1 of " in said
    assert "global.redis.sslMinVersion is global.redis.tlsMinVersion now" in " ".join(said.split())
    assert "Upgrade " in said
    assert site.file.read_text() == before.replace(RENAMED, MOVED), (
        "one edit taken, one refused, no other byte"
    )
    assert site.release()["chart"] == "tyk-oss-2.2.0"
    stored = json.loads(site.world.helm("get", "values", "tyk", "-n", site.namespace, "-o", "json"))
    assert stored["global"]["redis"]["tlsMinVersion"] == "1.2"
    assert "sslMinVersion" not in stored["global"]["redis"]
    assert stored["global"]["mongo"] == {"host": "nowhere"}


class TestPlanned:
    """`plan --write --out`, then `apply`."""

    @pytest.fixture(scope="class")
    @staticmethod
    def site(new_site: NewSite) -> Site:
        site = new_site("written")
        install(site)
        return site

    @pytest.fixture(scope="class")
    @staticmethod
    def plan(site: Site) -> Path:
        before = site.file.read_bytes()
        done = site.run("plan", "--write", *TO, "--out", "plan.json")
        assert done.code == 0, done
        assert f"+{MOVED.rstrip()}" in done.out
        assert f"-{DEAD.rstrip()}" in done.out
        assert site.file.read_bytes() == before, "a plan edits nothing"
        return site.folder / "plan.json"

    def test_a_file_that_changed_since_is_refused(self, site: Site, plan: Path) -> None:
        before = site.file.read_text()
        site.file.write_text(before + "# edited after the review\n")
        done = site.run("apply", plan.name, *FAST)
        after = site.file.read_text()
        site.file.write_text(before)
        assert done.code == 1, done
        assert "Refused" in done.err
        assert "values.yaml" in done.err
        assert after == before + "# edited after the review\n"
        assert site.release()["revision"] == 1

    def test_in_ci_it_blocks_with_the_patch(self, site: Site, plan: Path) -> None:
        before = site.file.read_text()
        done = site.run("apply", plan.name, *FAST, CI="true")
        assert done.code == 3, done
        assert f"+{MOVED.rstrip()}" in done.out + done.err
        assert site.file.read_text() == before
        assert site.release()["revision"] == 1

    def test_apply_writes_what_was_reviewed(self, site: Site, plan: Path) -> None:
        before = site.file.read_text()
        done = site.run("apply", plan.name, *FAST)
        assert done.code == 0, done
        assert site.file.read_text() == before.replace(RENAMED, MOVED).replace(DEAD, "")
        assert site.release()["chart"] == "tyk-oss-2.2.0"

    def test_applied_again_there_is_nothing_to_do(self, site: Site, plan: Path) -> None:
        before = site.file.read_bytes()
        done = site.run("apply", plan.name, *FAST)
        assert done.code == 0, done
        assert "Nothing to do" in done.err
        assert site.file.read_bytes() == before
        assert site.release()["revision"] == 2
