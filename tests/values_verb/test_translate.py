"""`values --translate`: the new file whole in --out, masked on the terminal; never in place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helm_tyk_upgrade.helmyaml import read
from tests.values_verb.conftest import Values

pytestmark = pytest.mark.helm
LEGACY = """\
# since 2021
secrets:
  APISecret: canary-api-secret
redis:
  addrs: [redis:6379]
  pass: canary-redis-pass   # old: canary-redis-pass
gateway:
  # three zones
  replicaCount: 3
  mounts: []
oddKey: 1
"""


@pytest.fixture
def legacy(folder: Path) -> Path:
    path = folder / "legacy.yaml"
    path.write_text(LEGACY)
    return path


def test_the_file_alone_goes_to_standard_output_without_secrets(values: Values, legacy: Path) -> None:
    found = values("--translate", "legacy.yaml")
    assert found.code == 0
    data = read(found.out.encode(), 3)
    assert data["tyk-gateway"]["gateway"]["replicaCount"] == 3  # type: ignore[call-overload,index]
    assert "canary" not in found.out + found.err
    assert "legacy.yaml:11" in found.err
    assert "helm uninstall OLD" in found.flat


def test_out_gets_the_whole_file_for_its_owner_only(values: Values, legacy: Path, folder: Path) -> None:
    found = values("legacy.yaml", "--translate", "--out", "new.yaml", "-o", "json")
    assert found.code == 0, found.err
    new = folder / "new.yaml"
    assert new.stat().st_mode & 0o777 == 0o600
    data = read(new.read_bytes(), 3)
    assert data["global"]["secrets"]["APISecret"] == "canary-api-secret"  # type: ignore[call-overload,index]
    assert "# three zones" in new.read_text()
    report = json.loads(found.out)
    assert [each["path"] for each in report["unmapped"]] == ["gateway.mounts", "oddKey"]
    assert "canary" not in found.out
    assert legacy.read_text() == LEGACY


def test_an_existing_file_is_not_overwritten(values: Values, legacy: Path) -> None:
    found = values("legacy.yaml", "--translate", "--out", "legacy.yaml")
    assert found.code == 1
    assert "exists already" in found.err
    assert legacy.read_text() == LEGACY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("global: {redis: {}}\n", "keys of tyk-oss already"),
        ("redis: ENC[x]\nsops: {v: 1}\n", "encrypted by sops"),
        ("a: [\n", "line"),
    ],
)
def test_what_is_no_file_of_tyk_headless(values: Values, folder: Path, text: str, said: str) -> None:
    (folder / "x.yaml").write_text(text)
    found = values("x.yaml", "--translate")
    assert found.code == 1
    assert said in found.flat
    assert "x.yaml" in found.err


def test_the_new_file_is_one_that_the_new_chart_understands(values: Values, legacy: Path) -> None:
    assert values("legacy.yaml", "--translate", "--out", "new.yaml").code == 0
    found = values("new.yaml", "--from", "5.1.1", "--to", "5.3.0", "-o", "json")
    assert found.code == 0, found.err
    assert {each["judgement"] for each in json.loads(found.out)["overrides"]} <= {"kept", "redundant"}


def test_exactly_one_file(values: Values, legacy: Path) -> None:
    for argv in ((), ("legacy.yaml", "legacy.yaml"), ("-",)):
        found = values("--translate", *argv)
        assert found.code == 1
        assert "exactly one file" in found.err
