"""What a detector answers, and the few ways in which all of them look at parsed data. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.tyk.subject import Subject

Detector = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """evidence: lines that a reader can look up in the release; no values but those of the named variables."""

    concerns: Maybe[bool]
    evidence: tuple[str, ...] = ()


YES, NO = Known(True), Known(False)


Question = Callable[[Detector, Subject], Answer]
YES, NO = Known(True), Known(False)


def said(answer: bool, evidence: str) -> Answer:
    return Answer(Known(answer), (evidence,) if answer else ())


def at(values: Any, path: str) -> Any:
    for step in path.split("."):
        values = values.get(step) if isinstance(values, Mapping) else None
    return values


def values_of(value: Any, key: str) -> Iterator[Any]:
    """What stands under a key, at any depth."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name == key:
                yield item
            yield from values_of(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from values_of(item, key)


def mapping(value: Any) -> Mapping[str, Any]:
    """A chart may render null or text where a map is meant."""
    return value if isinstance(value, Mapping) else {}


def maps(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
