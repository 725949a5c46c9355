"""Detectors that read the two manifests: the gateway's pod, its image, the objects beside it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.version import compare
from helm_tyk_upgrade.tyk import versions
from helm_tyk_upgrade.tyk.answers import (
    NO,
    YES,
    Answer,
    Detector,
    Question,
    at,
    mapping,
    maps,
    said,
    values_of,
)
from helm_tyk_upgrade.tyk.subject import Side, Subject

_SHELLS = re.compile(r"(^|/)(ba|da|a)?sh$")


def _field(detector: Detector, subject: Subject) -> Answer:
    """A field of an object of this kind goes from one value to another, in an object of the same name."""
    path, old, new = detector["field"], detector["before"], detector["after"]
    earlier = {_label(item): item for item in subject.before.objects}
    moved = [
        label
        for label, item in ((_label(item), item) for item in subject.after.objects)
        if item.get("kind") == detector["kind"]
        and at(item, path) == new
        and at(earlier.get(label), path) == old
    ]
    return said(bool(moved), f"{', '.join(moved)}: {path} {old} -> {new}")


def _label(item: Mapping[str, Any]) -> str:
    return f"{item.get('kind')} {at(item, 'metadata.name')}"


def _image(detector: Detector, subject: Subject) -> Answer:
    """A container's image matches; `side`: in the stored manifest instead of the new one."""
    side = subject.before if detector.get("side") == "before" else subject.after
    pattern = re.compile(detector["image"])
    images = [image for image in values_of(list(side.objects), "image") if isinstance(image, str)]
    found = [image for image in images if pattern.search(image)]
    return said(bool(found), f"image {found[0]}" if found else "")


def _image_user(detector: Detector, subject: Subject) -> Answer:
    """The user that Tyk's image of the planned version runs as: `root` or `nonroot`."""
    known = _release(subject.after)
    if isinstance(known, Unknown):
        return Answer(known)
    if not known.value.user:
        return Answer(Unknown(f"the user of the image of gateway {known.value.version} is not on record"))
    wanted = detector["image_user"]
    return said(known.value.user == wanted, f"gateway {known.value.version} runs as {wanted}")


def _loses_shell(detector: Detector, subject: Subject) -> Answer:
    """The image had a shell and the new one has none."""
    old, new = _release(subject.before), _release(subject.after)
    for one in (old, new):
        if isinstance(one, Unknown):
            return Answer(one)
    assert isinstance(old, Known)
    assert isinstance(new, Known)
    return said(old.value.shell and not new.value.shell, f"gateway {new.value.version} has no shell")


def _release(side: Side) -> Maybe[versions.GatewayRelease]:
    if isinstance(side.version, Unknown):
        return side.version
    found = versions.gateway(versions.base(side.version.value))
    return (
        Known(found)
        if found
        else Unknown(f"gateway {side.version.value} is not in the data of {versions.as_of()}")
    )


