"""The CRDs that a chart carries in crds/. Helm installs them with a new release only: an upgrade neither changes them
nor adds one (https://helm.sh/docs/topics/charts/#limitations-on-crds)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade import helmyaml
from helm_tyk_upgrade.manifests.fields import fields
from helm_tyk_upgrade.manifests.split import mapping, maps
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.kubernetes import OutdatedCrd

_FILE = re.compile(r"((?:charts/[^/]+/)*)crds/.+\.(?:ya?ml|json)$")
_KIND = "CustomResourceDefinition"


@dataclass(frozen=True)
class ChartCrd:
    """One CRD with the file that holds it (`charts/tyk-operator/crds/crds.yaml`)."""

    name: str
    path: str
    data: dict[str, Any] = field(repr=False)


def chart_crds(chart: ChartFiles, enabled: Maybe[Collection[str]]) -> Maybe[tuple[ChartCrd, ...]]:
    """The CRDs of the chart and of its enabled subcharts. enabled: their names as `helm.merged` tells them: the alias
    where there is one, nested ones as `outer/inner`. Unknown where a subchart carries CRDs and nobody knows whether it
    is enabled, and for a file that is no YAML."""
    paths = [path for path in sorted(chart.files) if _FILE.match(path)]
    if isinstance(enabled, Unknown) and any(path.startswith("charts/") for path in paths):
        return enabled
    names = enabled.value if isinstance(enabled, Known) else ()
    try:
        return Known(
            tuple(crd for path in paths if _is_used(chart, path, names) for crd in _read(chart, path))
        )
    except helmyaml.UnreadableYaml as error:
        return Unknown(f"a CRD of the chart cannot be read: {error.message}")


def outdated(carried: Iterable[ChartCrd], live: Mapping[str, Mapping[str, Any]]) -> tuple[OutdatedCrd, ...]:
    """Those that the cluster has otherwise, or not. live: the cluster's, by name. Descriptions do not count, nor what
    the API server itself adds."""
    return tuple(
        OutdatedCrd(crd.name, crd.path, crd.name not in live, differs)
        for crd in carried
        if (differs := _differences(crd, live.get(crd.name))) or crd.name not in live
    )


def _read(chart: ChartFiles, path: str) -> Iterator[ChartCrd]:
    for item in helmyaml.manifests(chart.files[path]):
        name = mapping(item.object.get("metadata")).get("name")
        if item.object.get("kind") == _KIND and isinstance(name, str):
            yield ChartCrd(name, path, item.object)


def _is_used(chart: ChartFiles, path: str, enabled: Collection[str]) -> bool:
    """Whether every subchart on the way to a file is enabled, under one of the names that it has."""
    found = _FILE.match(path)
    names, home = [""], ""
    for folder in found[1].split("/")[1::2] if found else ():
        below = f"{home}charts/{folder}/"
        called = [f"{outer}/{name}".lstrip("/") for outer in names for name in _names(chart, home, below)]
        names, home = [name for name in called if name in enabled], below
    return bool(names)


def _names(chart: ChartFiles, parent: str, below: str) -> list[str]:
    """What a subchart is called in its parent: its aliases, else its own name."""
    name = str(_yaml(chart, f"{below}Chart.yaml").get("name", ""))
    listed = [
        item
        for file in ("Chart.yaml", "requirements.yaml")
        for item in maps(_yaml(chart, parent + file).get("dependencies"))
        if item.get("name") == name
    ]
    return [str(item.get("alias") or name) for item in listed] or [name]


def _yaml(chart: ChartFiles, path: str) -> dict[str, Any]:
    found = helmyaml.manifests(chart.files.get(path, b""))
    return found[0].object if found else {}


def _differences(crd: ChartCrd, live: Mapping[str, Any] | None) -> tuple[str, ...]:
    if live is None:
        return ()
    ours, theirs = (dict(_spec(item)) for item in (crd.data, live))
    return tuple(change.path for change in fields(theirs, ours))


def _spec(crd: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What of a CRD decides which objects the cluster takes: scope, conversion, and its versions by name."""
    spec = mapping(crd.get("spec"))
    conversion = mapping(spec.get("conversion"))
    if conversion.get("strategy", "None") != "None":
        yield "conversion", _plain(conversion)
    yield "scope", spec.get("scope")
    yield "versions", {str(item.get("name")): _plain(item) for item in maps(spec.get("versions"))}


def _plain(value: Any) -> Any:
    """Without descriptions, and without what means the same left out."""
    if isinstance(value, dict):
        plain = {key: _plain(item) for key, item in value.items() if not _is_prose(key, item)}
        return {key: item for key, item in plain.items() if item is not None and item != []}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _is_prose(key: str, value: Any) -> bool:
    """A property may be called `description` too; then it is a schema."""
    return key == "description" and isinstance(value, str)
