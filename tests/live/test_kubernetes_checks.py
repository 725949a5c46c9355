"""What the plan says of Kubernetes itself, and that Helm does what it says: autoscalers, CRDs, removed API versions,
one replica, the size of Helm's record."""

from __future__ import annotations

import base64
import gzip
import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.charts.archive import read_chart
from helm_tyk_upgrade.manifests.release_record import record_bytes
from helm_tyk_upgrade.model.known import Known
from tests.live.conftest import NewSite
from tests.live.harness import DEPLOYMENT, Site, wait_for

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {name}}}
spec:
  group: {group}
  scope: Namespaced
  names: {{plural: things, kind: Thing}}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {{spec: {{type: object, properties: {{{fields}}}}}}}
"""
AUTOSCALER = f"""\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: scaler}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {DEPLOYMENT}}}
  minReplicas: 2
  maxReplicas: 4
  metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 80}}}}}}]
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: guard}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: %s}}}
"""


def verdicts(site: Site, *args: str) -> dict[str, dict[str, Any]]:
    """check -> verdict of a plan, whether a check of it blocks or not."""
    done = site.run("plan", *args, "-o", "json")
    assert done.code in (0, 3), done
    return {verdict["check"]: verdict for verdict in done.json["checks"]}


def replicas(site: Site) -> int:
    found = site.world.kube("-n", site.namespace, "get", "deployment", DEPLOYMENT, "-o", "json")
    return int(json.loads(found)["spec"]["replicas"])


@pytest.fixture(scope="module")
def site(new_site: NewSite) -> Site:
    made = new_site("kubernetes")
    made.install("4.0.0", made.world.values(tag="v5.9.1"))
    return made


def test_one_replica_without_a_sleep_is_foretold_to_lose_requests(site: Site) -> None:
    found = verdicts(site, "--version", "5.3.0")["availability"]
    assert found["status"] == "fail", found
    assert f"Deployment {DEPLOYMENT}" in found["reason"]
    told = " ".join([found["reason"], *found["evidence"]])
    assert "no preStop sleep" in told
    assert "1 replica: nobody answers when its node goes" in told


def test_the_estimate_of_helms_record_is_near_to_what_helm_stores(site: Site) -> None:
    found = verdicts(site, "--version", "5.3.0")["release-size"]
    assert found["status"] == "pass", found
    record = _record(site, 1)
    stored = len(base64.b64decode(_secret(site, 1)["data"]["release"]))
    chart = read_chart(site.world.charts / "tyk-oss-4.0.0.tgz")
    hooks = "".join(f"---\n{hook['manifest']}\n" for hook in record.get("hooks") or ())
    guessed = record_bytes(
        chart, record["config"], record["manifest"], hooks, record["info"].get("notes", "")
    )
    assert isinstance(guessed, Known)
    assert abs(guessed.value - stored) <= 0.06 * stored
    assert f"the present one has {-(-stored // 1024)} KiB" in found["evidence"]


def test_crds_that_helm_leaves_behind_are_named_and_the_command_upgrades_them(
    site: Site, tmp_path: Path
) -> None:
    name = f"things.t{secrets.token_hex(3)}.example.com"
    site.world.kube("apply", "-f", "-", stdin=_crd(name, "old: {type: string}"))
    try:
        chart = _with_crds(site, tmp_path, _crd(name, "old: {type: string}, new: {type: string}"))
        found = verdicts(site, "--chart", str(chart))["crds-not-upgraded"]
        assert found["status"] == "fail", found
        assert name in found["evidence"][0]
        assert "properties.spec.properties.new" in found["evidence"][0]
        shown = site.world.helm("show", "crds", str(chart))
        site.world.kube("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=shown)
        assert verdicts(site, "--chart", str(chart))["crds-not-upgraded"]["status"] == "pass"
    finally:
        site.world.kube("delete", "crd", name, "--ignore-not-found", "--wait=false")


def test_a_budget_and_an_autoscaler_are_seen_and_helm_does_what_was_foretold(site: Site) -> None:
    labels = json.loads(site.world.kube("-n", site.namespace, "get", "deployment", DEPLOYMENT, "-o", "json"))[
        "spec"
    ]["template"]["metadata"]["labels"]
    site.world.kube("-n", site.namespace, "apply", "-f", "-", stdin=BUDGET % labels["app"])
    site.world.kube("-n", site.namespace, "apply", "-f", "-", stdin=AUTOSCALER)
    wait_for(lambda: replicas(site) == 2, "the autoscaler's two replicas")
    wait_for(lambda: verdicts(site, "--version", "5.3.0")["autoscaler"]["status"] == "fail", "its verdict")
    found = verdicts(site, "--version", "5.3.0")
    reason = found["autoscaler"]["reason"]
    assert f"autoscaler scaler runs 2 replicas of Deployment {DEPLOYMENT}" in reason
    chart = str(site.world.charts / "tyk-oss-5.3.0.tgz")
    upgrade = ("upgrade", "tyk", chart, "-n", site.namespace, "-f", str(site.file))
    if "meets a conflict" in reason:
        with pytest.raises(AssertionError, match="replicas"):
            site.world.helm(*upgrade)
        assert replicas(site) == 2
    else:
        assert "the upgrade sets 1" in reason
        site.world.helm(*upgrade)
        assert replicas(site) == 1
    assert not any("PodDisruptionBudget" in line for line in found["availability"]["evidence"])


def test_a_removed_api_in_the_stored_manifest_is_why_helm_cannot_upgrade(new_site: NewSite) -> None:
    site = new_site("removed-api")
    pdb = "    pdb: {enabled: true}\n"
    site.install("4.0.0", site.world.values(tag="v5.9.1", more=pdb))
    assert verdicts(site, "--version", "5.3.0")["kubernetes-apis"]["status"] == "pass"
    record = _record(site, 1)
    assert "policy/v1\n" in record["manifest"]
    record["manifest"] = record["manifest"].replace("policy/v1\n", "policy/v1beta1\n")
    _store(site, 1, record)
    with pytest.raises(AssertionError, match="no matches for kind"):
        site.world.helm(
            "upgrade",
            "tyk",
            str(site.world.charts / "tyk-oss-5.3.0.tgz"),
            "-n",
            site.namespace,
            "-f",
            str(site.file),
        )
    found = verdicts(site, "--version", "5.3.0")["kubernetes-apis"]
    assert (found["status"], found["blocks"]) == ("fail", True), found
    assert "PodDisruptionBudget" in found["reason"]
    assert "in the stored manifest: Kubernetes 1.25 removed it; use policy/v1" in found["reason"]
    assert "helm mapkubeapis tyk" in found["hint"]


def _crd(name: str, fields: str) -> str:
    return CRD.format(name=name, group=name.partition(".")[2], fields=fields)


def _with_crds(site: Site, folder: Path, text: str) -> Path:
    """The chart 5.3.0 as a folder, with this CRD."""
    chart = folder / "tyk-oss"
    files = dict(read_chart(site.world.charts / "tyk-oss-5.3.0.tgz").files)
    for path, content in {**files, "crds/things.yaml": text.encode()}.items():
        (chart / path).parent.mkdir(parents=True, exist_ok=True)
        (chart / path).write_bytes(content)
    return chart


def _secret(site: Site, revision: int) -> dict[str, Any]:
    name = f"sh.helm.release.v1.tyk.v{revision}"
    found = json.loads(site.world.kube("-n", site.namespace, "get", "secret", name, "-o", "json"))
    return dict(found)


def _record(site: Site, revision: int) -> dict[str, Any]:
    """What Helm stored: base64 of gzip of JSON, in a Secret's base64."""
    packed = base64.b64decode(base64.b64decode(_secret(site, revision)["data"]["release"]))
    return dict(json.loads(gzip.decompress(packed)))


def _store(site: Site, revision: int, record: dict[str, Any]) -> None:
    """As if Helm had stored this with an older Kubernetes."""
    packed = base64.b64encode(gzip.compress(json.dumps(record).encode()))
    patch = json.dumps({"data": {"release": base64.b64encode(packed).decode()}})
    name = f"sh.helm.release.v1.tyk.v{revision}"
    site.world.kube("-n", site.namespace, "patch", "secret", name, "--type=merge", "--patch", patch)
