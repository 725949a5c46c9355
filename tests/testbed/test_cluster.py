"""The real cluster: it answers, DNS works, Redis stops and starts, the gateway runs as in the charts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from testbed.images.__main__ import read_versions
from tests.testbed.conftest import CACHE_SETTINGS, NAMESPACE, Kubectl, Run, execute, wait_until

pytestmark = pytest.mark.cluster
PASSWORD = 'p"a\\ss word'

# What the published charts give the gateway's pod, shortened to what the images must bear.
GATEWAY = """
apiVersion: v1
kind: Service
metadata: {name: gateway}
spec: {selector: {app: gateway}, ports: [{port: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway}
spec:
  selector: {matchLabels: {app: gateway}}
  template:
    metadata: {labels: {app: gateway}}
    spec:
      securityContext:
        {fsGroup: 2000, runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - name: setup-directories
          image: busybox:1.32
          command:
            - sh
            - -c
            - >-
              mkdir -p apps policies && touch policies/policies.json &&
              nslookup -type=a redis.@NAMESPACE@.svc.cluster.local
          workingDir: /mnt/tyk-gateway
          securityContext: &security
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          volumeMounts: &mounts [{name: scratch, mountPath: /mnt/tyk-gateway}]
      containers:
        - name: gateway
          image: tyk-upgrade.test/tyk-gateway:v@VERSION@
          env:
            - {name: TYK_GW_LISTENPORT, value: "8080"}
            - {name: TYK_GW_SECRET, value: test}
            - {name: TYK_GW_APPPATH, value: /mnt/tyk-gateway/apps}
            - {name: TYK_GW_POLICIES_POLICYSOURCE, value: file}
            - {name: TYK_GW_POLICIES_POLICYRECORDNAME, value: /mnt/tyk-gateway/policies/policies.json}
            - {name: TYK_GW_STORAGE_TYPE, value: redis}
            - {name: TYK_GW_STORAGE_ADDRS, value: "redis:6379"}
            - {name: TYK_GW_STORAGE_PASSWORD, value: @PASSWORD@}
          ports: [{containerPort: 8080}]
          readinessProbe: {httpGet: {path: /hello, port: 8080}, periodSeconds: 1}
          securityContext: *security
          volumeMounts: *mounts
      volumes: [{name: scratch, emptyDir: {}}]
"""


def redis_status(kubectl: Kubectl) -> str:
    """Redis' status by the gateway's /hello; "" before its first check, 10 s after its start."""
    path = f"/api/v1/namespaces/{NAMESPACE}/services/gateway:8080/proxy/hello"
    redis = json.loads(kubectl("get", "--raw", path)).get("details", {}).get("redis", {})
    return str(redis.get("status", ""))


def test_gateway_redis_and_names_work_together(
    kubectl: Kubectl, real_testbed: Run, repo: Path, tmp_path: Path
) -> None:
    assert kubectl("get", "--raw", "/readyz") == "ok"
    word = tmp_path / "password"
    word.write_text(PASSWORD)
    up = real_testbed("redis", "up", NAMESPACE, "--password-file", str(word))
    assert up.returncode == 0, up.stderr
    assert PASSWORD not in up.stdout + up.stderr
    ping = ["exec", "deployment/redis", "--", "redis-cli"]
    assert kubectl(*ping, "ping").startswith("NOAUTH")
    assert kubectl(*ping, "-a", PASSWORD, "ping") == "PONG\n"

    version = read_versions(repo / "testbed" / "gateway" / "versions")[-1]
    manifest = GATEWAY.replace("@VERSION@", version).replace("@PASSWORD@", json.dumps(PASSWORD))
    manifest = manifest.replace("@NAMESPACE@", NAMESPACE)
    kubectl("apply", "-f", "-", given=manifest)
    kubectl("rollout", "status", "deployment/gateway", "--timeout=90s")
    assert "Address" in kubectl("logs", "deployment/gateway", "--container", "setup-directories")
    wait_until(lambda: redis_status(kubectl) == "pass", 30)

    assert real_testbed("redis", "stop", NAMESPACE).returncode == 0
    assert kubectl("get", "pods", "--selector=app=redis", "--output=name") == ""
    wait_until(lambda: redis_status(kubectl) == "fail", 30)
    assert real_testbed("redis", "start", NAMESPACE).returncode == 0
    wait_until(lambda: kubectl(*ping, "-a", PASSWORD, "ping") == "PONG\n", 30)
    wait_until(lambda: redis_status(kubectl) == "pass", 60)
    assert real_testbed("redis", "down", NAMESPACE).returncode == 0
    assert kubectl("get", "deployment,service,secret", "redis", "--ignore-not-found") == ""


@pytest.mark.skipif(shutil.which("go") is None, reason="go is not in PATH")
@pytest.mark.usefixtures("kubeconfig")
def test_dns_server_and_registry_pass_their_own_tests(repo: Path) -> None:
    """Here, as their Go modules are at hand where the cluster was built; the flags keep the build cache."""
    go = ["go", "test", "-trimpath", "-buildvcs=false", "./dns", "./registry"]
    done = execute(go, {**CACHE_SETTINGS, "CGO_ENABLED": "0"}, repo / "testbed" / "cluster")
    assert done.returncode == 0, done.stdout + done.stderr
