"""Values as Helm merges them, asked of Helm itself.

Null rules, subcharts, conditions, aliases, `global`, `import-values` and the grammar of --set differ
between Helm versions in small ways, so they are not written again here: Helm renders a copy of the chart
whose only templates print `.Values`, one for the chart and one for each subchart. Values travel on standard
input.
"""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.errors import HelmError, TykUpgradeError
from helm_tyk_upgrade.helm.client import Helm
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers

_PRINTER = "templates/values.yaml"
# In base64, because Helm reads what a template printed as YAML, which forbids characters that JSON allows.
_TEMPLATE = (
    '{"apiVersion":"v1","kind":"List","metadata":{"name":{{ .Template.Name | toJson }}},'
    '"values":"{{ .Values | toJson | b64enc }}"}\n'
)
_KUBE_VERSION = re.compile(rb"^kubeVersion:[^\n]*(?:\n[ \t]+[^\n]*)*\n?", re.MULTILINE)
_KEPT = ("Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.yaml")


@dataclass(frozen=True)
class Merged:
    """What templates see as `.Values`. values: of the chart itself; subcharts: of each enabled subchart by
    the name it has there (its alias), nested ones as `outer/inner`. Library charts have no view of their own.
    May hold secrets: never shown unmasked."""

    values: dict[str, Any] = field(repr=False)
    subcharts: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)


def merged(
    helm: Helm,
    chart: ChartFiles,
    layers: Layers,
    *,
    name: str = "release",
    namespace: str = "default",
) -> Merged:
    """The values that the chart's templates would see under these layers (none: the chart's own defaults).

    The chart's schema and kubeVersion are not enforced here: the render does that. Raises HelmError with
    Helm's own words for values that it cannot read or merge.
    """
    with tempfile.TemporaryDirectory(prefix="tyk-upgrade-") as folder:
        root = Path(folder) / "chart"
        write_chart(root, printing_copy(chart))
        try:
            output = helm.template(name, namespace, str(root), layers)
        except HelmError as error:  # the copy's folder means nothing to a reader
            message = error.message.replace(f"helm template {root}", "Helm cannot merge the values")
            hint = _fetching(layers) or error.hint
            raise HelmError(message, hint, stderr=error.stderr, returncode=error.returncode) from error
    return parse(output)


def _fetching(layers: Layers) -> str:
    """A hint where Helm has to fetch documents: what its plugins say can get lost on the way."""
    documents = [each for each in layers.documents if isinstance(each, str) and "://" in each]
    schemes = ", ".join(dict.fromkeys(f"{each.partition('://')[0]}://" for each in documents))
    return f"can Helm fetch what is given as {schemes}...? Try its plugin by itself" if schemes else ""


def printing_copy(chart: ChartFiles) -> dict[str, bytes]:
    """Path -> content of a copy that keeps what decides about values and prints them. Pure."""
    copy: dict[str, bytes] = {}
    for path, content in chart.files.items():
        if not _is_chart_file(path):
            continue
        folder, _, base = path.rpartition("/")
        copy[path] = _KUBE_VERSION.sub(b"", content) if base == "Chart.yaml" else content
        if base == "Chart.yaml":
            copy[f"{folder}/{_PRINTER}".lstrip("/")] = _TEMPLATE.encode()
    return copy


def _is_chart_file(path: str) -> bool:
    """Whether a file is one of `_KEPT`, of the chart or of a subchart in (nested) `charts/` folders."""
    *folders, base = path.split("/")
    return base in _KEPT and len(folders) % 2 == 0 and all(folder == "charts" for folder in folders[::2])


def parse(output: str) -> Merged:
    """The printed documents -> Merged. Pure. Raises HelmError where the chart itself printed none."""
    found: dict[str, dict[str, Any]] = {}
    for line in output.splitlines():
        if not line.startswith('{"apiVersion":'):
            continue
        try:
            document = json.loads(line)
            values = json.loads(base64.b64decode(document["values"]), parse_int=_number)
            found[_subchart(document["metadata"]["name"])] = values
        except (ValueError, KeyError, TypeError) as error:
            raise HelmError(
                "helm template printed values that are not JSON", "report it with your Helm version"
            ) from error
    if "" not in found:
        raise HelmError("helm template printed no values", "is it a library chart? Those cannot be installed")
    return Merged(found.pop(""), found)


def _number(digits: str) -> int | float:
    """Helm holds every number as a float64; beyond 2^53 its digits are no exact integer."""
    value = int(digits)
    return value if abs(value) < 1 << 53 else float(digits)


def _subchart(template: str) -> str:
    """`tyk-oss/charts/a/charts/b/templates/values.yaml` -> `a/b`; the chart itself: empty."""
    parts = template.removesuffix("/" + _PRINTER).split("/")
    return "/".join(parts[2::2])


def write_chart(root: Path, files: Mapping[str, bytes]) -> None:
    """A chart as a folder. Raises TykUpgradeError where it cannot be written; no user value is ever in it."""
    try:
        for path, content in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError as error:
        raise TykUpgradeError(
            f"cannot write a copy of the chart to {root}: {error.strerror}", "TMPDIR must have some space"
        ) from error
