"""Detectors that read the gateway's variables and the user's values. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.tyk.answers import NO, YES, Answer, Detector, Question, at, said
from helm_tyk_upgrade.tyk.subject import Side, Subject

_TLS_1_2, _TLS_1_3 = 771, 772
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_UNITS = {
    "ns": Decimal("1e-9"), "us": Decimal("1e-6"), "µs": Decimal("1e-6"), "ms": Decimal("1e-3"),
    "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600),
}  # fmt: skip


def _env(detector: Detector, subject: Subject) -> Answer:
    """`set`: it has a value or not; `in`: one of these; `below`, `from`: Go durations; `unit`: false for a
    number where a duration is meant; `becomes`: it has this value
    after and did not before; `goes`: it was set before and is not after."""
    name = detector["env"]
    if "becomes" in detector:
        return _becomes(name, detector["becomes"], subject)
    if "goes" in detector:
        return _goes(name, subject)
    value = _variable(subject.after, name)
    if isinstance(value, Unknown):
        return Answer(value)
    if "set" in detector:
        return said(bool(value.value) == detector["set"], _shown(name, value.value))
    return said(_fits(detector, value.value), _shown(name, value.value))


def _fits(detector: Detector, value: str) -> bool:
    if "in" in detector:
        return value.lower() in detector["in"]
    if "unit" in detector:
        return _number(value) is not None and value != "0"
    length = _duration(value)
    if length is None:
        return False
    limit = _duration(detector.get("below") or detector["from"]) or Decimal(0)
    return length < limit if "below" in detector else length >= limit


def _becomes(name: str, wanted: str, subject: Subject) -> Answer:
    before, after = _variable(subject.before, name), _variable(subject.after, name)
    if isinstance(after, Known) and after.value.lower() != wanted:
        return Answer(NO)
    if isinstance(before, Known) and before.value.lower() == wanted:
        return Answer(NO)
    for value in (before, after):
        if isinstance(value, Unknown):
            return Answer(value)
    was = before.value if isinstance(before, Known) and before.value else "not set"
    return Answer(YES, (f"{name}: {was} -> {wanted}",))


def _goes(name: str, subject: Subject) -> Answer:
    before, after = _variable(subject.before, name), _variable(subject.after, name)
    for value in (before, after):
        if isinstance(value, Unknown):
            return Answer(value)
    gone = before != Known("") and after == Known("")
    return said(gone, f"{name} is no longer set")


def _variable(side: Side, name: str) -> Maybe[str]:
    """Its value, empty where it is not set."""
    if name in side.variables:
        value = side.variables[name]
        return Unknown(f"the value of {name} is in another object") if value is None else Known(value.strip())
    if side.imported:
        return Unknown(f"{name} may come from envFrom")
    return Known("")


def _shown(name: str, value: str) -> str:
    return f"{name}={value}" if value else f"{name} is not set"


def _duration(text: str) -> Decimal | None:
    """A Go duration (`10s`, `1m30s`, `500ms`) in seconds, None where it is none: https://pkg.go.dev/time#ParseDuration"""
    if not re.fullmatch(rf"\+?(?:{_PART.pattern})+", text):
        return None
    return sum((Decimal(number) * _UNITS[unit] for number, unit in _PART.findall(text)), Decimal(0))


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d+", text) else None


def _tls_range(detector: Detector, subject: Subject) -> Answer:
    """The highest TLS version lies below the lowest one, for clients or for upstreams; where one is not set, Go's
    default stands (gateway/util.go: resolveTLSVersions)."""
    unsure: Unknown | None = None
    for prefix in ("TYK_GW_HTTPSERVEROPTIONS_", "TYK_GW_PROXYSSL"):
        low, high = (_variable(subject.after, f"{prefix}{end}VERSION") for end in ("MIN", "MAX"))
        if isinstance(low, Unknown) or isinstance(high, Unknown):
            unsure = low if isinstance(low, Unknown) else high if isinstance(high, Unknown) else None
        elif (_number(high.value) or _TLS_1_3) < (_number(low.value) or _TLS_1_2):
            shown = (_shown(f"{prefix}MINVERSION", low.value), _shown(f"{prefix}MAXVERSION", high.value))
            return Answer(YES, shown)
    return Answer(unsure or NO)


def _given(detector: Detector, subject: Subject) -> Answer:
    """A user value at one of the paths (dots between keys) is set."""
    found = [path for path in detector["given"] if at(subject.given, path) not in (None, "", [], {}, False)]
    return said(bool(found), f"your values set {', '.join(found)}")


def _given_text(detector: Detector, subject: Subject) -> Answer:
    """A name in the user values, as key or as an environment variable's name, contains the text."""
    wanted = detector["given_text"].lower()
    found = [name for name in _names(subject.given) if wanted in name.lower()]
    return said(bool(found), f"your values name {', '.join(found)}")


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            if key == "name" and isinstance(item, str):
                yield item
            yield from _names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)


QUESTIONS: dict[str, Question] = {
    "env": _env,
    "tls_range": _tls_range,
    "given": _given,
    "given_text": _given_text,
}
