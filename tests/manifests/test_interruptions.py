"""Lost requests, foretold: which of a workload's traits lose them, and which only could."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from helm_tyk_upgrade.manifests.interruptions import interruptions
from helm_tyk_upgrade.manifests.split import ManifestObject, split
from helm_tyk_upgrade.model.kubernetes import UNCOUNTED, Interruption

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "manifests"
PROBE = {"httpGet": {"path": "/hello", "port": 8080}}
SAFE = {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


def workload(
    kind: str = "Deployment",
    *,
    strategy: dict[str, Any] | None = None,
    stop: dict[str, Any] | None = None,
    probe: bool = True,
    grace: int | None = None,
    **spec: Any,
) -> dict[str, Any]:
    """Good in every way unless told: 2 replicas, never fewer, a preStop sleep, a readiness probe."""
    container: dict[str, Any] = {"name": "web", "image": "x", "ports": [{"containerPort": 80}]}
    container["lifecycle"] = {"preStop": {"sleep": {"seconds": 5}} if stop is None else stop}
    if probe:
        container["readinessProbe"] = PROBE
    pod: dict[str, Any] = {"containers": [{"name": "sidecar", "image": "y"}, container]}
    if grace is not None:
        pod["terminationGracePeriodSeconds"] = grace
    name = "strategy" if kind == "Deployment" else "updateStrategy"
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web"},
        "spec": {"replicas": 2, name: SAFE if strategy is None else strategy, "template": template} | spec,
    }


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": {"app": "web"}},
}
BUDGET = {"metadata": {"namespace": "apis"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}}


def objects(*given: dict[str, Any]) -> tuple[ManifestObject, ...]:
    return split(yaml.safe_dump_all(given))


def judge(
    old: dict[str, Any] | None,
    new: dict[str, Any],
    *,
    service: dict[str, Any] | None = SERVICE,
    live: int = 0,
    budgets: list[dict[str, Any]] | None = None,
) -> tuple[Interruption, ...]:
    beside = [service] if service else []
    scaler = {
        "metadata": {"namespace": "apis"},
        "spec": {"scaleTargetRef": {"kind": new["kind"], "name": "web"}},
        "status": {"desiredReplicas": live},
    }
    return interruptions(
        objects(*([old] if old else []), *beside),
        objects(new, *beside),
        {("Deployment", "web")},
        [scaler] if live else [],
        [BUDGET] if budgets is None else budgets,
        "apis",
    )


def rules(found: tuple[Interruption, ...]) -> list[str]:
    return [each.rule for each in found if each.certain]


def risks(found: tuple[Interruption, ...]) -> list[str]:
    return [each.rule for each in found if not each.certain]


def test_a_good_workload_loses_nothing() -> None:
    assert judge(workload(), workload()) == ()


@pytest.mark.parametrize(
    ("strategy", "replicas", "stops"),
    [
        ({"rollingUpdate": {"maxUnavailable": 1}}, 1, True),  # what every published Tyk chart does by default
        ({"rollingUpdate": {"maxUnavailable": 1}}, 2, False),
        ({"rollingUpdate": {"maxUnavailable": 2}}, 2, True),
        ({"rollingUpdate": {"maxUnavailable": "100%"}}, 3, True),
        ({"rollingUpdate": {"maxUnavailable": "50%"}}, 1, False),  # rounded down
        ({}, 1, False),  # 25 % of 1 is none, and one more pod may start first
        ({"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 0}}, 1, True),  # then one may be missing
        ({"rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 0}}, 1, True),
        ({"type": "Recreate"}, 5, True),
        ({"type": "Recreate"}, 0, False),
    ],
)
def test_whether_any_pod_of_a_deployment_stays(strategy: dict[str, Any], replicas: int, stops: bool) -> None:
    new = workload(strategy=strategy, replicas=replicas)
    assert rules(judge(workload(), new)) == (["all-pods-stop"] if stops else [])


def test_the_reason_names_what_happens() -> None:
    (found, *_) = judge(workload(), workload(strategy={"rollingUpdate": {"maxUnavailable": 1}}, replicas=1))
    assert found.reason == (
        "Deployment web: with maxUnavailable 1 its only pod stops before a new one is ready; "
        "nobody answers meanwhile"
    )
    assert found.hint == "run more replicas, or set maxUnavailable to 0"
    assert found.gateway


@pytest.mark.parametrize(
    ("kind", "changed", "expected"),
    [
        ("StatefulSet", {"replicas": 1, "strategy": {}}, ["all-pods-stop"]),
        ("StatefulSet", {"replicas": 2, "strategy": {}}, []),
        ("StatefulSet", {"replicas": 1, "strategy": {"type": "OnDelete"}}, []),
        ("DaemonSet", {"strategy": {}}, ["all-pods-stop"]),
        ("DaemonSet", {"strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}}, []),
        ("DaemonSet", {"strategy": {"rollingUpdate": {"maxSurge": "10%"}}}, []),
        ("DaemonSet", {"strategy": {"type": "OnDelete"}}, []),
    ],
)
def test_other_kinds_replace_their_pods_in_place(
    kind: str, changed: dict[str, Any], expected: list[str]
) -> None:
    found = judge(workload(kind), workload(kind, **changed))
    assert rules(found) == expected
    assert ("on-delete" in risks(found)) is (changed["strategy"].get("type") == "OnDelete")


@pytest.mark.parametrize(
    ("stop", "grace", "expected"),
    [
        ({}, None, ["requests-refused"]),
        ({"sleep": {"seconds": 0}}, None, ["requests-refused"]),
        ({"sleep": {"seconds": 5}}, None, []),
        ({"exec": {"command": ["sh", "-c", "sleep 15"]}}, None, []),
        ({"exec": {"command": ["sleep", "15"]}}, 10, ["requests-cut"]),
        ({"exec": {"command": ["sleep", "30"]}}, None, ["requests-cut"]),
        ({"sleep": {"seconds": 15}}, 60, []),
        ({"exec": {"command": ["/drain"]}}, None, []),  # who knows: it may wait
        ({"httpGet": {"path": "/stop", "port": 1}}, None, []),
    ],
)
def test_how_the_running_pods_stop(stop: dict[str, Any], grace: int | None, expected: list[str]) -> None:
    assert rules(judge(workload(stop=stop, grace=grace), workload())) == expected


def test_the_pods_that_stop_are_the_old_ones() -> None:
    assert rules(judge(workload(), workload(stop={}))) == []
    (found,) = judge(workload(stop={}), workload())
    assert "the next upgrade is better" in found.reason
    (found,) = judge(workload(stop={}), workload(stop={}))
    assert "next" not in found.reason


def test_a_new_workload_has_no_pods_that_stop() -> None:
    assert rules(judge(None, workload(stop={}))) == []


def test_new_pods_without_a_probe_get_requests_too_early() -> None:
    assert rules(judge(workload(), workload(probe=False))) == ["not-ready-yet"]
    assert rules(judge(workload(probe=False), workload())) == []


def test_nobody_sends_requests_to_a_workload_without_a_service() -> None:
    lonely = workload(stop={}, probe=False)
    assert judge(lonely, lonely, service=None) == ()
    other = {**SERVICE, "metadata": {"name": "web", "namespace": "elsewhere"}}
    assert judge(lonely, lonely, service=other) == ()


def test_an_autoscaler_counts_where_the_manifest_does_not() -> None:
    one_may_miss = {"rollingUpdate": {"maxUnavailable": 1}}
    free = workload(strategy=one_may_miss)
    del free["spec"]["replicas"]
    assert rules(judge(free, free)) == ["all-pods-stop"]
    assert rules(judge(free, free, live=3)) == []
    fixed = workload(strategy=one_may_miss, replicas=1)
    assert rules(judge(fixed, fixed, live=3)) == ["all-pods-stop"]  # Helm sets 1 first


def test_budgets_and_single_replicas_are_risks_of_drains_not_of_upgrades() -> None:
    elsewhere = {**BUDGET, "spec": {"selector": {"matchLabels": {"app": "other"}}}}
    assert risks(judge(workload(), workload(), budgets=[])) == ["no-budget"]
    assert risks(judge(workload(), workload(), budgets=[elsewhere])) == ["no-budget"]
    assert risks(judge(workload(), workload(replicas=1))) == ["single-replica"]
    assert rules(judge(workload(), workload(replicas=1))) == []


def test_a_budget_that_the_upgrade_brings_counts() -> None:
    brought = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", **BUDGET}
    brought["metadata"] = {"name": "guard"}
    stored, new = objects(workload(), SERVICE), objects(workload(), SERVICE, brought)
    assert interruptions(stored, new, (), [], [], "apis") == ()


def test_budgets_that_could_not_be_read_are_no_missing_ones() -> None:
    items = objects(workload(), SERVICE)
    assert interruptions(items, items, (), [], None, "apis") == ()


def test_the_gateway_comes_first_and_hooks_not_at_all() -> None:
    other, gateway = workload(stop={}), workload(stop={})
    other["metadata"] = {"name": "other"}
    hook = workload(stop={}, probe=False)
    hook["metadata"] = {"name": "hook", "annotations": {"helm.sh/hook": "test"}}
    items = objects(other, hook, gateway, SERVICE)
    found = interruptions(items, items, {("Deployment", "web")}, [], [BUDGET], "apis")
    assert [(each.id.name, each.gateway) for each in found] == [("web", True), ("other", False)]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded manifests are not here")
@pytest.mark.parametrize("version", ["1.0.0", "2.2.0", "4.0.0", "5.3.0"])
def test_no_published_chart_can_be_upgraded_without_loss(version: str) -> None:
    items = split((CORPUS / f"tyk-oss-{version}-default.yaml").read_text())
    found = interruptions(items, items, {("Deployment", "gateway-prod-tyk-gateway")}, [], [], "tyk")
    gateway = [each for each in found if each.gateway]
    assert rules(tuple(gateway)) == ["all-pods-stop", "requests-refused"]
    assert risks(tuple(gateway)) == ["single-replica"]


def uncounted(
    old: int | None, new: int | None, strategy: dict[str, Any], kind: str = "Deployment"
) -> tuple[Interruption, ...]:
    """No count in the manifest, live autoscalers unread; old and new: minReplicas of the release's own, if any."""
    free = workload(kind, strategy=strategy)
    del free["spec"]["replicas"]
    lists = []
    for least in (old, new):
        spec = {"scaleTargetRef": {"kind": kind, "name": "web"}, "minReplicas": least}
        scaler = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "hpa"}, "spec": spec}
        lists.append(objects(free, SERVICE, *([] if least is None else [scaler])))
    stored, new_ones = lists
    return interruptions(stored, new_ones, {(kind, "web")}, None, [BUDGET], "apis")


