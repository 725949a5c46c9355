"""Shell completion: the static list agrees with the parsers, and Helm reads it."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import HelmBinary

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("completion", ROOT / "scripts" / "completion.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_completion_yaml_agrees_with_the_parsers(generator: ModuleType) -> None:
    written = (ROOT / "completion.yaml").read_text()
    assert written == generator.completion(), "run scripts/check --fix"


def test_flags_with_a_short_form_come_first_and_in_pairs(generator: ModuleType) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("--values", "-f")
    parser.add_argument("--secret", help=argparse.SUPPRESS)
    parser.add_argument("word")
    assert generator.flags_of(parser) == ["h", "help", "f", "values", "only"]


def complete(helm: HelmBinary, *words: str) -> list[str]:
    """Helm's own candidates for the last word, without descriptions."""
    command = [str(helm.path), "__complete", "tyk-upgrade", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


@pytest.mark.helm
def test_helm_offers_commands_flags_and_files(each_helm: HelmBinary) -> None:
    install = [str(each_helm.path), "plugin", "install", str(ROOT)]
    subprocess.run(install, check=True, capture_output=True, timeout=60)
    assert {"upgrade", "plan", "rollback"} <= set(complete(each_helm, ""))
    assert "--gateway-version" in complete(each_helm, "plan", "--gat")
    assert {"list", "show", "restore"} <= set(complete(each_helm, "backup", ""))
    assert complete(each_helm, "values", "") == [":0"]


def test_release_names_come_from_helm_and_errors_stay_silent(tmp_path: Path) -> None:
    helm = tmp_path / "helm"
    helm.write_text("#!/bin/sh\necho tyk-prod; echo tyk-dev; echo other; echo noise >&2\n")
    helm.chmod(0o755)

    def candidates(*words: str, helm: Path = helm) -> tuple[list[str], str]:
        env = os.environ | {"HELM_BIN": str(helm)}
        command = [str(ROOT / "plugin.complete"), *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        return done.stdout.split(), done.stderr

    assert candidates("plan", "tyk-") == (["tyk-prod", "tyk-dev", ":4"], "")
    assert candidates("plan", "") == (["tyk-prod", "tyk-dev", "other", ":4"], "")
    assert candidates("plan", "-f", "val") == ([":0"], "")
    assert candidates("version", "") == ([":4"], "")
    assert candidates("plan", "", helm=tmp_path / "absent") == ([":4"], "")
