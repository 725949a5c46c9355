"""Records to JSON values and back, for journals and bundles: one place knows how StepResult and Entry look on disk."""

from __future__ import annotations

import json
from typing import Any

from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus


def entry_line(entry: Entry) -> bytes:
    """One journal line: JSON with sorted keys and a final newline."""
    return json.dumps(entry_value(entry), sort_keys=True, ensure_ascii=False).encode() + b"\n"


def entry_value(entry: Entry) -> dict[str, Any]:
    value: dict[str, Any] = {
        "sequence": entry.sequence,
        "step": entry.step,
        "event": entry.event,
        "time": entry.time,
        "seconds": round(entry.seconds, 3),
    }
    if entry.result is not None:
        value["result"] = {
            "status": entry.result.status.value,
            "reason": entry.result.reason,
            "facts": dict(entry.result.facts),
        }
    return value


def entry_of(value: dict[str, Any]) -> Entry:
    """The inverse of entry_value. Raises KeyError or ValueError on a value that is none."""
    result = value.get("result")
    return Entry(
        sequence=int(value["sequence"]),
        step=str(value["step"]),
        event=str(value["event"]),
        time=str(value["time"]),
        result=None if result is None else _result_of(result),
        seconds=float(value.get("seconds", 0.0)),
    )


def _result_of(value: dict[str, Any]) -> StepResult:
    facts = tuple(sorted(value.get("facts", {}).items()))
    return StepResult(StepStatus(value["status"]), str(value["reason"]), facts)
