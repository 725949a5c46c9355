"""Plans that are kept, reviewed and carried out exactly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from testbed.catalogue import Catalogue
from tests.live.harness import FAST, Site, own_cache


@pytest.fixture(scope="module")
def plan(planned: Site) -> Path:
    """A plan of the upgrade to 5.3.0, made before anything else happened."""
    done = planned.run("plan", "--version", "5.3.0", "--detailed-exitcode", "--out", "plan.json")
    assert done.code == 2, done
    assert planned.release()["revision"] == 1
    return planned.folder / "plan.json"


def test_a_plan_file_holds_no_secret(planned: Site, plan: Path) -> None:
    assert not planned.world.canaries.found_in(plan.read_text())
    assert json.loads(plan.read_text())["kind"] == "SavedPlan"


def test_plan_as_json_is_one_document(planned: Site) -> None:
    done = planned.run("plan", "--version", "5.3.0", "-o", "json")
    assert done.code == 0, done
    assert "5.3.0" in json.dumps(done.json)


def test_a_plan_whose_values_moved_is_refused(planned: Site, plan: Path) -> None:
    original = planned.file.read_text()
    planned.file.write_text(original.replace("replicas: 1", "replicas: 3") + "# edited after the review\n")
    done = planned.run("apply", plan.name, *FAST)
    planned.file.write_text(original)
    assert done.code == 1, done
    assert "Refused" in done.err
    assert "values.yaml" in done.err
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
    assert "revision: was 1, is 3" in done.err
    assert planned.release()["revision"] == 3


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
