"""The search for leaks at the end of the cluster tests finds what it looks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.harness import Canaries
from tests.live.leaks import leaks

CANARIES = Canaries("canary-api-0123", "canary-redis-4567")


@pytest.fixture
def argv_log(tmp_path: Path) -> Path:
    log = tmp_path / "argv" / "log"
    log.parent.mkdir()
    log.write_text("upgrade tyk -f -\n")
    return log


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_bundles_and_values_files_may_hold_secrets(tmp_path: Path, argv_log: Path) -> None:
    written(tmp_path / "site" / "values.yaml", "pass: canary-redis-4567", 0o644)
    written(tmp_path / "b" / "bundle.json", "{}")
    written(tmp_path / "b" / "release" / "manifest.yaml", "canary-api-0123")
    assert leaks(CANARIES, argv_log, tmp_path) == []


def test_a_secret_in_an_argument_is_found(tmp_path: Path, argv_log: Path) -> None:
    argv_log.write_text("upgrade tyk --set a=canary-redis-4567\n")
    assert leaks(CANARIES, argv_log, tmp_path) == [f"the arguments of a Helm, in {argv_log}"]


def test_a_secret_in_a_plan_file_is_found(tmp_path: Path, argv_log: Path) -> None:
    plan = written(tmp_path / "site" / "plan.json", '"canary-api-0123"')
    assert leaks(CANARIES, argv_log, tmp_path) == [str(plan)]


def test_a_bundle_that_others_can_read_is_found(tmp_path: Path, argv_log: Path) -> None:
    written(tmp_path / "b" / "bundle.json", "{}")
    values = written(tmp_path / "b" / "release" / "manifest.yaml", "canary-api-0123", 0o644)
    assert leaks(CANARIES, argv_log, tmp_path) == [f"{values}, for everybody to read"]
