"""Bundles and journals as rows and JSON values for the views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.store.bundle import BundleInfo
from helm_tyk_upgrade.store.encode import entry_value
from helm_tyk_upgrade.store.journal import RunHeader


def bundle_rows(bundles: list[BundleInfo]) -> list[tuple[str, ...]]:
    rows = [
        (
            info.id,
            info.namespace,
            info.release,
            str(info.facts.get("revision", "")),
            str(info.facts.get("chart", "")),
            ", ".join(info.facts.get("gateway_versions", [])),
            str(len(info.files)),
        )
        for info in bundles
    ]
    return [("BUNDLE", "NAMESPACE", "RELEASE", "REVISION", "CHART", "GATEWAY", "FILES"), *rows]


def bundle_file_rows(info: BundleInfo) -> list[tuple[str, ...]]:
    rows = [
        (entry["name"], str(entry["size"]), entry["sha256"][:12], entry["origin"]) for entry in info.files
    ]
    return [("FILE", "BYTES", "SHA256", "FROM"), *rows]


def bundle_value(info: BundleInfo) -> dict[str, Any]:
    """Everything but the files' contents."""
    return {
        "id": info.id,
        "namespace": info.namespace,
        "release": info.release,
        "time": info.time,
        "path": str(info.path),
        "files": [dict(entry) for entry in info.files],
        "facts": info.facts,
    }


def run_rows(headers: list[RunHeader], states: Mapping[str, str]) -> list[tuple[str, ...]]:
    rows = [
        (
            header.run,
            header.command,
            header.namespace,
            header.release,
            f"{header.from_chart} -> {header.to_chart}",
            states.get(header.run, ""),
        )
        for header in headers
    ]
    return [("RUN", "COMMAND", "NAMESPACE", "RELEASE", "CHART", "STATE"), *rows]


def entry_rows(entries: tuple[Entry, ...]) -> list[tuple[str, ...]]:
    rows = [
        (
            entry.time,
            entry.step,
            entry.result.status.value if entry.result else entry.event,
            f"{entry.seconds:.1f}s" if entry.result else "",
            entry.result.reason if entry.result else "",
        )
        for entry in entries
        if entry.event != "begin"
    ]
    return [("TIME", "STEP", "STATUS", "TOOK", "REASON"), *rows]


def run_value(header: RunHeader, entries: tuple[Entry, ...]) -> dict[str, Any]:
    return {**header.__dict__, "entries": [entry_value(entry) for entry in entries]}
