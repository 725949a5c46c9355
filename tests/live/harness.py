"""The program as a user runs it, and releases for it to upgrade: real Helm, real pods, a real Redis."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FULL = pytest.mark.skipif(
    "TYK_UPGRADE_FULL" not in os.environ, reason="scripts/test --full runs it: half a minute"
)
REPO = Path(__file__).resolve().parents[2]
FAST = ("--interval", "1s", "--proof-timeout", "40s", "--rollout-timeout", "90s")
"""The gateways of these tests look at Redis every second, so a proof takes two."""
DEPLOYMENT = "gateway-tyk-tyk-gateway"
_VALUES = """\
# Tyk for the tests. Comments, quotes and odd   spacing must survive every edit.
global:
  redis:
    addrs: ["{redis}"]   # one for all tests
    pass: '{password}'
  secrets:
    APISecret: "{secret}"  # never to be seen

tyk-gateway:
  gateway:
    replicaCount: {replicas}
    image:
{tag}      pullPolicy: Never   # there is no registry
{probe}    extraEnvs:
      - {{name: STANDIN_START_DELAY, value: "0"}}
{envs}"""
_PROBE = """\
    readinessProbe:
      httpGet: {{scheme: {scheme}, path: {path}, port: {port}}}
      periodSeconds: 1
"""
LIVENESS = "TYK_GW_LIVENESSCHECK_CHECKDURATION"
"""How often the gateway looks at Redis: nanoseconds since 5.4.0, seconds before."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> dict[str, Any]:
        """Standard output as the one JSON document that it must be."""
        return dict(json.loads(self.out))

    def __str__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


@dataclass(frozen=True)
class Canaries:
    """Secrets that no output may show."""

    secret: str
    password: str

    def found_in(self, text: str) -> list[str]:
        """Also those that are written in base64, as the API and Helm's storage write them."""
        return [
            canary
            for canary in (self.secret, self.password)
            if canary in text or base64.b64encode(canary.encode()).decode() in text
        ]


