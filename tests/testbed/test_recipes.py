"""What is in the images, and as whom they run."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from testbed.images import recipes
from testbed.images.__main__ import main, parse_gateways, read_versions


@pytest.mark.parametrize(
    ("version", "user"),
    [
        ("4.0.0", "0"),
        ("5.3.1", "0"),
        ("5.3.2", "65532"),
        ("5.3.3", "0"),
        ("5.3.12", "0"),
        ("5.3.13", "65532"),
        ("5.4.0", "65532"),
        ("5.5.0", "0"),
        ("5.8.12", "0"),
        ("5.8.13", "65532"),
        ("5.9.1", "0"),
        ("5.12.0", "0"),
        ("5.12.1", "65532"),
        ("5.13.0", "65532"),
        ("5.13.0-rc1", "65532"),
        ("6.0.0", "65532"),
    ],
)
def test_user_is_the_one_of_the_published_image(version: str, user: str) -> None:
    assert recipes.gateway_user(version) == user


def test_user_agrees_with_the_recorded_base_of_every_version(shared: Path) -> None:
    known = json.loads((shared / "reference" / "tyk-versions.json").read_text(encoding="utf-8"))["gateway"]
    bases = {version: facts["image_base"] for version, facts in known.items() if facts["image_base"]}
    assert len(bases) > 100
    wrong = {
        version: base
        for version, base in bases.items()
        if (recipes.gateway_user(version) == "65532") != ("nonroot" in base)
    }
    assert wrong == {}


def test_standins_differ_in_their_version_only(tmp_path: Path) -> None:
    program = tmp_path / "tyk"
    program.write_bytes(b"program")
    old, new = recipes.standins(program, ["5.9.1", "5.13.1"])
    assert (old.name, new.name) == (
        "tyk-upgrade.test/tyk-gateway:v5.9.1",
        "tyk-upgrade.test/tyk-gateway:v5.13.1",
    )
    assert old.layers == new.layers
    assert (old.environment, new.environment) == (("STANDIN_VERSION=5.9.1",), ("STANDIN_VERSION=5.13.1",))
    assert (old.user, new.user) == ("0", "65532")
    assert old.entrypoint == ("/opt/tyk-gateway/tyk",)
    assert old.working_dir == "/opt/tyk-gateway"


def test_real_gateway_brings_its_libraries_and_the_folders_beside_it(tmp_path: Path) -> None:
    program = tmp_path / "tyk"
    program.write_bytes(Path("/bin/ls").read_bytes())
    for name in ("templates/error.json", "js/tyk.js", "other/file"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    image = recipes.real_gateway(program, "5.9.1")
    with tarfile.open(fileobj=io.BytesIO(image.layers[1])) as tar:
        names = set(tar.getnames())
    assert {"opt/tyk-gateway/templates/error.json", "opt/tyk-gateway/js/tyk.js"} <= names
    assert "opt/tyk-gateway/other/file" not in names
    assert any(name.startswith("usr/lib/libc.") for name in names)
    assert image.environment == ()


def test_versions_file_has_one_version_a_line(tmp_path: Path) -> None:
    file = tmp_path / "versions"
    file.write_text("# old\n4.0.0\n\n5.9.1  # the default\n 5.13.1")
    assert read_versions(file) == ["4.0.0", "5.9.1", "5.13.1"]


def test_versions_of_this_checkout_are_versions(repo: Path) -> None:
    versions = read_versions(repo / "testbed" / "gateway" / "versions")
    assert len(set(versions)) == len(versions) > 1
    assert {recipes.gateway_user(version) for version in versions} == {"0", "65532"}


def test_gateways_are_a_list_of_version_and_path() -> None:
    assert parse_gateways("") == {}
    assert parse_gateways("5.9.1=/a b/tyk, v5.13.1=/c/tyk") == {
        "5.9.1": Path("/a b/tyk"),
        "5.13.1": Path("/c/tyk"),
    }


@pytest.mark.parametrize("text", ["5.9.1", "5.9.1=", "=/a/tyk", "newest=/a/tyk"])
def test_other_gateways_are_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"VERSION=PATH|no gateway version"):
        parse_gateways(text)


def test_a_real_gateway_replaces_the_standin_of_its_version(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standin, versions = tmp_path / "standin", tmp_path / "versions"
    standin.write_bytes(b"program")
    versions.write_text("5.9.1\n5.13.1\n")
    argv = ["--cache", str(tmp_path / "cache"), "--standin", str(standin), "--versions", str(versions)]
    assert main([*argv, "--gateway", "5.9.1=/bin/ls"]) == 0
    first, second = (Path(line) for line in capsys.readouterr().out.splitlines())
    assert image_names(first) == ["tyk-upgrade.test/tyk-gateway:v5.13.1"]
    assert image_names(second) == ["tyk-upgrade.test/tyk-gateway:v5.9.1"]


def test_a_missing_gateway_is_an_error_with_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--cache", str(tmp_path), "--gateway", "5.9.1=/nowhere/tyk"]) == 1
    assert "/nowhere/tyk" in capsys.readouterr().err


def image_names(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        content = tar.extractfile("manifest.json")
        assert content is not None
        return [name for image in json.load(content) for name in image["RepoTags"]]