def _runs_shell(detector: Detector, subject: Subject) -> Answer:
    """The gateway's container starts a shell: as its command, in a probe or at its end."""
    container = subject.after.container
    parts = [
        part
        for part in ("command", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle")
        if any(_SHELLS.search(str(word)) for word in _commands(container.get(part)))
    ]
    return said(bool(parts), f"a shell in {', '.join(parts)} of container {container.get('name')}")


def _commands(value: Any) -> Iterator[Any]:
    """First words of every command in a part of a container."""
    if isinstance(value, list):
        yield from value[:1]
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key == "command" and isinstance(item, list):
                yield from item[:1]
            elif isinstance(item, Mapping):
                yield from _commands(item)


def _probe(detector: Detector, subject: Subject) -> Answer:
    """A probe asks a path that the gateway does not answer under: its health and readiness paths have other names.
    `side`: in the stored manifest instead of the new one."""
    side = subject.before if detector.get("side") == "before" else subject.after
    path = at(side.container, f"{detector['probe']}.httpGet.path")
    if not isinstance(path, str):
        return Answer(NO)
    answered = {"TYK_GW_HEALTHCHECKENDPOINTNAME": "hello", "TYK_GW_READINESSCHECKENDPOINTNAME": "ready"}
    hidden = [name for name in answered if side.variables.get(name, "") is None]
    if hidden or side.imported:
        return Answer(
            Unknown(f"the gateway's health path is in another object ({', '.join(hidden) or 'envFrom'})")
        )
    paths = {(side.variables.get(name) or default).strip("/") for name, default in answered.items()}
    shown = f"{detector['probe']} asks {path}, the gateway answers at /{', /'.join(sorted(paths))}"
    return said(path.strip("/") not in paths, shown)


def _run_as_image(detector: Detector, subject: Subject) -> Answer:
    """The gateway must not run as root and no user is named, so that its image decides."""
    security = _security(subject.after.pod, subject.after.container)
    found = security.get("runAsNonRoot") is True and security.get("runAsUser") is None
    return said(found, "runAsNonRoot is true and no runAsUser is named")


def _init_user_differs(detector: Detector, subject: Subject) -> Answer:
    """An init container makes the gateway's directories as another user than the one that is named for the gateway.
    Where none is named the image decides, and that user is not known to differ."""
    pod = subject.after.pod
    own = _security(pod, subject.after.container).get("runAsUser")
    for item in maps(pod.get("initContainers")):
        other = _security(pod, item).get("runAsUser")
        if item.get("name") == detector["init_user_differs"] and own is not None and own != other:
            named = other or "the user of its image"
            return Answer(YES, (f"{item['name']} runs as {named}, the gateway as {own}",))
    return Answer(NO)


def _security(pod: Mapping[str, Any], container: Mapping[str, Any]) -> dict[str, Any]:
    return {**mapping(pod.get("securityContext")), **mapping(container.get("securityContext"))}


def _limit(detector: Detector, subject: Subject) -> Answer:
    limit = at(subject.after.container, f"resources.limits.{detector['limit']}")
    return said(limit is not None, f"the gateway's {detector['limit']} limit is {limit}")


def _chart_certificate(detector: Detector, subject: Subject) -> Answer:
    """The gateway mounts a certificate Secret that the chart itself brings: it alone is of type TLS. (Whether TLS is
    on is another question.)"""
    brought = {
        str(at(item, "metadata.name"))
        for item in subject.after.objects
        if item.get("kind") == "Secret" and item.get("type") == "TLS"
    }
    mounted = {str(at(volume, "secret.secretName")) for volume in maps(subject.after.pod.get("volumes"))}
    used = sorted(brought & mounted)
    return said(bool(used), f"Secret {used[0]} is the chart's own certificate" if used else "")


def _server_side(detector: Detector, subject: Subject) -> Answer:
    return Answer(Known(subject.server_side))


def _duplicate_env(detector: Detector, subject: Subject) -> Answer:
    names = [str(item.get("name")) for item in maps(subject.after.container.get("env"))]
    twice = sorted({name for name in names if names.count(name) > 1})
    return said(bool(twice), f"given twice: {', '.join(twice)}")


def _gateway_goes(detector: Detector, subject: Subject) -> Answer:
    """`back`: the new version is the older one."""
    before, after = subject.before.version, subject.after.version
    if isinstance(before, Unknown):
        return Answer(before)
    if isinstance(after, Unknown):
        return Answer(after)
    return said(compare(after.value, before.value) < 0, f"gateway {before.value} -> {after.value}")


QUESTIONS: dict[str, Question] = {
    "field": _field,
    "image": _image,
    "image_user": _image_user,
    "loses_shell": _loses_shell,
    "runs_shell": _runs_shell,
    "probe": _probe,
    "run_as_image": _run_as_image,
    "init_user_differs": _init_user_differs,
    "limit": _limit,
    "chart_certificate": _chart_certificate,
    "server_side": _server_side,
    "duplicate_env": _duplicate_env,
    "gateway_goes": _gateway_goes,
}
