"""Upgrades that go wrong: called early, evidence first, back to what was, and that proven too."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.live.harness import FAST, FULL, LIVENESS, Done, Site, run_testbed, wait_for

BACK = ["evidence", "rollback", "restore_values", "prove_back", "meter_off", "unlock"]


def with_fault(site: Site, fault: str, replicas: int = 1) -> None:
    """The user's next values.yaml brings a gateway with a fault. With one replica Helm 3 does not wait: the chart
    allows one pod to be unavailable."""
    envs = {LIVENESS: "1000000000", "STANDIN_FAULT": fault}
    site.file.write_text(site.world.values(tag="v5.9.1", envs=envs, replicas=replicas))


def assert_rolled_back(site: Site, done: Done, revision: int) -> None:
    """Back at `revision` of before, healthy, the steps in order, the evidence on disk."""
    assert done.code == 4, done
    assert site.release()["status"] == "deployed"
    assert site.release()["description"] == f"Rollback to {revision}"
    assert site.images() == {"v5.9.1"}
    steps = list(site.steps())
    assert steps[-len(BACK) :] == BACK
    assert site.steps()["prove_back"] == "done"
    assert (site.bundle() / "evidence" / "rollouts.json").stat().st_size > 2


def test_an_image_that_does_not_exist_is_called_within_seconds(steady: Site) -> None:
    before, revision = steady.file.read_bytes(), steady.release()["revision"]
    done = steady.upgrade("--version", "4.0.0", "--gateway-version", "5.13.99", "-o", "json")
    assert_rolled_back(steady, done, revision)
    assert done.json["exitCode"] == 4
    assert steady.file.read_bytes() == before
    assert steady.steps()["write_values"] == "done"
    began, called = steady.took("upgrade"), steady.took("watch")
    print(f"\nbad image: helm upgrade {began:.1f} s, called after {called:.1f} s more")
    assert began + called < 30, "the kubelet itself may take two of its rounds"


def test_helm_that_waits_is_told_to_stop(steady: Site) -> None:
    """With --wait Helm would sit there for five minutes."""
    steady.file.write_text(steady.world.values(tag="v5.9.1", replicas=2))
    before, revision = steady.file.read_bytes(), steady.release()["revision"]
    done = steady.upgrade("--version", "4.0.0", "--gateway-version", "5.13.99", "--wait", "--timeout", "5m")
    assert_rolled_back(steady, done, revision)
    assert steady.took("upgrade") < 20
    assert steady.history()[-2]["status"] == "failed", "Helm itself has said so"
    assert steady.file.read_bytes() == before


@pytest.mark.parametrize(
    "fault", ["version=5.0.1", "hello-fail", pytest.param("log-version=5.0.1", marks=FULL)]
)
def test_a_gateway_that_runs_but_is_wrong_is_rolled_back(steady: Site, fault: str) -> None:
    with_fault(steady, fault)
    revision = steady.release()["revision"]
    done = steady.upgrade("--version", "4.0.0", "--proof-timeout", "5s")
    assert_rolled_back(steady, done, revision)
    assert steady.steps()["prove"] == "failed"


@FULL
def test_a_gateway_that_never_gets_ready_is_rolled_back(steady: Site) -> None:
    with_fault(steady, "hello-503")
    revision = steady.release()["revision"]
    done = steady.upgrade("--version", "4.0.0", "--rollout-timeout", "12s")
    assert_rolled_back(steady, done, revision)
    assert steady.steps()["watch"] == "failed"


def test_a_crash_loop_is_called_early(steady: Site) -> None:
    with_fault(steady, "crash=0")
    revision = steady.release()["revision"]
    done = steady.upgrade("--version", "4.0.0", "--rollout-timeout", "5m")
    assert_rolled_back(steady, done, revision)
    assert steady.took("watch") < 90
    logs = [path.read_text() for path in (steady.bundle() / "evidence").glob("*.log")]
    assert any("fatal" in text for text in logs), "the log of the crash was kept"
    assert "level=fatal" in " ".join(done.out.split()), "its last words are part of the reason"


def test_without_rollback_the_broken_release_stays(steady: Site) -> None:
    before = steady.file.read_bytes()
    done = steady.upgrade("--version", "4.0.0", "--gateway-version", "5.13.99", "--no-rollback")
    assert done.code == 5, done
    assert steady.images() == {"v5.13.99"}
    assert steady.file.read_bytes() == before.replace(b"tag: v5.9.1 ", b"tag: v5.13.99 ")
    assert "rollback" not in steady.steps()
    assert (steady.bundle() / "evidence").is_dir()
    looked = steady.run("verify", *FAST[:4])
    assert looked.code == 5, looked
    assert "image-never-pulled" in looked.out
    back = steady.run("rollback", "--yes", *FAST)
    assert back.code == 0, back
    assert steady.file.read_bytes() == before
    assert steady.images() == {"v5.9.1"}


@pytest.mark.parametrize(
    ("number", "whole_group", "code"),
    [
        pytest.param(signal.SIGINT, True, 130, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, False, 143, id="terminated", marks=FULL),
    ],
)
def test_interrupted_while_helm_waits(steady: Site, number: int, whole_group: bool, code: int) -> None:
    with_fault(steady, "hello-503", replicas=2)
    running = steady.start("upgrade", "--yes", *FAST, "--version", "4.0.0", "--wait", "--timeout", "5m")
    revision = steady.release()["revision"]
    wait_for(lambda: steady.release()["revision"] > revision, "the new revision")
    (os.killpg if whole_group else os.kill)(running.pid, number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == code, out + err
    assert steady.release()["status"] == "failed", "a pending release could not be upgraded again"
    assert [entry["event"] for entry in steady.journal()][-1] == "interrupted"
    assert "rollback" in out, "what to do next"
    back = steady.run("rollback", "--yes", *FAST)
    assert back.code == 0, back


class TestRedisOutage:
    """A Redis of their own, that comes and goes."""

    def test_redis_that_goes_down_during_the_upgrade(self, outage: Site) -> None:
        """Neither the new gateway nor the old one can be proven without it."""
        arguments = (
            "--version",
            "5.3.0",
            "--interval",
            "1s",
            "--proof-timeout",
            "6s",
            "--rollout-timeout",
            "90s",
        )
        running = outage.start("upgrade", "--yes", *arguments)
        assert running.stderr is not None
        for line in running.stderr:
            if line.startswith("watch"):
                break
        run_testbed("redis", "stop", outage.namespace)
        out, err = running.communicate(timeout=120)
        assert running.returncode == 5, out + err
        assert outage.steps()["prove"] == "failed"
        assert outage.steps()["rollback"] == "done"
        assert outage.steps()["prove_back"] != "done"
        assert outage.release()["chart"] == "tyk-oss-4.0.0"

    def test_redis_that_is_down_before_blocks(self, outage: Site) -> None:
        revision = outage.release()["revision"]
        done = outage.upgrade("--version", "5.3.0")
        assert done.code == 3, done
        assert "baseline-unhealthy" in done.err
        assert outage.release()["revision"] == revision

    def test_verify_says_so(self, outage: Site) -> None:
        done = outage.run("verify", "--interval", "1s", "--proof-timeout", "5s", "-o", "json")
        assert done.code == 5, done
        assert json.loads(done.out)["status"] == "failed"
