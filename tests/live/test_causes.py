"""Causes of changed fields with the real Helm on the real cluster: chart, values, and a chart that asks the cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.live.harness import Site

_CHART = "apiVersion: v2\nname: tyk-oss\nversion: {version}\n"
_TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: asks}}
data:
  kubernetes: {{{{ .Capabilities.KubeVersion.Version }}}}
  revision: "{{{{ .Release.Revision }}}}"
  upgrade: "{{{{ .Release.IsUpgrade }}}}"
  found: "{{{{ len (lookup "v1" "ConfigMap" .Release.Namespace "asks") }}}}"
  value: "{{{{ .Values.value }}}}"
  other: "{{{{ .Values.other }}}}"
  text: {text}
"""


def causes(site: Site, *args: str) -> dict[str, str]:
    done = site.run("plan", "--only", "diff", "-o", "json", *args)
    assert done.code in (0, 2), done
    objects: list[dict[str, Any]] = done.json["manifest"]["objects"]
    return {field["path"]: field.get("cause", "") for change in objects for field in change["fields"]}


def test_chart_and_values_are_told_apart(new_site: Any) -> None:
    planned: Site = new_site("told-apart")
    planned.install("4.0.0", planned.world.values())
    planned.file.write_text(planned.world.values(replicas=3))
    found = causes(planned, "--version", "5.4.0")
    assert found["spec.replicas"] == "your values"
    assert found["metadata.labels.chart"] == "new template"
    assert found["spec.template.spec.containers[gateway-tyk-gateway].image"] == "new default"
    assert causes(planned, "--version", "4.0.0") == {"spec.replicas": "your values"}


def chart(folder: Path, version: str, text: str, other: str) -> Path:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(_CHART.format(version=version))
    (folder / "values.yaml").write_text(f"value: a\nother: {other}\n")
    (folder / "templates" / "asks.yaml").write_text(_TEMPLATE.format(text=text))
    return folder


@pytest.fixture
def asking(new_site: Any) -> Site:
    """A release of a chart that asks the cluster; the new version of it lies beside."""
    site: Site = new_site("causes")
    old = chart(site.folder / "old", "1.0.0", "before", "x")
    chart(site.folder / "new", "1.1.0", "after", "y")
    site.file.write_text("value: a\n")
    site.world.helm("install", "asks", str(old), "-n", site.namespace, "-f", str(site.file))
    return site


def test_a_chart_on_disk_leaves_open_what_only_the_old_one_could_tell(asking: Site) -> None:
    asking.file.write_text("value: b\n")
    found = causes(asking, "asks", "--chart", "./new")
    assert found["data.value"] == "your values"
    assert found["data.text"] == found["data.other"] == "new chart"
