"""A machine that dies in the middle of a run, and another one, with an empty home and no values file, that goes on or
back: the end state is that of a run that nobody disturbed."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.end_state import differences, end_state
from tests.live.conftest import NewSite
from tests.live.harness import FAST, FULL, Site

UP = ("upgrade", "--yes", *FAST, "--version", "4.0.0", "--gateway-version", "5.13.1")
DEAD = json.dumps({"spec": {"renewTime": "2020-01-01T00:00:00.000000Z"}})


@dataclass(frozen=True)
class Known:
    """The end states of undisturbed runs on the machine that has the values file."""

    site: Site
    before: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(scope="module")
def known(new_site: NewSite) -> Known:
    site = new_site("elsewhere")
    site.install("4.0.0", site.world.values(tag="v5.9.1"))
    assert site.run(*UP).code == 0
    after = end_state(site)
    assert site.run("rollback", "--yes", *FAST).code == 0
    forget(site)
    return Known(site, end_state(site), after)


def forget(site: Site) -> None:
    """What the runs of a test left in the cluster."""
    site.world.kube("-n", site.namespace, "delete", "lease", "--all")
    site.world.kube(
        "-n", site.namespace, "delete", "secret", "-l", "app.kubernetes.io/managed-by=tyk-upgrade"
    )


@pytest.fixture
def here(known: Known, tmp_path: Path) -> Iterator[Site]:
    """A machine with the values file; its state is of this test alone."""
    site = replace(known.site, env={"TYK_UPGRADE_STATE_DIR": str(tmp_path / "here" / "state")})
    yield site
    if end_state(site) != known.before:
        site.world.helm("uninstall", "tyk", "-n", site.namespace, "--wait")
        site.install("4.0.0", site.world.values(tag="v5.9.1"))
    site.world.kube("-n", site.namespace, "delete", "lease", "--all")
    site.world.kube(
        "-n", site.namespace, "delete", "secret", "-l", "app.kubernetes.io/managed-by=tyk-upgrade"
    )


@pytest.fixture
def there(known: Known, tmp_path: Path) -> Site:
    return other_machine(known.site, tmp_path / "there")


def other_machine(site: Site, folder: Path) -> Site:
    """The same release, seen from a machine that knows nothing of it."""
    home = folder / "home"
    home.mkdir(parents=True)
    env = {
        "HOME": str(home),
        "HELM_CACHE_HOME": str(home / "cache"),
        "TYK_UPGRADE_STATE_DIR": str(home / "state"),
    }
    return replace(site, folder=home, env=env)


def killed(site: Site, moment: str, *more: str) -> None:
    done = site.run(moment, *UP, *more, module="tests.faults.killed")
    assert done.code == -9, done
    site.world.kube("-n", site.namespace, "patch", "lease", "tyk-upgrade-tyk", "--type=merge", "-p", DEAD)


def records(site: Site) -> list[dict[str, Any]]:
    found = site.world.kube(
        *(
            "-n",
            site.namespace,
            "get",
            "secrets",
            "-l",
            "app.kubernetes.io/managed-by=tyk-upgrade",
            "-o",
            "json",
        )
    )
    return list(json.loads(found)["items"])


def state_of(site: Site) -> Path:
    return Path(site.settings["TYK_UPGRADE_STATE_DIR"])


def lines_of(site: Site) -> list[bytes]:
    """Of the newest run's journal on this machine."""
    return max((state_of(site) / "runs").glob("*/journal.jsonl")).read_bytes().splitlines()


def recorded_state(record: dict[str, Any]) -> str:
    return str(record["metadata"]["annotations"]["tyk-upgrade/state"])


def recorded_lines(record: dict[str, Any]) -> list[bytes]:
    return gzip.decompress(base64.b64decode(record["data"]["journal.gz"])).splitlines()


@pytest.mark.parametrize(
    "moment",
    [
        "write_values:end",
        "upgrade:begin+0.6",
        "prove:begin",
        pytest.param("upgrade:begin", marks=FULL),
        pytest.param("upgrade:end", marks=FULL),
        pytest.param("unlock:begin", marks=FULL),
    ],
)
def test_another_machine_resumes_to_the_same_end(known: Known, here: Site, there: Site, moment: str) -> None:
    values = here.file.read_bytes()
    killed(here, moment)
    resumed = there.run("resume", "--yes")
    assert resumed.code == 0, resumed
    assert "Another machine had it last" in resumed.err
    assert "Not in this folder, so its edit is not written here" in resumed.err
    assert not there.file.exists()
    found = end_state(here)
    if not moment.startswith("write_values:begin") or here.file.read_bytes() != values:
        assert differences(found, known.after) == []
    else:  # the edit was never written: no machine with the file has gone on
        assert differences({**found, "values": b""}, {**known.after, "values": b""}) == []
        (kept,) = state_of(there).glob("runs/*/to-write/*")
        assert kept.read_bytes() == known.after["values"]
    (record,) = records(here)
    assert recorded_state(record) == "ended"
    assert len(recorded_lines(record)) == len(lines_of(there))


