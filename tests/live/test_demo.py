"""scripts/demo from nothing to nothing, with a state and a namespace of its own on the test cluster."""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

import pytest

from tests.live.harness import FULL, REPO, World

# Read before any test runs: the guard of every test takes HOME away, where the downloads are kept.
CACHES = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME") if name in os.environ}


@FULL
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_demo_works_twice_and_leaves_nothing(world: World, tmp_path: Path) -> None:
    namespace = f"live-demo-{secrets.token_hex(3)}"
    state = tmp_path / "a state"
    settings = {
        **os.environ,
        **CACHES,
        "HELM_BIN": world.env["HELM_BIN"],
        "TYK_UPGRADE_TEST_KUBECONFIG": world.env["KUBECONFIG"],
        "TYK_UPGRADE_TESTBED_STATE": str(state),
        "TYK_UPGRADE_DEMO_NAMESPACE": namespace,
    }

    def demo(*args: str) -> str:
        done = subprocess.run(
            [str(REPO / "scripts" / "demo"), *args],
            env=settings,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    try:
        for _ in range(2):
            said = demo()
            assert "upgraded and proven" in said
            assert ">       tag: v5.13.1 " in said
        said = demo("--break")
        assert "failed, rolled back, rollback proven" in said
        catalogue = int((state / "demo" / "catalogue.pid").read_text())
    finally:
        demo("--down")
    assert not (state / "demo").exists()
    assert not Path(f"/proc/{catalogue}").exists()
    assert not world.kube("get", "namespace", namespace, "--ignore-not-found")


def test_a_namespace_of_somebody_else_is_never_touched(world: World, tmp_path: Path) -> None:
    """Its first check, without the cost of a run."""
    namespace = f"live-foreign-{secrets.token_hex(3)}"
    world.kube("create", "namespace", namespace)
    settings = {
        **os.environ,
        **CACHES,
        "HELM_BIN": world.env["HELM_BIN"],
        "TYK_UPGRADE_TEST_KUBECONFIG": world.env["KUBECONFIG"],
        "TYK_UPGRADE_TESTBED_STATE": str(tmp_path / "state"),
        "TYK_UPGRADE_DEMO_NAMESPACE": namespace,
    }
    command = [str(REPO / "scripts" / "demo")]
    try:
        done = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=200, check=False)
        assert done.returncode == 1, done.stdout
        assert "is not the demo's" in done.stderr
        assert world.kube("get", "namespace", namespace, "-o", "name").strip() == f"namespace/{namespace}"
    finally:
        world.kube("delete", "namespace", namespace, "--wait=false")
        subprocess.run([*command, "--down"], env=settings, capture_output=True, timeout=100, check=False)
