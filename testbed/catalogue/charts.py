"""What a chart archive says about itself, as far as a catalogue lists it."""

from __future__ import annotations

import datetime
import functools
import hashlib
import io
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SEMVER = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


@dataclass(frozen=True)
class Chart:
    """One version of a chart. `files` are the archive's without the leading folder; `ts` is in epoch seconds.

    `data` None means that the archive is listed but cannot be downloaded; `digest` is the published one.
    """

    metadata: dict[str, Any]
    files: dict[str, bytes]
    data: bytes | None
    digest: str
    ts: int

    @property
    def name(self) -> str:
        return str(self.metadata["name"])

    @property
    def version(self) -> str:
        return str(self.metadata["version"])

    @property
    def filename(self) -> str:
        return f"{self.name}-{self.version}.tgz"

    @property
    def annotations(self) -> dict[str, str]:
        return self.metadata.get("annotations") or {}

    @property
    def order(self) -> tuple[Any, ...]:
        return semver_order(self.version)


def semver_order(version: str) -> tuple[Any, ...]:
    """A sort key after semver.org's precedence: a prerelease is below its release, numbers below words."""
    match = SEMVER.fullmatch(version)
    if not match:
        raise ValueError(f"not a semantic version: {version!r}")
    numbers = tuple(int(part) for part in match.group(1, 2, 3))
    if match[4] is None:
        return (*numbers, 1, ())
    parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in match[4].split("."))
    return (*numbers, 0, parts)


def read_folder(folder: Path) -> tuple[Chart, ...]:
    """All charts of the archives in `folder`, highest version first within a name."""
    dates = _dates(folder / "index.yaml")
    charts = []
    for path in sorted(folder.glob("*.tgz")):
        chart = read_archive(path.read_bytes(), int(path.stat().st_mtime))
        known = dates.get((chart.name, chart.version), chart.ts)
        charts.append(Chart(chart.metadata, chart.files, chart.data, chart.digest, known))
    charts.sort(key=lambda chart: chart.order, reverse=True)
    return tuple(sorted(charts, key=lambda chart: chart.name))


def read_archive(data: bytes, ts: int) -> Chart:
    """The chart in the archive `data`, published at `ts`."""
    files = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content:
                files[member.name.partition("/")[2]] = content.read()
    return Chart(yaml.safe_load(files["Chart.yaml"]), files, data, hashlib.sha256(data).hexdigest(), ts)


def _dates(index: Path) -> dict[tuple[str, str], int]:
    if not index.exists():
        return {}
    entries = _load(index.read_bytes())["entries"]
    return {
        (name, str(entry["version"])): _epoch(entry["created"])
        for name, versions in entries.items()
        for entry in versions
        if entry.get("created")
    }


def _epoch(created: str | datetime.datetime) -> int:
    if isinstance(created, str):
        # Helm writes nanoseconds, which Python 3.10 does not read.
        created = datetime.datetime.fromisoformat(re.sub(r"\.\d+", "", created).replace("Z", "+00:00"))
    return int(created.timestamp())


def enabled_dependencies(chart: Chart) -> list[dict[str, Any]]:
    """The dependencies that the chart's default values enable; the hub does not list the others."""
    values = default_values(chart)
    return [d for d in chart.metadata.get("dependencies") or [] if _enabled(d.get("condition", ""), values)]


def _enabled(conditions: str, values: dict[str, Any]) -> bool:
    for condition in conditions.split(","):
        node: Any = values
        for key in condition.strip().split("."):
            node = node.get(key) if isinstance(node, dict) else None
        if isinstance(node, bool):
            return node
    return True


def default_values(chart: Chart) -> dict[str, Any]:
    return _load(chart.files.get("values.yaml", b""))


@functools.lru_cache(maxsize=256)
def _load(data: bytes) -> dict[str, Any]:
    """Read once: the same documents are asked for at each request. Nobody changes the result."""
    loaded: dict[str, Any] = yaml.load(data, LOADER) or {}  # noqa: S506 - a safe loader
    return loaded


def images(chart: Chart, gateway_tag: str = "") -> list[str]:
    """Images of a render with default values: each map with `repository` and `tag`, components included.

    The real hub renders the chart; the values say the same for charts that name their images this way.
    `gateway_tag` replaces the tag of the image whose repository ends in "gateway".
    """
    found = set()
    for repository, tag in _images(chart):
        found.add(f"{repository}:{gateway_tag if gateway_tag and repository.endswith('gateway') else tag}")
    return sorted(found)


def _images(chart: Chart) -> Iterator[tuple[str, str]]:
    values = default_values(chart)
    components = {d["name"] for d in chart.metadata.get("dependencies") or []}
    yield from _image_maps({key: value for key, value in values.items() if key not in components})
    for dependency in enabled_dependencies(chart):
        name = dependency["name"]
        own = _load(chart.files.get(f"charts/{name}/values.yaml", b""))
        yield from _image_maps(_merged(own, values.get(name) or {}))


def _image_maps(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if node.get("repository") and node.get("tag"):
            yield str(node["repository"]), str(node["tag"])
        for value in node.values():
            yield from _image_maps(value)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(key), dict)
        merged[key] = _merged(below[key], value) if both else value
    return merged
