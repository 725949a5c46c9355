"""The version of a Helm binary is remembered only where the very file tells it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from helm_tyk_upgrade.edge.process import Completed
from helm_tyk_upgrade.helm.client import Helm
from helm_tyk_upgrade.helm.known_binary import recall, remember

ELF = b"\x7fELF and more"


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    path = tmp_path / "helm"
    path.write_bytes(ELF)
    path.chmod(0o755)
    return path


def test_a_program_is_remembered_by_any_of_its_names(tmp_path: Path, binary: Path) -> None:
    remember(tmp_path / "cache", str(binary), "v4.3.1")
    link = tmp_path / "link"
    link.symlink_to(binary)
    assert recall(tmp_path / "cache", str(link)) == "v4.3.1"


def test_another_program_in_its_place_is_asked(tmp_path: Path, binary: Path) -> None:
    remember(tmp_path / "cache", str(binary), "v4.3.1")
    other = tmp_path / "other"
    other.write_bytes(ELF)
    os.replace(other, binary)
    assert recall(tmp_path / "cache", str(binary)) == ""


def test_a_script_is_asked_each_time(tmp_path: Path, binary: Path) -> None:
    binary.write_bytes(b"#!/bin/sh\nexec helm-of-today\n")
    remember(tmp_path / "cache", str(binary), "v4.3.1")
    assert recall(tmp_path / "cache", str(binary)) == ""


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b'{"a": 1}'])
def test_a_damaged_memory_is_no_memory(tmp_path: Path, binary: Path, kept: bytes) -> None:
    (tmp_path / "helm-versions.json").write_bytes(kept)
    assert recall(tmp_path, str(binary)) == ""
    remember(tmp_path, str(binary), "v3.19.0")
    assert recall(tmp_path, str(binary)) == "v3.19.0"


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    for number in range(25):
        path = tmp_path / f"helm{number}"
        path.write_bytes(ELF)
        remember(tmp_path, str(path), f"v4.0.{number}")
    assert recall(tmp_path, str(tmp_path / "helm0")) == ""
    assert recall(tmp_path, str(tmp_path / "helm24")) == "v4.0.24"


class Door:
    def __init__(self) -> None:
        self.asked = 0

    def run(self, argv: list[str], **_: object) -> Completed:
        self.asked += 1
        return Completed(tuple(argv), 0, b"v4.3.1", b"")


def test_helm_is_asked_once_for_all_runs(tmp_path: Path, binary: Path) -> None:
    door = Door()
    for _ in range(2):
        helm = Helm(door, str(binary), memory=tmp_path / "cache")  # type: ignore[arg-type]
        assert (helm.version().major, helm.version().text) == (4, "v4.3.1")
    assert door.asked == 1