@dataclass(frozen=True)
class World:
    """What all tests share: the environment of the program, kubectl, the canaries, the Redis and the charts."""

    env: Mapping[str, str]
    kubectl: str
    canaries: Canaries
    redis: str
    charts: Path
    folder: Path

    def program(
        self,
        *args: str,
        cwd: Path,
        env: Mapping[str, str],
        stdin: str = "",
        module: str = "helm_tyk_upgrade",
    ) -> Done:
        """Run the program to its end; what it says is searched for the canaries."""
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", module, *args],
            cwd=cwd,
            env={**self.env, **env},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        ended = Done(done.returncode, done.stdout, done.stderr, time.monotonic() - began)
        assert not self.canaries.found_in(ended.out + ended.err), "a secret was shown"
        return ended

    def kube(self, *args: str, stdin: str = "") -> str:
        return self._run(self.kubectl, *args, stdin=stdin)

    def helm(self, *args: str) -> str:
        return self._run(self.env["HELM_BIN"], *args)

    def _run(self, *argv: str, stdin: str = "") -> str:
        done = subprocess.run(
            argv, env=dict(self.env), input=stdin, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, f"{' '.join(argv)}\n{done.stderr}"
        return done.stdout

    def values(
        self,
        *,
        tag: str = "",
        envs: Mapping[str, str] | None = None,
        replicas: int = 1,
        redis: str = "",
        probe: tuple[str, str, int] | None = ("HTTP", "/hello", 8080),
        more: str = "",
    ) -> str:
        """A values.yaml. probe: scheme, path, port; None for the chart's own. more: text below `gateway:`."""
        chosen = {LIVENESS: "1000000000"} if envs is None else envs
        return (
            _VALUES.format(
                redis=redis or self.redis,
                password=self.canaries.password,
                secret=self.canaries.secret,
                replicas=replicas,
                tag=f"      tag: {tag}   # pinned\n" if tag else "",
                probe=_PROBE.format(scheme=probe[0], path=probe[1], port=probe[2]) if probe else "",
                envs="".join(
                    f'      - {{name: {name}, value: "{value}"}}\n' for name, value in chosen.items()
                ),
            )
            + more
        )


@dataclass(frozen=True)
class Site:
    """A namespace with a folder in which somebody keeps its values.yaml."""

    world: World
    namespace: str
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        return self.folder / "values.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def run(self, *args: str, stdin: str = "", module: str = "helm_tyk_upgrade", **env: str) -> Done:
        """The program with `-n NAMESPACE`, in the folder of values.yaml. module: what stands in for it."""
        settings = {**self.settings, **env}
        return self.world.program(*args, cwd=self.folder, env=settings, stdin=stdin, module=module)

    def upgrade(self, *args: str, **env: str) -> Done:
        return self.run("upgrade", "--yes", *FAST, *args, **env)

    @property
    def settings(self) -> dict[str, str]:
        return {"HELM_NAMESPACE": self.namespace, "TYK_UPGRADE_STATE_DIR": str(self.state), **self.env}

    def start(self, *args: str) -> subprocess.Popen[str]:
        """The program in a process group of its own, as a shell starts it."""
        return subprocess.Popen(
            [sys.executable, "-m", "helm_tyk_upgrade", *args],
            cwd=self.folder,
            env={**self.world.env, **self.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def install(
        self, version: str, values: str, *, name: str = "tyk", chart: str = "tyk-oss", wait: bool = True
    ) -> None:
        """helm install with this values.yaml."""
        self.file.write_text(values)
        archive = self.world.charts / f"{chart}-{version}.tgz"
        self.world.helm("install", name, str(archive), "-n", self.namespace, "-f", str(self.file))
        if wait:
            self.wait()

    def wait(self) -> None:
        self.world.kube("-n", self.namespace, "rollout", "status", "deployment", "--timeout=120s")

    def release(self, name: str = "tyk") -> dict[str, Any]:
        """The newest revision as `helm history` tells it."""
        return self.history(name)[-1]

    def history(self, name: str = "tyk") -> list[dict[str, Any]]:
        return list(json.loads(self.world.helm("history", name, "-n", self.namespace, "-o", "json")))

    def images(self) -> set[str]:
        """Tags of the gateway images that run now, of pods that are not going away."""
        pods = json.loads(self.world.kube("-n", self.namespace, "get", "pods", "-o", "json"))["items"]
        return {
            container["image"].rpartition(":")[2]
            for pod in pods
            if "deletionTimestamp" not in pod["metadata"]
            for container in pod["spec"]["containers"]
        }

    def steps(self) -> dict[str, str]:
        """step -> status of the newest run, out of its journal on disk."""
        return {entry["step"]: entry["result"]["status"] for entry in self.journal() if "result" in entry}

    def journal(self) -> list[dict[str, Any]]:
        newest = max((self.state / "runs").glob("*/journal.jsonl"))
        return [json.loads(line) for line in newest.read_text().splitlines()]

    def took(self, step: str) -> float:
        """Seconds."""
        return next(
            float(entry["seconds"]) for entry in self.journal() if entry["step"] == step and "result" in entry
        )

    def bundle(self) -> Path:
        return max((self.state / "bundles").glob("*/*/*"))


def own_cache(folder: Path) -> dict[str, str]:
    """A Helm cache that knows no catalogue's answer yet."""
    return {"HELM_CACHE_HOME": str(folder / "fresh-cache")}


def wait_for(condition: Any, what: str, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.2)


def run_testbed(*args: str) -> None:
    subprocess.run(
        [str(REPO / "scripts" / "testbed"), *args],
        check=True,
        capture_output=True,
        timeout=200,
        env=_testbed_env(),
    )


def _testbed_env() -> dict[str, str]:
    """scripts/testbed finds its cache by what `up` remembered, not by HOME."""
    return {name: value for name, value in os.environ.items() if name not in ("KUBECONFIG", "HELM_BIN")}
