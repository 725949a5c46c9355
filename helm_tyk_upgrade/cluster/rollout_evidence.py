"""What pods and events prove about a rollout that does not complete. Pure.

The texts are those of the kubelet, the scheduler, the controllers and containerd, Kubernetes 1.34 (they are
older).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from helm_tyk_upgrade.model.pods import Container, Evidence, EvidenceClass, Pod, PodEvent, Rollout
from helm_tyk_upgrade.model.secrets import printable

GRACE: Mapping[EvidenceClass, float] = {"config-missing": 30.0}
"""Seconds after which waiting of a class counts as terminal. A chart may create a Secret after the
Deployment."""

_TERMINAL: frozenset[EvidenceClass] = frozenset(
    {
        "invalid-image-name",
        "image-not-found",
        "image-never-pulled",
        "admission-denied",
        "runs-as-root",
        "same-exit",
    }
)
_IMAGE_EVENTS: Mapping[str, EvidenceClass] = {
    "is not present with pull policy of Never": "image-never-pulled",
    "Failed to apply default image tag": "invalid-image-name",
}
"""By the kubelet's words, pkg/kubelet/images/image_manager.go: one reason stands for several of them."""
_TIMES = 3
"""The same exit so often is no accident."""
_ABSENT = re.compile(r"not found|manifest unknown|does not exist|name unknown", re.I)
# A name server may recover and a pull secret may come; only the registry's own "there is none" is final.
_PASSING = re.compile(
    r"429|too many requests|\b50[0-4]\b|timeout|timed out|refused|reset|EOF|temporary|no such host|denied|unauthorized"
    r"|authorization",
    re.I,
)
_MISSING = re.compile(
    r"(secret|configmap|persistentvolumeclaim|serviceaccount|object) \S+ not found|references non-existent",
    re.I,
)
_AS_ROOT = re.compile(r"runAsNonRoot|non-root policy")

Exits = Mapping[tuple[str, str], tuple[int | None, ...]]
"""Exit codes seen so far by (pod uid, container), oldest first; None for one that nobody looked at."""


def remember(exits: Exits, pods: Iterable[Pod]) -> Exits:
    """`exits` with what these pods show. A container tells only its last exit and how often it was
    restarted."""
    seen = dict(exits)
    for pod in pods:
        for container in pod.containers:
            key, count = (pod.uid, container.name), _exits(container)
            known = seen.get(key, ())
            if count > len(known):
                told = _told(container)[-(count - len(known)) :]
                seen[key] = (*known, *(None for _ in range(count - len(known) - len(told))), *told)
    return seen


def evidence_of(
    rollout: Rollout,
    events: Sequence[PodEvent],
    now: datetime,
    *,
    exits: Exits | None = None,
    grace: Mapping[EvidenceClass, float] | None = None,
) -> tuple[Evidence, ...]:
    """All evidence, terminal first. events: of the workload and its new pods; exits: from `remember`, else
    what the pods show now; grace: seconds by class, over GRACE. A complete rollout has none."""
    if rollout.complete:
        return ()
    allowed = {**GRACE, **(grace or {})}
    known = remember(exits or {}, rollout.new_pods)
    found = [*_of_workload(rollout, events)]
    for pod in rollout.new_pods:
        found += _of_pod(pod, events, known)
    judged = [_judged(item, now, allowed) for item in found]
    return tuple(sorted(judged, key=lambda item: item.kind))


def _judged(item: Evidence, now: datetime, allowed: Mapping[EvidenceClass, float]) -> Evidence:
    if item.what in _TERMINAL:
        return _as_terminal(item)
    patience = allowed.get(item.what)
    if patience is None or item.since is None or (now - item.since).total_seconds() < patience:
        return item
    return _as_terminal(item)


def _as_terminal(item: Evidence) -> Evidence:
    return Evidence("terminal", item.what, item.pod, item.since, item.detail)


def _of_workload(rollout: Rollout, events: Sequence[PodEvent]) -> Iterator[Evidence]:
    """Pods that could not even be created: a Deployment says so in a condition, the others only in events."""
    for condition in rollout.workload.conditions:
        if condition.type == "ReplicaFailure" and condition.status == "True":
            yield _evidence(_refusal(condition.message), "", condition.since, condition.message)
    if rollout.workload.kind != "Deployment" and len(rollout.new_pods) < rollout.workload.desired:
        for event in [event for event in events if event.reason == "FailedCreate"][-1:]:
            yield _evidence(_refusal(event.message), "", event.first or event.time, event.message)


def _refusal(message: str) -> EvidenceClass:
    if "exceeded quota" in message:
        return "quota-exceeded"
    if "error looking up service account" in message or _MISSING.search(message):
        return "config-missing"
    if "failed calling webhook" in message:
        return "webhook-failing"
    if "denied" in message or "forbidden" in message or "is invalid" in message:
        return "admission-denied"
    return "starting"


