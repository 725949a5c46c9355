"""A release that a killed Helm left pending: not touched while somebody may be at work, freed afterwards by Helm's own
command, resumed where the run was ours."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.test_lock import UP, leases, until
from tests.live.conftest import NewSite
from tests.live.harness import DEPLOYMENT, FAST, Site


@pytest.fixture
def site(new_site: NewSite) -> Site:
    made = new_site("stuck")
    made.install("4.0.0", made.world.values(tag="v5.9.1"))
    return made


def templates(site: Site) -> str:
    """The images that the Deployments are to run."""
    path = "jsonpath={.items[*].spec.template.spec.containers[*].image}"
    return site.world.kube("-n", site.namespace, "get", "deployments", "-o", path)


def helm_killed(site: Site, tag: str, *words: str) -> None:
    """A Helm started by hand, killed with kill -9 once it has applied its objects, while it waits for the pods."""
    process = subprocess.Popen(
        [site.world.env["HELM_BIN"], *words, "-n", site.namespace, "-f", str(site.file), "--wait"],
        env=dict(site.world.env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: pending(site) and f":{tag}" in templates(site))
    process.kill()
    process.wait(timeout=10)
    assert pending(site)


def pending(site: Site) -> bool:
    rows = site.world.helm("list", "-n", site.namespace, "--pending", "-q")
    return rows.split() == ["tyk"]


def test_a_foreign_pending_upgrade_is_left_alone_while_its_pods_are_under_way_and_freed_later(
    site: Site,
) -> None:
    chart = str(site.world.charts / "tyk-oss-4.0.0.tgz")
    site.file.write_text(site.world.values(tag="v9.9.9"))
    helm_killed(site, "v9.9.9", "upgrade", "tyk", chart)
    died = time.monotonic()
    early = site.run("unlock", "--yes")
    assert early.code == 3, early
    assert "revision 2 of " in early.out
    assert "Not freed: " in early.out
    assert DEPLOYMENT in early.out
    assert pending(site)
    site.world.kube("-n", site.namespace, "rollout", "undo", f"deployment/{DEPLOYMENT}")
    site.wait()
    time.sleep(max(0.0, 31.0 - (time.monotonic() - died)))
    planned = site.run("plan", "--version", "4.0.0")
    assert planned.code == 3, planned
    assert "is pending-upgrade: nothing has moved" in planned.err, planned
    assert f"`helm tyk-upgrade unlock tyk -n {site.namespace}` frees it" in planned.err
    asked = site.run("unlock")
    assert asked.code == 1, asked
    assert f"helm rollback tyk 1 -n {site.namespace}" in asked.out
    assert "lease: nobody holds it" in asked.out
    assert pending(site)
    freed = site.run("unlock", "--yes")
    assert freed.code == 0, freed
    assert (site.release()["revision"], site.release()["status"]) == (3, "deployed")
    assert leases(site) == []
    site.wait()
    until(lambda: site.images() == {"v5.9.1"})
    assert site.run("verify", *FAST[:4]).code == 0
    again = site.run("unlock", "--yes")
    assert (again.code, "There is nothing to free." in again.out) == (0, True), again


def test_a_pending_install_is_freed_without_taking_anything_away(new_site: NewSite) -> None:
    site = new_site("install")
    site.file.write_text(site.world.values(tag="v5.9.1"))
    helm_killed(site, "v5.9.1", "install", "tyk", str(site.world.charts / "tyk-oss-4.0.0.tgz"))
    site.wait()
    time.sleep(31.0)
    before = site.world.kube("-n", site.namespace, "get", "pods", "-o", "name")
    freed = site.run("unlock", "--yes")
    assert freed.code == 0, freed
    assert site.release()["status"] == "deployed"
    assert site.world.kube("-n", site.namespace, "get", "pods", "-o", "name") == before
    assert site.upgrade("--version", "4.0.0", "--gateway-version", "5.13.1").code == 0


def test_our_own_pending_upgrade_is_resumed_not_freed(site: Site) -> None:
    running = site.start(*UP, "5.13.1", "--wait")
    until(lambda: pending(site))
    (helm,) = children(running.pid)
    os.kill(running.pid, signal.SIGKILL)
    os.kill(helm, signal.SIGKILL)
    running.communicate(timeout=20)
    assert pending(site)
    run = max((site.state / "runs").iterdir()).name
    held = site.run("unlock", "--yes")
    assert held.code == 3, held
    assert f"(run {run}, since " in held.out
    until(lambda: f"helm tyk-upgrade resume {run}" in site.run("unlock", "--yes").out, seconds=150)
    assert pending(site)
    resumed = site.run("resume", "--yes")
    assert resumed.code == 0, resumed
    assert site.images() == {"v5.13.1"}
    assert leases(site) == []


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(word) for file in listed for word in file.read_text().split() if is_upgrade(int(word))]


def is_upgrade(pid: int) -> bool:
    try:
        return b"\0upgrade\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False
