"""Real Helm with releases in memory (HELM_DRIVER=memory): commands that read work without a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.edge.process import Processes
from helm_tyk_upgrade.helm.client import Helm, values_document
from helm_tyk_upgrade.model.secrets import Masker
from testbed.chart import package

VALUES: dict[str, Any] = {
    "global": {"secrets": {"APISecret": "s3cr3t-canary"}},
    "list": [1, 2.5, None, "x", {"deep": [True, False]}, []],
    "empty": {},
    "nothing": None,
    "numbers": [0, -1, 1234567, 1e6, 0.1, 12345678901234567],
    "texts": ['"quoted"', "line\nbreak", "tab\t", "☃ 🦉", "</b>&'", "\\", "", "\u0007\u2028\x7f\x85\ufeff"],
    'key with "quotes" and ☃': "v",
}


def release(name: str = "tyk", revision: int = 1, **changed: Any) -> dict[str, Any]:
    """A release as Helm stores it."""
    item = {
        "name": name,
        "namespace": "default",
        "version": revision,
        "info": {
            "status": "deployed",
            "description": "Upgrade complete",
            "first_deployed": "2026-01-01T00:00:00Z",
            "last_deployed": "2026-01-02T00:00:00Z",
        },
        "chart": {"metadata": {"name": "tyk-oss", "version": "4.0.0", "apiVersion": "v2"}},
        "config": VALUES,
        "manifest": "---\n# Source: tyk-oss/templates/a.yaml\nkind: ConfigMap\ndata: {a: \"☃\"}\n",
        "hooks": [
            {"name": "h", "kind": "Job", "path": "tyk-oss/templates/h.yaml", "manifest": "kind: Job\n",
             "events": ["pre-upgrade"]}
        ],
    }  # fmt: skip
    return item | changed


@pytest.fixture(scope="session")
def charts_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("charts")
    package.build(folder)
    return folder


MakeHelm = Callable[..., Helm]


@pytest.fixture
def helm_with(each_helm: Any, tmp_path: Path) -> MakeHelm:
    """`helm_with(release(...), ...)`: the client of a real Helm that has these releases."""

    def make(*releases: dict[str, Any], masker: Masker | None = None) -> Helm:
        data = tmp_path / "releases.json"
        data.write_bytes(values_document({"releases": list(releases)})[len('{"releases": ') : -2])
        env = {**os.environ, "HELM_DRIVER": "memory", "HELM_MEMORY_DRIVER_DATA": str(data)}
        return Helm(Processes(env), str(each_helm.path), masker=masker)

    return make
