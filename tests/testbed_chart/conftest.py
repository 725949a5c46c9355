"""The packaged test charts, and the Helm binaries that TYK_UPGRADE_HELM_BINARIES (a colon list) names."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from testbed.chart import package
from tests.testbed_chart.manifests import Render

HELM_BINARIES = [path for path in os.environ.get("TYK_UPGRADE_HELM_BINARIES", "").split(":") if path]


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("charts")
    package.build(out)
    return out


@pytest.fixture(scope="session", params=HELM_BINARIES or [""], ids=lambda path: Path(path).parent.name)
def helm(request: pytest.FixtureRequest) -> Path:
    if not request.param:
        pytest.skip("set TYK_UPGRADE_HELM_BINARIES to a colon-separated list of helm binaries")
    return Path(request.param)


@pytest.fixture(scope="session")
def run_helm(helm: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    home = tmp_path_factory.mktemp("home")

    def run(*arguments: str | Path) -> str:
        done = subprocess.run(
            [helm, *arguments],
            capture_output=True,
            text=True,
            env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def render(run_helm: Callable[..., str], charts: Path) -> Render:
    """render(version, *extra, chart="tyk-oss"): the manifest of release prod in namespace tyk."""

    def rendered(version: str, *extra: str | Path, chart: str = "tyk-oss") -> str:
        archive = charts / f"{chart}-{version}.tgz"
        return run_helm("template", "prod", archive, "-n", "tyk", "--kube-version", "1.34.0", *extra)

    return rendered
