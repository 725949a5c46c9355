"""Real Helm reads the repository: what it pulls is what the catalogue lists."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from testbed.catalogue import Catalogue
from tests.conftest import HelmBinary
from tests.testbed_catalogue.client import Client

# Helm 3.13 reads ~/.docker at every start and fails where there cannot be a HOME.
pytestmark = [pytest.mark.helm, pytest.mark.usefixtures("home")]


def test_helm_pulls_a_listed_version(
    each_helm: HelmBinary, catalogue: Catalogue, charts: Path, tmp_path: Path
) -> None:
    done = _pull(each_helm, catalogue, tmp_path, "5.3.0")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "tyk-oss-5.3.0.tgz").read_bytes() == (charts / "tyk-oss-5.3.0.tgz").read_bytes()


def test_helm_reports_a_listed_version_that_is_gone(
    each_helm: HelmBinary, catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.faults(repo=["ghost-version"])
    done = _pull(each_helm, catalogue, tmp_path, "99.0.0")
    assert done.returncode != 0
    assert "404" in done.stderr


def test_chart_that_helm_packaged_is_listed(each_helm: HelmBinary, charts: Path, tmp_path: Path) -> None:
    with tarfile.open(charts / "tyk-gateway-5.3.0.tgz") as tar:
        tar.extractall(tmp_path, filter="data")
    command = [
        str(each_helm.path),
        "package",
        str(tmp_path / "tyk-gateway"),
        "--version",
        "7.0.0",
        "-d",
        str(tmp_path),
    ]
    subprocess.run(command, capture_output=True, check=True, timeout=60)
    with Catalogue(tmp_path) as catalogue:
        found = Client(catalogue.hub_url)("/packages/helm/tyk-helm/tyk-gateway").json()
        values = Client(catalogue.hub_url)(f"/packages/{found['package_id']}/7.0.0/values").body
    assert found["version"] == "7.0.0"
    assert values == (tmp_path / "tyk-gateway" / "values.yaml").read_bytes()


def _pull(
    helm: HelmBinary, catalogue: Catalogue, folder: Path, version: str
) -> subprocess.CompletedProcess[str]:
    source = ["--repo", catalogue.repo_url, "--version", version]
    command = [str(helm.path), "pull", "tyk-oss", *source, "-d", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)