ONE_MAY_MISS = {"rollingUpdate": {"maxUnavailable": 1}}


@pytest.mark.parametrize(
    ("old", "new", "strategy", "expected"),
    [
        (3, 3, ONE_MAY_MISS, []),
        (3, 1, ONE_MAY_MISS, [UNCOUNTED]),
        (None, 3, ONE_MAY_MISS, [UNCOUNTED]),  # it has scaled nothing yet
        (None, None, ONE_MAY_MISS, [UNCOUNTED]),
        (None, None, {}, []),  # whatever the count, one more starts first
        (3, 3, {"rollingUpdate": {"maxUnavailable": 3}}, [UNCOUNTED]),  # 3 at least, there may be more
    ],
)
def test_without_a_count_no_loss_of_all_pods_is_certain(
    old: int | None, new: int | None, strategy: dict[str, Any], expected: list[str]
) -> None:
    found = uncounted(old, new, strategy)
    assert (rules(found), risks(found)) == ([], expected)
    assert all("how many pods run is not known" in each.reason for each in found)


@pytest.mark.parametrize(
    "strategy", [{"type": "Recreate"}, {"rollingUpdate": {"maxUnavailable": "100%", "maxSurge": 0}}]
)
def test_what_stops_all_pods_however_many_is_certain(strategy: dict[str, Any]) -> None:
    assert rules(uncounted(3, 3, strategy)) == ["all-pods-stop"]


def test_a_stateful_set_without_a_count_may_have_one_pod() -> None:
    assert risks(uncounted(None, None, {}, "StatefulSet")) == [UNCOUNTED]
    assert uncounted(2, 2, {}, "StatefulSet") == ()
