"""Plans that are kept, reviewed and carried out exactly."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import jsonschema
import pytest

from testbed.catalogue import Catalogue
from tests.live.conftest import NewSite
from tests.live.harness import DEPLOYMENT, FAST, REPO, Site, own_cache, wait_for
from tests.values_verb.test_schemas import strict


@pytest.fixture(scope="module")
def plan(planned: Site) -> Path:
    """A plan of the upgrade to 5.3.0, made before anything else happened."""
    done = planned.run("plan", "--version", "5.3.0", "--detailed-exitcode", "--out", "plan.json")
    assert done.code == 2, done
    assert planned.release()["revision"] == 1
    return planned.folder / "plan.json"


def test_a_plan_file_holds_no_secret(planned: Site, plan: Path) -> None:
    assert not planned.world.canaries.found_in(plan.read_text())
    schema = json.loads((REPO / "docs" / "schemas" / "planfile.v1.json").read_text())
    found = json.loads(plan.read_text())
    jsonschema.validate(found, strict(schema), jsonschema.Draft202012Validator)
    assert planned.namespace in found["bound"]["release"]
    assert f"Deployment {DEPLOYMENT}" in found["bound"]["live"]


def test_plan_as_json_is_one_document(planned: Site) -> None:
    done = planned.run("plan", "--version", "5.3.0", "-o", "json")
    assert done.code == 0, done
    assert "5.3.0" in json.dumps(done.json)


def test_a_plan_whose_values_moved_is_refused(planned: Site, plan: Path) -> None:
    original = planned.file.read_text()
    planned.file.write_text(original.replace("replicaCount: 1", "replicaCount: 3"))
    done = planned.run("apply", plan.name, *FAST)
    planned.file.write_text(original)
    assert done.code == 1, done
    assert "Refused" in done.err
    assert "values.yaml changed since the plan: tyk-gateway.gateway.replicaCount" in done.err
    assert f"Deployment {DEPLOYMENT} spec.replicas" in done.err
    assert planned.release()["revision"] == 1


def test_apply_carries_it_out(planned: Site, plan: Path) -> None:
    done = planned.run("apply", plan.name, *FAST, "-o", "json")
    assert done.code == 0, done
    assert done.json["exitCode"] == 0
    assert planned.release()["chart"] == "tyk-oss-5.3.0"


def test_applied_again_there_is_nothing_to_do(planned: Site, plan: Path) -> None:
    done = planned.run("apply", plan.name, *FAST)
    assert done.code == 0, done
    assert "Nothing to do" in done.err
    assert planned.release()["revision"] == 2


def test_a_release_that_moved_is_refused_with_what_moved(planned: Site, plan: Path) -> None:
    """Somebody scales and goes back to the old chart with helm itself."""
    archive = planned.world.charts / "tyk-oss-4.0.0.tgz"
    planned.world.helm(
        *("upgrade", "tyk", str(archive), "-n", planned.namespace, "-f", str(planned.file)),
        *("--set", "tyk-gateway.gateway.service.annotations.foreign=yes"),
    )
    done = planned.run("apply", plan.name, *FAST)
    assert done.code == 1, done
    assert "the release moved from revision 1 to 3" in done.err
    assert planned.release()["revision"] == 3


def test_a_plan_holds_only_so_long(steady: Site) -> None:
    done = steady.run("plan", "--version", "5.3.0", "--out", "short.json", "--valid-for", "1s")
    assert done.code == 0, done
    time.sleep(2)
    done = steady.run("apply", "short.json", *FAST)
    assert done.code == 1, done
    assert "short.json was made at" in done.err
    assert "make a new plan" in done.err


@pytest.fixture(scope="module")
def bound(new_site: NewSite) -> Site:
    """tyk-oss 4.0.0 in whose cluster others work, too."""
    made = new_site("bound")
    made.install("4.0.0", made.world.values(tag="v5.9.1"))
    return made


class TestLiveFields:
    """A plan that changes the number of pods, while others work in the cluster."""

    def test_other_hands_and_a_sidecar_are_none_of_its_business(self, bound: Site) -> None:
        keep_plan(bound, pods=2)
        kube(bound, "annotate", "deployment", DEPLOYMENT, "team=blue")
        kube(bound, "patch", "deployment", DEPLOYMENT, "-p", '{"spec": {"revisionHistoryLimit": 4}}')
        (pod, *_) = kube(bound, "get", "pods", "-o", "name").split()
        container = json.loads(kube(bound, "get", pod, "-o", "json"))["spec"]["containers"][0]
        sidecar = {"name": "sidecar", "image": container["image"], "imagePullPolicy": "Never"}
        patch = json.dumps({"spec": {"ephemeralContainers": [sidecar]}})
        kube(bound, "patch", pod, "--subresource=ephemeralcontainers", "-p", patch)
        done = bound.run("apply", "plan.json", *FAST)
        assert done.code == 0, done
        assert (bound.release()["revision"], replicas(bound)) == (2, 2)

    def test_an_autoscaler_at_work_does_not_make_it_refuse(self, bound: Site) -> None:
        keep_plan(bound, pods=3)
        kube(bound, "autoscale", "deployment", DEPLOYMENT, "--min=3", "--max=3")
        try:
            wait_for(lambda: replicas(bound) == 3, "the autoscaler scales")
            done = bound.run("apply", "plan.json", *FAST)
        finally:
            kube(bound, "delete", "hpa", DEPLOYMENT)
        assert done.code == 0, done
        assert bound.release()["revision"] == 3

    def test_a_hand_on_a_field_that_it_changes_is_refused(self, bound: Site) -> None:
        keep_plan(bound, pods=3, delay=1)
        kube(bound, "set", "env", f"deployment/{DEPLOYMENT}", "STANDIN_START_DELAY=2")
        done = bound.run("apply", "plan.json", *FAST)
        assert done.code == 1, done
        assert re.search(
            f"changed in the cluster since the plan: Deployment {DEPLOYMENT} "
            r"spec\.template\.spec\.containers\[[a-z-]+\]\.env\[STANDIN_START_DELAY\]\.value\n",
            done.err,
        )
        assert bound.release()["revision"] == 3
        found = kube(bound, "set", "env", f"deployment/{DEPLOYMENT}", "--list")
        assert "STANDIN_START_DELAY=2" in found


def keep_plan(site: Site, *, pods: int, delay: int = 0) -> None:
    text = re.sub(r"replicaCount: \d", f"replicaCount: {pods}", site.file.read_text())
    site.file.write_text(re.sub(r'(DELAY, value: )"\d"', rf'\1"{delay}"', text))
    done = site.run("plan", "--version", "4.0.0", "--detailed-exitcode", "--out", "plan.json")
    assert done.code == 2, done


def kube(site: Site, *args: str) -> str:
    return site.world.kube("-n", site.namespace, *args)


def replicas(site: Site) -> int:
    return int(json.loads(kube(site, "get", "deployment", DEPLOYMENT, "-o", "json"))["spec"]["replicas"])


class TestCatalogue:
    """What is asked of the catalogue, and what where it does not answer."""

    def test_without_a_hub_the_index_is_used_and_said(self, steady: Site, catalogue: Catalogue) -> None:
        catalogue.faults(hub=["503"])
        try:
            done = steady.run(
                "plan", "--version", "5.3.0", "--repo", catalogue.repo_url, **own_cache(steady.folder)
            )
        finally:
            catalogue.faults()
        assert done.code == 0, done
        assert "tyk-oss 4.0.0 -> tyk-oss 5.3.0" in done.out
        assert "Artifact Hub" in done.out

    def test_a_version_that_does_not_exist_names_the_nearest(self, steady: Site) -> None:
        done = steady.run("plan", "--version", "5.2.9")
        assert done.code == 1, done
        assert "5.3.0" in done.err

    def test_a_range_takes_the_newest_in_it(self, steady: Site) -> None:
        done = steady.run("plan", "--version", "5.1.x")
        assert done.code == 0, done
        assert "tyk-oss 4.0.0 -> tyk-oss 5.1.1" in done.out

    def test_a_range_without_match(self, steady: Site) -> None:
        done = steady.run("plan", "--version", "~9.1")
        assert done.code == 1, done
        assert "~9.1" in done.err
