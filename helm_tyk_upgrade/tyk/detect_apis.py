"""Detectors that read what the running gateway has loaded: APIs, policies, Go plugins. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from helm_tyk_upgrade.model.gateway import ApiDefinition
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.tyk.answers import NO, YES, Answer, Detector, Question, values_of
from helm_tyk_upgrade.tyk.subject import Subject

_NAMED_APIS = 5
"""More than these are counted, not named."""


def _go_plugins(detector: Detector, subject: Subject) -> Answer:
    if isinstance(subject.plugins, Unknown):
        return Answer(subject.plugins)
    found = subject.plugins.value
    sure = [f"{one.where}: {one.path}" for one in found.plugins if one.sure]
    if sure:
        return Answer(YES, tuple(sure))
    if found.plugins:
        return Answer(Unknown(f"{found.plugins[0].where} may be a Go plugin"))
    return Answer(Unknown(found.unasked[0]) if found.unasked else NO)


def _apis(detector: Detector, subject: Subject) -> Answer:
    """APIs of one form: `oas` or `classic`."""
    return _among(subject, lambda api: api.form == detector["apis"])


def _api_key(detector: Detector, subject: Subject) -> Answer:
    """An API definition uses one of the keys: it is there and neither empty nor switched off."""
    return _among(
        subject,
        lambda api: any(
            _in_use(item) for key in detector["api_key"] for item in values_of(api.document, key)
        ),
    )


def _api_pair(detector: Detector, subject: Subject) -> Answer:
    pairs = detector["api_pair"].items()
    return _among(subject, lambda api: any(value in values_of(api.document, key) for key, value in pairs))


def _api_text(detector: Detector, subject: Subject) -> Answer:
    """Some text of an API definition holds this one."""
    return _among(subject, lambda api: any(detector["api_text"] in text for text in _texts(api.document)))


def _among(subject: Subject, meets: Callable[[ApiDefinition], bool]) -> Answer:
    if isinstance(subject.inventory, Unknown):
        return Answer(Unknown(f"the gateway's APIs are not known: {subject.inventory.reason}"))
    found = [f"API {api.id} {api.name}".rstrip() for api in subject.inventory.value.apis if meets(api)]
    more = len(found) - _NAMED_APIS
    listed = (*found[:_NAMED_APIS], *([f"{more} more APIs"] if more > 0 else []))
    return Answer(Known(bool(found)), listed)


def _in_use(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and value.get("enabled", True) is not False
    return bool(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _policies(detector: Detector, subject: Subject) -> Answer:
    """Keys that carry several policies: possible only where there are several, and then nobody asked the keys."""
    if isinstance(subject.inventory, Unknown):
        return Answer(Unknown(f"the gateway's policies are not known: {subject.inventory.reason}"))
    if len(subject.inventory.value.policies) < detector["policies"]:
        return Answer(NO)
    return Answer(Unknown("which keys carry several policies is only in Redis"))


def _policy_id(detector: Detector, subject: Subject) -> Answer:
    """A policy's id is not wholly what the expression describes."""
    if isinstance(subject.inventory, Unknown):
        return Answer(Unknown(f"the gateway's policies are not known: {subject.inventory.reason}"))
    pattern = re.compile(detector["policy_id"])
    found = [f"policy {one.id}" for one in subject.inventory.value.policies if not pattern.fullmatch(one.id)]
    return Answer(Known(bool(found)), tuple(found[:_NAMED_APIS]))


QUESTIONS: dict[str, Question] = {
    "go_plugins": _go_plugins,
    "apis": _apis,
    "api_key": _api_key,
    "api_pair": _api_pair,
    "api_text": _api_text,
    "policies": _policies,
    "policy_id": _policy_id,
}
