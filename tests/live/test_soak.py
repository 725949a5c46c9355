"""The proof that goes on after success, and the budget of lost requests, with pods that break in time."""

from __future__ import annotations

import pytest

from tests.live.conftest import NewSite
from tests.live.harness import LIVENESS, Site

SOAKED = "lock baseline backup write_values meter_on upgrade watch prove soak meter_off unlock".split()


@pytest.fixture(scope="module")
def site(new_site: NewSite) -> Site:
    """tyk-oss 4.0.0 with one pod, which the chart lets go away before the new one is there."""
    found = new_site("soak")
    found.install("4.0.0", found.world.values(tag="v5.9.1"))
    return found


def changed(site: Site, **envs: str) -> None:
    """The user's next values.yaml: another environment, and so new pods."""
    values = site.world.values(tag="v5.9.1", envs={LIVENESS: "1000000000", **envs})
    site.file.write_text(values)


def test_a_healthy_gateway_is_proven_to_the_end_of_the_soak(site: Site) -> None:
    changed(site, SOAK_TEST="healthy")
    done = site.upgrade("--version", "4.0.0", "--soak", "6s")
    assert done.code == 0, done
    assert list(site.steps()) == SOAKED
    assert site.steps()["soak"] == "done"
    assert site.took("soak") >= 6.0
    assert "proofs passed in 6 s" in " ".join(done.out.split())


def test_what_breaks_after_the_proof_is_rolled_back(site: Site) -> None:
    """It answers well for a quarter of a minute, ends, and after the second end the kubelet waits before it starts it
    again: longer than two proofs."""
    revision = site.release()["revision"]
    changed(site, STANDIN_FAULT="crash=15s")
    done = site.run(
        "upgrade",
        "--yes",
        *("--version", "4.0.0", "--soak", "3m", "--interval", "1s", "--proof-timeout", "4s"),
        *("--rollout-timeout", "60s"),
    )
    assert done.code == 4, done
    assert site.steps()["prove"] == "done", "it was well at first"
    assert site.steps()["soak"] == "failed"
    assert site.steps()["prove_back"] == "done"
    assert site.took("soak") < 150
    assert "after it was proven" in " ".join(done.out.split())
    assert site.release()["description"] == f"Rollback to {revision}"


def test_more_lost_requests_than_allowed_undo_nothing_and_are_no_success(site: Site) -> None:
    """With one pod there is a moment without any."""
    changed(site, SOAK_TEST="budget")
    revision = site.release()["revision"]
    done = site.upgrade("--version", "4.0.0", "--max-lost", "0", "--max-gap", "10m", "-o", "json")
    assert done.code == 6, done
    assert site.release()["revision"] == revision + 1
    assert site.release()["status"] == "deployed"
    assert site.steps()["prove"] == "done"
    assert site.steps()["meter_off"] == "failed"
    assert "requests lost, 0 allowed" in done.json["reason"]
    facts = next(entry for entry in site.journal() if entry["step"] == "meter_off" and "result" in entry)
    lost = facts["result"]["facts"]["availability"]
    assert sum(number for _, number in lost["losses"]) == lost["lost"] > 0
    assert lost["longest_gap"] > 0
    assert lost["p50"] <= lost["p99"]
