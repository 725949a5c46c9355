"""Events as the API server lists them, as records. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from helm_tyk_upgrade.model.pods import PodEvent

_NEVER = datetime.fromtimestamp(0, timezone.utc)


def parse_events(answer: Mapping[str, Any]) -> list[PodEvent]:
    return [parse_event(item) for item in answer.get("items") or ()]


def parse_event(item: Mapping[str, Any]) -> PodEvent:
    """A core/v1 Event. New controllers fill eventTime and series, old ones lastTimestamp and count."""
    series = item.get("series") or {}
    about = item.get("involvedObject") or item.get("regarding") or {}
    latest = series.get("lastObservedTime") or item.get("lastTimestamp") or item.get("eventTime")
    return PodEvent(
        time=moment(latest or (item.get("metadata") or {}).get("creationTimestamp")) or _NEVER,
        type=str(item.get("type") or ""),
        reason=str(item.get("reason") or ""),
        message=str(item.get("message") or item.get("note") or ""),
        object=f"{about.get('kind', '')}/{about.get('name', '')}",
        count=int(series.get("count") or item.get("count") or 1),
        first=moment(item.get("firstTimestamp") or item.get("eventTime")),
    )


def moment(text: object) -> datetime | None:
    """An RFC 3339 time of the API (`2026-11-23T20:04:35Z`, with microseconds in some fields), None where
    absent."""
    if not text:
        return None
    return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