@pytest.mark.parametrize("moment", ["write_values:end", "watch:begin", pytest.param("prove:end", marks=FULL)])
def test_another_machine_rolls_back(known: Known, here: Site, there: Site, moment: str) -> None:
    killed(here, moment)
    back = there.run("rollback", "--yes", *FAST)
    assert back.code == 0, back
    assert "from its record in the cluster" in back.err
    assert "values.yaml: it is not here" in back.err, back.err
    found, before = end_state(here), known.before
    assert differences({**found, "values": b""}, {**before, "values": b""}) == []
    assert found["values"] == known.after["values"]  # only its own machine can put it back
    run = next((state_of(here) / "runs").iterdir()).name
    assert here.run("backup", "restore", run, "--yes").code == 0
    assert differences(end_state(here), before) == []


def test_the_first_machine_learns_that_another_went_on(here: Site, there: Site) -> None:
    killed(here, "upgrade:end")
    (run,) = (path.name for path in (state_of(here) / "runs").iterdir())
    assert there.run("resume", "--yes", run).code == 0
    listed = here.run("runs")
    assert f"{run}" in listed.out
    assert "ended elsewhere" in listed.out
    again = here.run("resume", "--yes", run)
    assert again.code == 1, again
    assert "has come to its end" in again.err
    shown = here.run("runs", run)
    assert "another machine went on with it" in shown.err
    assert "unlock" in shown.out


def test_a_run_of_another_machine_is_shown_step_by_step(here: Site, there: Site) -> None:
    killed(here, "watch:begin")
    (run,) = (path.name for path in (state_of(here) / "runs").iterdir())
    listed = there.run("runs", "-o", "json")
    (item,) = listed.json["items"]
    assert (item["run"], item["state"]) == (run, "elsewhere, not ended")
    shown = there.run("runs", run, "-o", "json").json["run"]
    assert [entry["step"] for entry in shown["entries"]][-1] == "upgrade"  # the line it died at was not sent
    assert there.run("runs", "20200101-000000-000000").code == 1


def test_three_records_of_a_release_stay(known: Known, here: Site) -> None:
    """Each run changes the release and is proven: four in a row."""
    for command in (UP, ("rollback", "--yes", *FAST), UP, ("rollback", "--yes", *FAST)):
        done = here.run(*command)
        assert done.code == 0, done
    runs = sorted(path.name for path in (state_of(here) / "runs").iterdir())
    kept = sorted(record["metadata"]["labels"]["tyk-upgrade/run"] for record in records(here))
    assert (len(runs), kept) == (4, runs[1:])
    assert {recorded_state(record) for record in records(here)} == {"ended"}


def test_no_secret_is_readable_in_a_record_but_in_its_data(here: Site) -> None:
    assert here.run(*UP).code == 0
    (record,) = records(here)
    canaries = here.world.canaries
    assert record["type"] == "tyk-upgrade/run"
    assert canaries.found_in(json.dumps(record["metadata"])) == []
    lines = b"\n".join(recorded_lines(record)).decode()
    assert canaries.found_in(lines) == []
    assert sum(len(base64.b64decode(value)) for value in record["data"].values()) < 1 << 20


def test_without_a_home_the_cluster_has_the_run(known: Known, here: Site, there: Site) -> None:
    """A pipeline whose home cannot be written, cut off; another pod of it goes on."""
    homeless = replace(here, env={"XDG_STATE_HOME": "/dev/null", "TYK_UPGRADE_STATE_DIR": ""})
    done = homeless.run("upgrade:end", *UP, module="tests.faults.killed")
    assert done.code == -9, done
    assert "cannot be written: journal and bundle are in" in done.err
    homeless.world.kube("-n", here.namespace, "patch", "lease", "tyk-upgrade-tyk", "--type=merge", "-p", DEAD)
    resumed = replace(homeless, folder=there.folder).run("resume", "--yes")
    assert resumed.code == 0, resumed
    assert differences(end_state(here), known.after) == []


NO_NEW_SECRETS = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pipeline}
rules:
  - {apiGroups: [""], resources: [secrets], verbs: [get, list, watch, patch, update]}
  - apiGroups: ["", apps, autoscaling, batch, policy, coordination.k8s.io, networking.k8s.io]
    resources: [configmaps, services, serviceaccounts, pods, pods/log, pods/portforward, events, deployments,
      replicasets, statefulsets, daemonsets, horizontalpodautoscalers, jobs, poddisruptionbudgets, leases, ingresses,
      services/proxy, pods/proxy, persistentvolumeclaims]
    verbs: ["*"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: pipeline}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pipeline}
subjects: [{kind: User, name: pipeline}]
"""


def test_without_the_right_to_make_secrets_the_run_is_local_and_says_so(
    new_site: NewSite, tmp_path: Path
) -> None:
    """Helm keeps its releases in ConfigMaps here: it needs no new Secret."""
    site = new_site("local-only")
    driver = {"HELM_DRIVER": "configmap"}
    world = replace(site.world, env={**site.world.env, **driver})
    site = replace(site, world=world)
    site.install("4.0.0", world.values(tag="v5.9.1"))
    world.kube("-n", site.namespace, "apply", "-f", "-", stdin=NO_NEW_SECRETS)
    limited = replace(site, env={"HELM_KUBEASUSER": "pipeline"})
    done = limited.run(*UP)
    assert done.code == 0, done
    assert "The record in the cluster does not have all of this run" in done.err
    assert "cannot create resource" in done.err
    assert records(site) == []
    there = other_machine(limited, tmp_path / "there")
    assert (
        "neither on this machine nor recorded" in there.run("resume", "--yes", "20200101-000000-000000").err
    )
    assert "ended" in limited.run("runs").out
