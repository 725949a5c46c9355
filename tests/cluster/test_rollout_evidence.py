"""What pods and events prove: texts as Kubernetes 1.34 and containerd wrote them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from helm_tyk_upgrade.cluster.rollout_evidence import Exits, evidence_of, remember
from helm_tyk_upgrade.model.pods import Condition, Container, Evidence, Pod, PodEvent, Rollout
from tests.cluster.test_pods import DONE, pod

T0 = datetime(2026, 11, 23, 20, 0, tzinfo=timezone.utc)
IMAGE = "docker.tyk.io/tyk-gateway/tyk-gateway:v9.9.9"
PULL = f'Failed to pull image "{IMAGE}": failed to resolve reference "{IMAGE}": '
NO_TAG = PULL + f'rpc error: code = NotFound desc = "{IMAGE}": not found'
UNKNOWN = PULL + "manifest unknown: manifest unknown"
NO_HOST = PULL + "failed to do request: dial tcp: lookup docker.tyk.io: no such host"
DNS = PULL + "dial tcp: lookup docker.tyk.io on 10.0.0.10:53: read udp: i/o timeout"
BUSY = PULL + "unexpected status code 429 Too Many Requests"
BROKEN = PULL + "unexpected status code 503 Service Unavailable: backend not found"
REFUSED = PULL + "dial tcp 10.1.1.1:5000: connect: connection refused"
DENIED = PULL + "pull access denied, repository does not exist or may require authorization"


def waiting(reason: str, message: str = "", **changes: Any) -> Pod:
    container = Container("web", IMAGE, "", "waiting", reason, message, **changes)
    return replace(pod("p", ready=False), containers=(container,), created=T0)


def event(reason: str, message: str, count: int = 1, about: str = "Pod/p") -> PodEvent:
    return PodEvent(T0 + timedelta(seconds=10), "Warning", reason, message, about, count, T0)


NEVER = f'Container image "{IMAGE}" is not present with pull policy of Never'


@pytest.mark.parametrize(
    ("events", "what", "kind"),
    [
        ((event("ErrImageNeverPull", NEVER),), "image-never-pulled", "terminal"),
        ((event("ErrImageNeverPull", NEVER.replace("v9", "v8")),), "starting", "waiting"),
        (
            (event("InspectFailed", f'Failed to apply default image tag "{IMAGE}": invalid'),),
            "invalid-image-name",
            "terminal",
        ),
        ((event("InspectFailed", f'Failed to inspect image "{IMAGE}": busy'),), "starting", "waiting"),
        ((event("Failed", NO_TAG, 2),), "image-not-found", "terminal"),
        ((event("Failed", NO_TAG, 2), event("Pulled", f'pulled "{IMAGE}"')), "starting", "waiting"),
    ],
)
def test_events_tell_of_an_image_before_the_status_does(
    events: tuple[PodEvent, ...], what: str, kind: str
) -> None:
    found = judge((waiting("ContainerCreating"),), events)
    assert [(item.what, item.kind) for item in found] == [(what, kind)]


def judge(
    pods: tuple[Pod, ...], events: tuple[PodEvent, ...] = (), after: float = 0, **options: Any
) -> list[Evidence]:
    rollout = Rollout(replace(DONE, desired=1), pods, (), False, "not yet")
    return list(evidence_of(rollout, events, T0 + timedelta(seconds=after), **options))


@pytest.mark.parametrize(
    ("found", "events", "what", "kind"),
    [
        (waiting("InvalidImageName", "couldn't parse"), (), "invalid-image-name", "terminal"),
        (waiting("ErrImageNeverPull", "not present"), (), "image-never-pulled", "terminal"),
        (waiting("ImagePullBackOff"), (event("Failed", NO_TAG, 2),), "image-not-found", "terminal"),
        (
            waiting("ErrImagePull"),
            (event("Failed", NO_TAG), event("Failed", UNKNOWN)),
            "image-not-found",
            "terminal",
        ),
        (waiting("ImagePullBackOff"), (event("Failed", NO_HOST, 2),), "pull-failing", "waiting"),
        (waiting("ImagePullBackOff"), (event("Failed", DENIED, 2),), "pull-failing", "waiting"),
        (waiting("ErrImagePull"), (event("Failed", NO_TAG, 1),), "pull-failing", "waiting"),
        (waiting("ImagePullBackOff"), (event("Failed", DNS, 9),), "pull-failing", "waiting"),
        (waiting("ImagePullBackOff"), (event("Failed", BUSY, 9),), "pull-failing", "waiting"),
        (waiting("ImagePullBackOff"), (event("Failed", BROKEN, 9),), "pull-failing", "waiting"),
        (waiting("ImagePullBackOff"), (event("Failed", REFUSED, 9),), "pull-failing", "waiting"),
        (
            waiting("ImagePullBackOff"),
            (event("Failed", "Error: ImagePullBackOff", 9),),
            "pull-failing",
            "waiting",
        ),
        (
            waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
            (),
            "runs-as-root",
            "terminal",
        ),
        (
            waiting("CreateContainerConfigError", "container's runAsUser breaks non-root policy"),
            (),
            "runs-as-root",
            "terminal",
        ),
        (waiting("CreateContainerConfigError", 'secret "x" not found'), (), "config-missing", "waiting"),
        (
            waiting("CreateContainerConfigError", "couldn't find key a in Secret tyk/x"),
            (),
            "config-missing",
            "waiting",
        ),
        (
            waiting("ContainerCreating"),
            (event("FailedMount", 'MountVolume.SetUp failed for volume "v" : configmap "x" not found'),),
            "config-missing",
            "waiting",
        ),
        (
            waiting("ContainerCreating"),
            (event("FailedMount", "timed out waiting for the condition"),),
            "starting",
            "waiting",
        ),
        (waiting("ContainerCreating"), (), "starting", "waiting"),
        (waiting("PodInitializing"), (), "starting", "waiting"),
    ],
)
def test_a_container_that_waits(found: Pod, events: tuple[PodEvent, ...], what: str, kind: str) -> None:
    [item] = judge((found,), events)
    assert (item.what, item.kind, item.pod) == (what, kind, "p")


@pytest.mark.parametrize(
    ("message", "what", "kind"),
    [
        ('pods "x" is forbidden: exceeded quota: q, requested: pods=1', "quota-exceeded", "waiting"),
        ('pods "x" is forbidden: violates PodSecurity "restricted:latest"', "admission-denied", "terminal"),
        ('admission webhook "a.b" denied the request: no', "admission-denied", "terminal"),
        ('failed calling webhook "a.b": context deadline exceeded', "webhook-failing", "waiting"),
        ("error looking up service account tyk/x: serviceaccount not found", "config-missing", "waiting"),
    ],
)
def test_pods_that_are_not_created(message: str, what: str, kind: str) -> None:
    condition = Condition("ReplicaFailure", "True", "FailedCreate", message, T0)
    rollout = Rollout(replace(DONE, conditions=(condition,)), (), (), False, "not yet")
    [item] = evidence_of(rollout, (), T0)
    assert (item.what, item.kind, item.pod, item.since) == (what, kind, "", T0)
    stateful = Rollout(replace(DONE, kind="StatefulSet"), (), (), False, "not yet")
    [item] = evidence_of(stateful, (event("FailedCreate", message, about="StatefulSet/gateway"),), T0)
    assert (item.what, item.kind) == (what, kind)


@pytest.mark.parametrize(
    ("message", "what"),
    [
        ("0/3 nodes are available: 3 Insufficient cpu.", "unschedulable"),
        ('0/1 nodes are available: persistentvolumeclaim "x" not found.', "config-missing"),
    ],
)
def test_a_pod_that_no_node_takes_waits(message: str, what: str) -> None:
    condition = Condition("PodScheduled", "False", "Unschedulable", message, T0)
    [item] = judge((replace(waiting(""), conditions=(condition,)),))
    assert (item.what, item.kind, item.since) == (what, "waiting", T0)


def test_a_pod_that_runs_but_is_not_ready_waits_with_the_probes_words() -> None:
    running = Container("web", IMAGE, "", "running")
    found = replace(waiting(""), containers=(running,))
    [item] = judge((found,), (event("Unhealthy", "Readiness probe failed: refused", 25),))
    assert (item.what, item.kind, item.detail) == ("not-ready", "waiting", "Readiness probe failed: refused")


@pytest.mark.parametrize(("after", "kind"), [(29, "waiting"), (30, "terminal")])
def test_a_missing_object_is_terminal_after_its_grace(after: float, kind: str) -> None:
    found = waiting("CreateContainerConfigError", 'secret "x" not found')
    events = (event("Failed", 'Error: secret "x" not found', 3),)
    assert judge((found,), events, after)[0].kind == kind


@pytest.mark.parametrize(("after", "kind"), [(59, "waiting"), (61, "terminal")])
def test_a_class_may_be_given_a_grace(after: float, kind: str) -> None:
    condition = Condition("PodScheduled", "False", "Unschedulable", "0/3 nodes", T0)
    found = replace(waiting(""), conditions=(condition,))
    assert judge((found,), (), after, grace={"unschedulable": 60.0})[0].kind == kind


def crashed(restarts: int, code: int = 1, running: bool = False) -> Pod:
    container = Container(
        "web",
        IMAGE,
        "",
        "running" if running else "waiting",
        "" if running else "CrashLoopBackOff",
        restarts=restarts,
        last_exit_code=code,
        last_reason="Error",
    )
    return replace(waiting(""), containers=(container,))


@pytest.mark.parametrize(
    ("last", "what"), [(0, "crashing"), (1, "crashing"), (2, "same-exit"), (4, "same-exit")]
)
def test_the_third_same_exit_is_terminal(last: int, what: str) -> None:
    exits: Exits = {}
    for restarts in range(last):
        exits = remember(exits, (crashed(restarts),))
    [item] = judge((crashed(last),), exits=exits)
    assert (item.what, item.kind) == (what, "terminal" if what == "same-exit" else "waiting")
    assert "exit code 1" in item.detail


@pytest.mark.parametrize("restarts", [2, 50])
def test_exits_that_nobody_saw_prove_nothing(restarts: int) -> None:
    [item] = judge((crashed(restarts),))
    assert (item.what, item.kind) == ("crashing", "waiting")
    exits = remember({}, (crashed(restarts),))
    exits = remember(exits, (crashed(restarts + 1),))
    assert judge((crashed(restarts + 2),), exits=exits)[0].what == "same-exit"


def test_a_container_that_has_just_ended_tells_its_last_two_exits() -> None:
    ended = Container("web", IMAGE, "", "terminated", "Error", restarts=1, exit_code=2, last_exit_code=1)
    found = replace(waiting(""), containers=(ended,))
    assert remember({}, (found,)) == {("p", "web"): (1, 2)}
    assert remember({("p", "web"): (1,)}, (found,)) == {("p", "web"): (1, 2)}


def test_exits_that_differ_are_not_the_same() -> None:
    exits = remember({}, (crashed(0, code=1),))
    exits = remember(exits, (crashed(1, code=2),))
    assert judge((crashed(2, code=1),), exits=exits)[0].what == "crashing"
    exits = remember(exits, (crashed(2, code=1),))
    exits = remember(exits, (crashed(3, code=1),))
    assert judge((crashed(4, code=1),), exits=exits)[0].what == "same-exit"


def test_an_exit_is_remembered_once_however_often_it_is_seen() -> None:
    exits = remember({}, (crashed(0),))
    assert remember(exits, (crashed(0),)) == exits
    assert remember(exits, (crashed(1, running=True),)) == exits  # the restart after that exit
    assert remember(exits, (crashed(2),)) == {("p", "web"): (1, None, 1)}


def test_terminal_evidence_comes_first() -> None:
    found = judge((waiting("ContainerCreating"), waiting("InvalidImageName", "bad")))
    assert [item.kind for item in found] == ["terminal", "waiting"]


def test_a_complete_rollout_and_a_finished_init_container_are_no_evidence() -> None:
    assert evidence_of(Rollout(DONE, (waiting("InvalidImageName"),), (), True, "done"), (), T0) == ()
    init = Container("setup", "busybox", "", "terminated", "Completed", exit_code=0, init=True)
    fine = replace(pod("p"), containers=(init, Container("web", IMAGE, "", "running", ready=True)))
    assert judge((fine,)) == []


def test_the_clusters_words_cannot_move_the_cursor() -> None:
    assert "\x1b" not in judge((waiting("InvalidImageName", "\x1b[2J"),))[0].detail
