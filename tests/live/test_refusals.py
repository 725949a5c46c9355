"""What is refused before anything is changed, in words that help."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.conftest import NewSite
from tests.live.harness import Site

READER = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules:
  - {apiGroups: [""], resources: [secrets, pods, pods/log, events, services, configmaps], verbs: [get, list]}
  - {apiGroups: [apps], resources: [deployments, replicasets], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader}
"""


class TestWhichRelease:
    def test_the_only_one_needs_no_name(self, steady: Site) -> None:
        done = steady.run("plan")
        assert done.code == 0, done
        assert f"{steady.namespace}/tyk" in done.out

    def test_several_are_listed(self, new_site: NewSite) -> None:
        site = new_site("several")
        alone = "operatorSecret: {enabled: false}\n"  # the same name in every release
        for name in ("blue", "green"):
            site.install("4.0.0", site.world.values(replicas=0, more=alone), name=name, wait=False)
        done = site.run("plan")
        assert done.code == 1, done
        assert "blue (tyk-oss 4.0.0)" in done.err
        assert "green (tyk-oss 4.0.0)" in done.err

    def test_a_release_that_does_not_exist(self, steady: Site) -> None:
        done = steady.run("plan", "tik")
        assert done.code == 1, done
        assert "tik" in done.err
        assert "tyk" in done.err.replace("helm tyk-upgrade", ""), "the one that is there is named"

    def test_a_namespace_without_any(self, steady: Site) -> None:
        done = steady.run("plan", "-n", "no-such-namespace")
        assert done.code == 1, done
        assert "no-such-namespace" in done.err

    def test_a_context_that_does_not_exist(self, steady: Site) -> None:
        done = steady.run("plan", "--kube-context", "no-such-context")
        assert done.code == 1, done
        assert "no-such-context" in done.err

    def test_a_legacy_chart_is_refused_with_the_way_out(self, new_site: NewSite) -> None:
        site = new_site("legacy")
        chart = site.folder / "tyk-headless"
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tyk-headless\nversion: 1.2.0\n")
        (chart / "templates" / "map.yaml").write_text(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: legacy}\n"
        )
        site.world.helm("install", "tyk", str(chart), "-n", site.namespace)
        done = site.upgrade()
        assert done.code == 1, done
        assert "tyk-headless" in done.err
        assert "tyk-oss" in done.err
        assert site.release()["revision"] == 1


class TestValues:
    def test_values_that_only_the_release_has_block(self, steady: Site) -> None:
        revision = steady.release()["revision"]
        steady.file.write_text(steady.file.read_text().replace("    replicaCount: 1\n", ""))
        done = steady.upgrade("--version", "5.3.0")
        assert done.code == 3, done
        assert "values-only-in-release" in done.err
        assert "tyk-gateway.gateway.replicaCount" in done.out
        assert steady.release()["revision"] == revision

    @pytest.mark.parametrize("flag", ["--install", "--reuse-values", "--reset-then-reuse-values"])
    def test_flags_that_break_the_promise(self, steady: Site, flag: str) -> None:
        done = steady.upgrade(flag)
        assert done.code == 1, done
        assert flag in done.err


def test_a_downgrade_of_the_gateway_blocks(new_site: NewSite) -> None:
    site = new_site("downgrade")
    site.install("1.6.0", site.world.values(probe=None), wait=False)
    done = site.upgrade("--version", "2.0.0")
    assert done.code == 3, done
    assert "gateway-downgrade" in done.err
    assert "from 5.5.0 to 5.3.5" in done.err
    assert site.release()["revision"] == 1


def test_no_terminal_and_no_yes_prints_the_plan(steady: Site) -> None:
    revision = steady.release()["revision"]
    done = steady.run("upgrade", "--version", "5.3.0")
    assert done.code == 1, done
    assert "tyk-oss 4.0.0 -> tyk-oss 5.3.0" in done.out
    assert "--yes" in done.err
    assert steady.release()["revision"] == revision


def test_no_on_a_terminal_is_no(steady: Site) -> None:
    revision = steady.release()["revision"]
    controller, terminal = pty.openpty()
    try:
        running = subprocess.Popen(
            [sys.executable, "-m", "helm_tyk_upgrade", "--version", "5.3.0"],
            cwd=steady.folder,
            env={**steady.world.env, **steady.settings, "TERM": "xterm"},
            stdin=terminal,
            stderr=terminal,
            stdout=subprocess.PIPE,
            text=True,
        )
        os.write(controller, b"n\n")
        out, _ = running.communicate(timeout=60)
    finally:
        os.close(terminal)
        said = os.read(controller, 65536).decode()
        os.close(controller)
    assert running.returncode == 1, out
    assert "[y/N]" in said
    assert "Nothing was changed" in said
    assert steady.release()["revision"] == revision


class TestReader:
    """An identity that may look, and nothing else."""

    @pytest.fixture(scope="class")
    @staticmethod
    def kubeconfig(always_steady: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
        kube, namespace = always_steady.world.kube, always_steady.namespace
        kube("-n", namespace, "apply", "-f", "-", stdin=READER)
        token = kube("-n", namespace, "create", "token", "reader").strip()
        config = json.loads(kube("config", "view", "--raw", "--minify", "-o", "json"))
        config["users"][0]["user"] = {"token": token}
        path = tmp_path_factory.mktemp("reader") / "kubeconfig"
        path.write_text(json.dumps(config))
        return path

    def test_gets_a_whole_plan_with_what_it_cannot_know(self, steady: Site, kubeconfig: Path) -> None:
        done = steady.run("plan", "--version", "5.3.0", KUBECONFIG=str(kubeconfig))
        assert "tyk-oss 4.0.0 -> tyk-oss 5.3.0" in done.out, done
        assert "~ Deployment gateway-tyk-tyk-gateway" in done.out
        assert "unknown  baseline-unhealthy" in done.out
        assert done.code == 3, "permissions"

    def test_cannot_upgrade(self, steady: Site, kubeconfig: Path) -> None:
        revision = steady.release()["revision"]
        done = steady.upgrade("--version", "5.3.0", KUBECONFIG=str(kubeconfig))
        assert done.code == 3, done
        assert "permissions" in done.err
        assert "patch deployments" in done.err
        assert steady.release()["revision"] == revision

    def test_verify_knows_nothing_of_the_pods(self, steady: Site, kubeconfig: Path) -> None:
        done = steady.run("verify", "--proof-timeout", "3s", "-o", "json", KUBECONFIG=str(kubeconfig))
        assert done.code == 6, done
        assert done.json["status"] == "unknown"
