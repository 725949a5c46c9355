"""Composes and packages the test charts tyk-oss, tyk-gateway and tyk-pump in every version of versions.yaml.

    python testbed/chart/package.py OUT_DIR [--url BASE]

writes OUT_DIR/<chart>-<version>.tgz and OUT_DIR/index.yaml. The same sources give the same bytes, so digests
are stable.

There is one source text for all versions (src/). A line that starts with "#@" is a directive and is never
written out: `#@ since X` and `#@ before X` keep what follows, up to `#@ end`, only for chart versions >= X or
< X (they nest); `#@ include FILE` puts src/shared/FILE there, as deep as the directive stands. `@@NAME@@` is
a value of the version's row.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import re
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "src"
CHARTS = ("tyk-oss", "tyk-gateway", "tyk-pump")
PLACE = re.compile(r"@@(\w+)@@")


@dataclass(frozen=True)
class Release:
    """One row of versions.yaml: a chart version, its publish date (RFC 3339) and the default image tags."""

    version: str
    created: str
    oss_gateway: str
    gateway: str
    pump: str


def releases() -> tuple[Release, ...]:
    """All versions, oldest first."""
    table = yaml.safe_load((HERE / "versions.yaml").read_text())
    rows = (Release(version=version, **row) for version, row in table.items())
    return tuple(sorted(rows, key=lambda row: _number(row.version)))


def compose(chart: str, release: Release) -> dict[str, bytes]:
    """The files of `chart` at `release` by their path inside it; an umbrella contains its components."""
    places = {
        "version": release.version,
        "pump_tag": release.pump,
        "gateway_tag": release.oss_gateway if chart == "tyk-oss" else release.gateway,
    }
    files: dict[str, bytes] = {}
    for path in sorted((SOURCE / chart).rglob("*")):
        if path.is_file():
            text = compose_text(path.read_text(), release.version, places)
            if text:
                files[path.relative_to(SOURCE / chart).as_posix()] = text.encode()
    if chart == "tyk-oss":
        for component in ("tyk-gateway", "tyk-pump"):
            for name, data in compose(component, release).items():
                files[f"charts/{component}/{name}"] = data
    return files


def compose_text(text: str, version: str, places: dict[str, str]) -> str:
    """`text` with its directives carried out for chart `version`; raises ValueError on a wrong directive."""
    lines = "".join(_kept(text.splitlines(keepends=True), _number(version)))
    return PLACE.sub(lambda place: places[place[1]], lines)


def _kept(lines: list[str], version: tuple[int, ...]) -> Iterator[str]:
    wanted = [True]
    for line in lines:
        indent, mark, directive = line.partition("#@ ")
        if not mark or indent.strip():
            if wanted[-1]:
                yield line
            continue
        verb, _, argument = directive.strip().partition(" ")
        if verb == "end" and len(wanted) > 1:
            wanted.pop()
        elif verb in ("since", "before"):
            wanted.append(wanted[-1] and (version >= _number(argument)) == (verb == "since"))
        elif verb == "include":
            if wanted[-1]:
                included = (SOURCE / "shared" / argument).read_text().splitlines(keepends=True)
                yield from (indent + part if part.strip() else part for part in _kept(included, version))
        else:
            raise ValueError(f"unknown or unmatched directive: {line.strip()}")
    if len(wanted) != 1:
        raise ValueError("a '#@ since' or '#@ before' has no '#@ end'")


def archive(chart: str, files: dict[str, bytes]) -> bytes:
    """A chart archive (.tgz) of `files` below the folder `chart`; Chart.yaml first, no times, no owners."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", filename="", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name in sorted(files, key=lambda name: (name != "Chart.yaml", name)):
            entry = tarfile.TarInfo(f"{chart}/{name}")
            entry.size, entry.mode = len(files[name]), 0o644
            tar.addfile(entry, io.BytesIO(files[name]))
    return buffer.getvalue()


def build(out: Path, url: str = "") -> Path:
    """Writes all archives and index.yaml below `out` (made if absent); returns the index's path.

    `url` is put before each file name in the index; without it the index has relative URLs.
    """
    out.mkdir(parents=True, exist_ok=True)
    entries: dict[str, list[dict[str, Any]]] = {chart: [] for chart in CHARTS}
    for release in reversed(releases()):
        for chart in CHARTS:
            files = compose(chart, release)
            data = archive(chart, files)
            name = f"{chart}-{release.version}.tgz"
            (out / name).write_bytes(data)
            entries[chart].append(_entry(files, data, release, f"{url.rstrip('/')}/{name}" if url else name))
    index = {"apiVersion": "v1", "entries": entries, "generated": releases()[-1].created}
    path = out / "index.yaml"
    path.write_text(yaml.safe_dump(index, allow_unicode=True))
    return path


def _entry(files: dict[str, bytes], data: bytes, release: Release, url: str) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    metadata: dict[str, Any] = yaml.safe_load(files["Chart.yaml"])
    return metadata | {"created": release.created, "digest": digest, "urls": [url]}


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Package the test charts.")
    parser.add_argument("out", type=Path, help="folder for the archives and index.yaml")
    parser.add_argument("--url", default="", help="base URL of the archives in the index (default: relative)")
    arguments = parser.parse_args(argv)
    print(build(arguments.out, arguments.url))
    return 0


if __name__ == "__main__":
    sys.exit(main())
