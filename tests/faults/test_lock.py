"""Two runs on one release: the second says who holds it, waits where it is told to, and takes it over from the dead."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.live.conftest import NewSite
from tests.live.harness import FAST, Site

UP = ("upgrade", "--yes", *FAST, "--version", "4.0.0", "--gateway-version")
HOLDER = re.compile(
    r"held by \S+@\S+ pid \d+ \(run \d{8}-\d{6}-[0-9a-f]{6}, since \S+Z, last sign of life \S+Z, \d+ s ago\)"
)


@pytest.fixture
def site(new_site: NewSite) -> Site:
    made = new_site("locked")
    made.install("4.0.0", made.world.values(tag="v5.9.1"))
    return made


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def leases(site: Site) -> list[str]:
    found = json.loads(site.world.kube("-n", site.namespace, "get", "leases", "-o", "json"))["items"]
    return [item["spec"]["holderIdentity"] for item in found]


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=120)
    return process.returncode


def test_a_second_run_says_who_holds_the_release_or_waits_for_it(site: Site) -> None:
    first = site.start(*UP, "5.13.1", "--consecutive", "40", "--proof-timeout", "150s")
    until(lambda: bool(leases(site)))
    refused = site.run(*UP, "5.12.1")
    assert refused.code == 3, refused
    assert HOLDER.search(refused.err), refused
    unlocking = site.run("unlock", "--yes")
    assert unlocking.code == 3, unlocking
    assert site.world.kube("-n", site.namespace, "get", "leases", "-o", "name") != ""
    assert first.poll() is None
    waited = site.run(*UP, "5.13.1", "--lock-wait", "150s")
    assert ended(first) == 0
    assert waited.code == 0, waited
    assert HOLDER.search(waited.err), waited
    assert site.images() == {"v5.13.1"}
    assert leases(site) == []


def killed(site: Site) -> str:
    """The holder that a run left behind in the lease."""
    done = site.run("backup:end", *UP, "5.13.1", module="tests.faults.killed")
    assert done.code == -9, done
    (holder,) = leases(site)
    return holder


def taken_over(site: Site, holder: str) -> None:
    (lock,) = [entry["result"] for entry in site.journal() if entry["step"] == "lock" and "result" in entry]
    assert f"taken over from {holder} (run " in lock["reason"]
    assert lock["reason"].endswith("it gives no sign of life; the release is at revision 1, deployed")
    assert lock["facts"]["taken_from"].startswith(holder)
    assert leases(site) == []


def test_a_lease_left_by_kill_9_on_this_machine_is_taken_over_at_once(site: Site) -> None:
    holder = killed(site)
    done = site.run(*UP, "5.13.1")
    assert done.code == 0, done
    taken_over(site, holder)


def test_one_left_on_another_machine_is_taken_over_once_it_is_stale(site: Site) -> None:
    holder = killed(site)
    elsewhere = "tyk-upgrade/process=another-boot/1/7/100"
    site.world.kube("-n", site.namespace, "annotate", "lease", "tyk-upgrade-tyk", elsewhere, "--overwrite")
    at_once = site.run(*UP, "5.13.1")
    assert at_once.code == 3, at_once
    assert holder in at_once.err
    waited = site.run(*UP, "5.13.1", "--lock-wait", "100s")
    assert waited.code == 0, waited
    taken_over(site, holder)
