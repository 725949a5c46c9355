"""Bundles of a real release: what is in them, and everything that can be done with them."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest

from tests.live.conftest import NewSite
from tests.live.harness import FAST, LIVENESS, Done, Site
from tests.live.test_apis import api, inventories

ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: proxied}
rules:
  - {apiGroups: [""], resources: [secrets, pods, pods/log, events], verbs: [get, list]}
  - {apiGroups: [""], resources: [pods/proxy], verbs: [get]}
  - {apiGroups: [apps], resources: [deployments, replicasets], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: proxied}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: proxied}
subjects: [{kind: ServiceAccount, name: proxied}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: proxied}
"""


@pytest.fixture(scope="module")
def site(new_site: NewSite) -> Site:
    """tyk-oss 4.0.0 with an API in its pod."""
    found = new_site("bundles")
    found.install("4.0.0", found.world.values(tag="v5.9.1"))
    inventories(found, api("orders"))
    return found


@pytest.fixture(scope="module")
def made(site: Site) -> Done:
    done = site.run("backup", "-o", "json")
    assert done.code == 0, done
    return done


def read(bundle: Path, name: str) -> bytes:
    return (bundle / name).read_bytes()


def test_a_bundle_has_everything_that_can_be_asked_for(site: Site, made: Done) -> None:
    bundle = site.bundle()
    names = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert {
        "values/01-values.yaml",
        "release/manifest.yaml",
        "release/hooks.yaml",
        "release/values.json",
        "release/metadata.json",
        "release/history.json",
        "release/images.json",
        "release/chart.tgz",
        "gateway/environment.json",
        "gateway/inventory.json",
    } <= names
    assert read(bundle, "values/01-values.yaml") == site.file.read_bytes()
    metadata = json.loads(read(bundle, "release/metadata.json"))
    assert (metadata["chart"], metadata["version"], metadata["revision"]) == ("tyk-oss", "4.0.0", 1)
    images = json.loads(read(bundle, "release/images.json"))
    assert any("sha256:" in image["image_id"] for image in images)
    archive = site.world.charts / "tyk-oss-4.0.0.tgz"
    assert made.json["bundle"]["facts"]["chart_digest"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    assert read(bundle, "release/chart.tgz") == archive.read_bytes()


def test_the_environment_is_kept_without_its_secrets(site: Site, made: Done) -> None:
    text = read(site.bundle(), "gateway/environment.json").decode()
    assert not site.world.canaries.found_in(text)
    entries = {entry["name"]: entry for entry in json.loads(text)["environment"]}
    assert entries[LIVENESS]["value"] == "1000000000"
    assert entries["TYK_GW_SECRET"]["from"]["secretKeyRef"]["key"]
    assert "value" not in entries["TYK_GW_SECRET"]


def test_restore_check_takes_in_what_the_gateway_holds(site: Site, made: Done) -> None:
    name = site.bundle().name
    same = site.run("backup", "restore", name, "--check")
    assert same.code == 0, same
    assert "1 APIs and 0 policies can be read back" in same.out
    assert "the gateway has the same now" in same.out
    inventories(site, api("invoices"))
    other = site.run("backup", "restore", name, "--check")
    assert other.code == 2, other
    assert "API invoices invoices is not in the bundle" in other.out


def test_diff_tells_what_is_other_than_in_the_bundle(site: Site, made: Done) -> None:
    name = site.bundle().name
    before = site.file.read_text()
    site.file.write_text(before.replace("replicaCount: 1", "replicaCount: 2"))
    site.world.helm(
        "upgrade",
        "tyk",
        str(site.world.charts / "tyk-oss-4.0.0.tgz"),
        *("-n", site.namespace, "-f", str(site.file)),
    )
    site.wait()
    done = site.run("backup", "diff", name, "--detailed-exitcode")
    assert done.code == 2, done
    assert "-    replicaCount: 1" in done.out
    assert "revision: 1 -> 2" in done.out
    assert "spec.replicas" in done.out
    assert "API invoices invoices: added" in done.out
    as_json = site.run("backup", "diff", name, "-o", "json")
    assert as_json.code == 0, as_json
    assert as_json.json["differs"] is True
    assert site.run("backup", "diff", name, name, "--detailed-exitcode").code == 0


def test_a_bundle_goes_to_another_store_and_back(site: Site, made: Done) -> None:
    name = site.bundle().name
    done = site.run("backup", "export", name, "out.tgz")
    assert done.code == 0, done
    assert "It holds secrets" in done.err
    exported = site.folder / "out.tgz"
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600
    again = site.run("backup", "export", name, "out.tgz")
    assert again.code == 1, again
    assert "exists already" in again.err
    taken = site.run("backup", "import", "out.tgz", "--bundle-dir", "elsewhere")
    assert taken.code == 0, taken
    shown = site.run("backup", "show", name, "--bundle-dir", "elsewhere", "-o", "json")
    assert shown.json["bundle"]["files"] == made.json["bundle"]["files"]
    exported.unlink()


def test_prune_leaves_the_newest_and_the_way_back(site: Site, made: Done) -> None:
    """Bundles of revisions 1, 2 and 2."""
    first = site.bundle().name
    later = [site.run("backup", "-o", "json").json["bundle"]["id"] for _ in range(2)]
    asked = site.run("backup", "prune", "--keep", "1")
    assert asked.code == 1, asked
    done = site.run("backup", "prune", "--keep", "1", "--yes")
    assert done.code == 0, done
    left = [item["id"] for item in site.run("backup", "list", "-o", "json").json["items"]]
    assert left == [later[1], first]


def test_without_port_forward_health_is_asked_through_the_api_server(site: Site, tmp_path: Path) -> None:
    site.world.kube("-n", site.namespace, "apply", "-f", "-", stdin=ROLE)
    token = site.world.kube("-n", site.namespace, "create", "token", "proxied").strip()
    config = json.loads(site.world.kube("config", "view", "--raw", "--minify", "-o", "json"))
    config["users"][0]["user"] = {"token": token}  # a certificate beside it would win
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(config))
    done = site.run("verify", "tyk", *FAST[:4], "-o", "json", KUBECONFIG=str(kubeconfig))
    assert done.code == 0, done
    assert "through the API server's pod proxy" in done.out
