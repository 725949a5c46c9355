"""How large Helm's record of a revision gets. It must fit into one Secret or ConfigMap: 1 MiB of data
(MaxSecretSize of k8s.io/kubernetes pkg/apis/core/types.go), else the API server refuses it and the upgrade fails.

Helm stores base64(gzip(JSON)): pkg/storage/driver/util.go. Of the chart, its own templates, files and values are in
it; those of subcharts are not (helm.sh/helm chart.Chart keeps dependencies unexported).
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.helmyaml import UnreadableYaml
from helm_tyk_upgrade.helmyaml.read import read
from helm_tyk_upgrade.manifests.split import Manifest, split
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown

_FURTHER = 100
"""Bytes for what is not known beforehand (times, names), as the records of real releases need."""


def record_bytes(
    chart: ChartFiles, values: Mapping[str, Any], manifest: str, hooks: Manifest, notes: str
) -> Maybe[int]:
    """About how many bytes of data the Secret of the new revision will have (5 % off at most, for real releases).
    values: the user's, merged. Unknown where the chart's values.yaml cannot be read."""
    try:
        stored = _chart(chart)
    except UnreadableYaml as error:
        return Unknown(f"values.yaml of the chart: {error.message}")
    record = {
        "info": {"notes": notes, "status": "deployed", "description": "Upgrade complete"},
        "chart": stored,
        "config": dict(values),
        "manifest": manifest,
        "hooks": [_hook(item.data, item.template, item.hook) for item in split(hooks)],
    }
    text = json.dumps(record, separators=(",", ":"), default=str).encode()
    return Known(-(-(len(gzip.compress(text, compresslevel=6, mtime=0)) + _FURTHER) // 3) * 4)


def _hook(data: dict[str, Any], template: str, events: tuple[str, ...]) -> dict[str, Any]:
    metadata = data.get("metadata") or {}
    return {
        "name": metadata.get("name"),
        "kind": data.get("kind"),
        "path": template,
        "manifest": json.dumps(data),
        "events": events,
    }


def _chart(chart: ChartFiles) -> dict[str, Any]:
    own = {path: content for path, content in chart.files.items() if not path.startswith("charts/")}
    told = ("Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json")
    listed = [path for path in sorted(own) if path not in told]
    return {
        "metadata": dict(chart.metadata),
        "values": read(chart.values, 3),
        "schema": _encoded(own.get("values.schema.json", b"")),
        "templates": [_file(path, own[path]) for path in listed if path.startswith("templates/")],
        "files": [_file(path, own[path]) for path in listed if not path.startswith("templates/")],
    }


def _file(path: str, content: bytes) -> dict[str, str]:
    return {"name": path, "data": _encoded(content)}


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