def _of_pod(pod: Pod, events: Sequence[PodEvent], exits: Exits) -> Iterator[Evidence]:
    own = [event for event in events if event.object == f"Pod/{pod.name}"]
    unscheduled = next(
        (item for item in pod.conditions if item.type == "PodScheduled" and item.status == "False"), None
    )
    if unscheduled is not None:
        what: EvidenceClass = "config-missing" if _MISSING.search(unscheduled.message) else "unschedulable"
        yield _evidence(what, pod.name, unscheduled.since, unscheduled.message)
        return
    stuck = [
        item for item in pod.containers if item.state != "running" and not (item.init and item.exit_code == 0)
    ]
    for container in stuck:
        yield _of_container(pod, container, own, exits)
    if not stuck and not pod.ready:
        unhealthy = [event for event in own if event.reason == "Unhealthy"]
        since = next((item.since for item in pod.conditions if item.type == "Ready"), None)
        yield _evidence("not-ready", pod.name, since, unhealthy[-1].message if unhealthy else "not ready yet")


def _of_container(pod: Pod, container: Container, events: Sequence[PodEvent], exits: Exits) -> Evidence:
    reason, message = container.reason, container.message
    if reason in ("InvalidImageName", "ErrImageNeverPull"):
        what: EvidenceClass = "invalid-image-name" if reason == "InvalidImageName" else "image-never-pulled"
        return _evidence(what, pod.name, _first(events, "Failed"), message)
    if reason in ("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"):
        return _pull(pod, container, events)
    if reason in ("CreateContainerConfigError", "CreateContainerError"):
        return _config(pod, container, events)
    if _exits(container):
        return _crash(pod, container, exits)
    ahead = _ahead_of_status(pod, container, events)
    if ahead is not None:
        return ahead
    mount = [event for event in events if event.reason == "FailedMount"]
    if mount and _MISSING.search(mount[-1].message):
        return _evidence("config-missing", pod.name, mount[-1].first or mount[-1].time, mount[-1].message)
    return _evidence("starting", pod.name, pod.created, message or reason or "nothing happened yet")


def _ahead_of_status(pod: Pod, container: Container, events: Sequence[PodEvent]) -> Evidence | None:
    """What the kubelet's events say of an image while the container still reads ContainerCreating: its status follows
    seconds later."""
    about = [event for event in events if container.image and f'"{container.image}"' in event.message]
    if not about or any(event.reason == "Pulled" for event in about):
        return None
    for event in about:
        for words, what in _IMAGE_EVENTS.items():
            if words in event.message:
                return _evidence(what, pod.name, event.first or event.time, event.message)
    return (
        _pull(pod, container, about)
        if any(item.message.startswith("Failed to pull") for item in about)
        else None
    )


def _pull(pod: Pod, container: Container, events: Sequence[PodEvent]) -> Evidence:
    """Terminal only when the registry itself said twice that it has no such thing: once may be a race with a
    push."""
    failures = [
        event for event in events if event.reason == "Failed" and event.message.startswith("Failed to pull")
    ]
    # Of the kubelet's words the last part is the cause; the image's own name, before it, may look like
    # anything.
    absent = [event for event in failures if _is_absent(event.message, container.image)]
    detail = (failures[-1].message if failures else "") or container.message
    since = failures[0].first if failures else None
    if sum(event.count for event in absent) >= 2:
        return _evidence("image-not-found", pod.name, since, detail)
    return _evidence("pull-failing", pod.name, since, detail)


def _is_absent(message: str, image: str) -> bool:
    words = message.replace(image, "IMAGE")
    return bool(_ABSENT.search(words)) and not _PASSING.search(words)


def _config(pod: Pod, container: Container, events: Sequence[PodEvent]) -> Evidence:
    since = _first(events, "Failed")
    if _AS_ROOT.search(container.message):
        return _evidence("runs-as-root", pod.name, since, container.message)
    if _MISSING.search(container.message) or "couldn't find key" in container.message:
        return _evidence("config-missing", pod.name, since, container.message)
    return _evidence("starting", pod.name, since, container.message)


def _crash(pod: Pod, container: Container, exits: Exits) -> Evidence:
    codes = exits.get((pod.uid, container.name), ())[-_TIMES:]
    # A code that nobody saw may have been any: a pod that has restarted for weeks proves nothing at first sight.
    same = None not in codes and len(set(codes)) == 1
    code, reason = _last_code(container), container.last_reason or container.reason
    what: EvidenceClass = "same-exit" if len(codes) == _TIMES and same else "crashing"
    detail = (
        f"container {container.name} ended {_exits(container)} times, last with exit code {code} ({reason})"
    )
    return _evidence(what, pod.name, container.started or pod.created, detail)


def _exits(container: Container) -> int:
    """How often it has ended: each restart follows an end, and the last end may not be followed yet."""
    ended_now = container.state == "terminated" or (
        container.state == "waiting" and container.last_reason != ""
    )
    return container.restarts + (1 if ended_now else 0)


def _told(container: Container) -> tuple[int | None, ...]:
    """The exit codes that a container tells at once: the last, and before it one more while it stands ended."""
    if container.exit_code is not None and container.last_exit_code is not None:
        return container.last_exit_code, container.exit_code
    return (_last_code(container),)


def _last_code(container: Container) -> int | None:
    return container.exit_code if container.exit_code is not None else container.last_exit_code


def _first(events: Sequence[PodEvent], reason: str) -> datetime | None:
    return next((event.first or event.time for event in events if event.reason == reason), None)


def _evidence(what: EvidenceClass, pod: str, since: datetime | None, detail: str) -> Evidence:
    return Evidence("waiting", what, pod, since, printable(detail)[:500])
