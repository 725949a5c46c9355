"""What is on record about going from one Tyk version to another. Asks data/transitions.json, which is curated by
hand, and what it refers to in data/values.json.

No record needs a version in between: Tyk documents none for gateway or chart. Whatever lies outside of the data is
unknown, never assumed to be safe.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, cast

from helm_tyk_upgrade.model.knowledge import CHART_NOT_SUPPORTED, OUTSIDE_OF_DATA, TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.values import Behaviour
from helm_tyk_upgrade.model.version import Range, compare, is_version, parse_range
from helm_tyk_upgrade.tyk import values, versions
from helm_tyk_upgrade.tyk.charts import COMPONENT, UMBRELLAS, gateway_path
from helm_tyk_upgrade.tyk.detectors import ask
from helm_tyk_upgrade.tyk.subject import Subject

Component = Literal["gateway", "chart"]
Severity = Literal["blocks", "warns", "tells"]


@dataclass(frozen=True)
class Record:
    """One known change. start and to: the versions between which it is met; charts: empty for all of Tyk's; check:
    the check that judges it, empty where none does but `known-transitions`."""

    id: str
    component: Component
    start: Range
    to: Range
    severity: Severity
    what: str
    todo: str
    source: str
    detect: Mapping[str, Any] = field(repr=False)
    charts: tuple[str, ...] = ()
    one_way: bool = False
    check: str = ""


@dataclass(frozen=True)
class Move:
    """Where an upgrade goes, in Tyk's own chart versions (of the component where the chart is the user's own)."""

    chart: str
    chart_from: Maybe[str]
    chart_to: Maybe[str]
    gateway_from: Maybe[str]
    gateway_to: Maybe[str]


def transitions(move: Move, subject: Subject) -> Maybe[tuple[TransitionFinding, ...]]:
    """Every record that the move crosses, with whether it concerns this release: first what concerns it, then what is
    not known, then the rest; in each by severity.

    A version outside of the data becomes a finding of its own that says so; where neither the chart's nor the
    gateway's versions are known, the whole answer is unknown.
    """
    ends = ((move.chart_from, move.chart_to), (move.gateway_from, move.gateway_to))
    reasons = [_unknown(*pair) for pair in ends]
    if all(reasons):
        return Unknown("; ".join(dict.fromkeys(reasons)))
    found = [
        *(_finding(record, subject, move.chart) for record in _crossed(move)),
        *_unsupported(move),
        *_outside("chart", move.chart, *ends[0]),
        *_outside("gateway", "", *ends[1]),
    ]
    return Known(tuple(sorted(found, key=_rank)))


@lru_cache(maxsize=1)
def records() -> tuple[Record, ...]:
    """The whole table, in its order. Raises ValueError for a range that is none."""
    known = {item.id: item for item in values.behaviours()}
    return tuple(_record(item, known) for item in data()["transitions"])


def elsewhere() -> tuple[tuple[str, str], ...]:
    """(what, where): changes that have no record here because a check or the values report finds them itself."""
    return tuple((item["what"], item["where"]) for item in data()["elsewhere"])


@lru_cache(maxsize=1)
def data() -> dict[str, Any]:
    file = resources.files("helm_tyk_upgrade.tyk").joinpath("data").joinpath("transitions.json")
    found = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def _record(item: dict[str, Any], behaviours: Mapping[str, Behaviour]) -> Record:
    taken = behaviours.get(item.get("behaviour", ""))
    return Record(
        id=item["id"],
        component=cast("Component", item["component"]),
        start=parse_range(f"<{taken.since}" if taken else item["from"]),
        to=parse_range(f">={taken.since}" if taken else item["to"]),
        severity=cast("Severity", item["severity"]),
        what=taken.what if taken else item["what"],
        todo=item["todo"],
        source=taken.source if taken else item["source"],
        detect=item["detect"],
        charts=tuple(item.get("charts", ())),
        one_way=item.get("one_way", False),
        check=item.get("check", ""),
    )


def _crossed(move: Move) -> Iterator[Record]:
    ends = {
        "gateway": (move.gateway_from, move.gateway_to),
        "chart": (move.chart_from, move.chart_to),
    }
    for record in records():
        start, to = ends[record.component]
        if record.component == "chart" and not _is_for(record, move.chart):
            continue
        if isinstance(start, Known) and isinstance(to, Known) and _meets(record, start.value, to.value):
            yield record


def _is_for(record: Record, chart: str) -> bool:
    return chart in (record.charts or (*UMBRELLAS, COMPONENT))


def _meets(record: Record, start: str, to: str) -> bool:
    """A prerelease has what its release brings."""
    start, to = versions.base(start), versions.base(to)
    return start != to and start in record.start and to in record.to


def _finding(record: Record, subject: Subject, chart: str) -> TransitionFinding:
    """`{gateway}` in what is to be done stands for where the chart keeps the gateway's values."""
    place = ".".join((*(gateway_path(chart) or ()), "gateway"))
    answer = ask(record.detect, subject)
    return TransitionFinding(
        id=record.id,
        component=record.component,
        severity=record.severity,
        what=record.what,
        concerns=answer.concerns,
        evidence=answer.evidence,
        todo=record.todo.replace("{gateway}", place),
        source=record.source,
        one_way=record.one_way,
        check=record.check,
    )


def _unsupported(move: Move) -> Iterator[TransitionFinding]:
    """A chart that is older than the newest of the data: Tyk supports only the newest release of its charts (their
    release notes). A chart that was published since changes nothing about that."""
    newest = versions.newest_chart(move.chart)
    if isinstance(move.chart_to, Unknown) or not newest or not is_version(move.chart_to.value):
        return
    planned = move.chart_to.value
    if compare(planned, newest) < 0:
        yield TransitionFinding(
            id=CHART_NOT_SUPPORTED,
            component="chart",
            severity="tells",
            what=f"{move.chart} {planned} is not supported: only the newest release is, {newest} or later",
            concerns=Known(True),
            evidence=(),
            todo="",
            source=f"Tyk Charts release notes, data of {versions.as_of()}",
            check="gateway-support",
        )


def _unknown(start: Maybe[str], to: Maybe[str]) -> str:
    return next((end.reason for end in (start, to) if isinstance(end, Unknown)), "")


def _outside(
    component: Component, chart: str, start: Maybe[str], to: Maybe[str]
) -> Iterator[TransitionFinding]:
    """What nobody wrote down, where the version moves."""
    reason = _unknown(start, to)
    if isinstance(start, Known) and isinstance(to, Known):
        if start.value == to.value:
            return
        strange = [text for text in (start.value, to.value) if not _has(component, chart, text)]
        reason = f"{', '.join(strange)} not in the data of {versions.as_of()}" if strange else ""
    if reason:
        yield TransitionFinding(
            id=f"{component}{OUTSIDE_OF_DATA}",
            component=component,
            severity="warns",
            what=f"not every {component} version of this move is on record: it may bring changes that are not listed",
            concerns=Unknown(reason),
            evidence=(),
            todo=f"read the release notes of the {component} versions between",
            source=f"data of {versions.as_of()}",
        )


def _has(component: Component, chart: str, version: str) -> bool:
    if component == "gateway":
        return versions.gateway(versions.base(version)) is not None
    return versions.chart(chart, version) is not None


def _rank(finding: TransitionFinding) -> tuple[int, int]:
    met = 1 if isinstance(finding.concerns, Unknown) else 0 if finding.concerns.value else 2
    return met, ("blocks", "warns", "tells").index(finding.severity)
