"""Which values are meant: -f, the folder's values.yaml, or the release's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.errors import NotFound
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.planning.values_input import (
    as_planned,
    is_local,
    locate,
    read_files,
    values_input,
    with_kept,
)

SETS = (("--set", "a=1"),)
OWN = {"a": 1}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("document", "local"),
    [
        ("values.yaml", True),
        ("/etc/values.yaml", True),
        ("../env/prod.yaml", True),
        ("-", False),
        ("https://example.test/values.yaml", False),
        ("secrets://secrets.yaml", False),
        ("s3://bucket/values.yaml", False),
    ],
)
def test_what_helm_fetches_is_left_to_helm(document: str, local: bool) -> None:
    assert is_local(document) is local


def test_given_files_win_over_all_others(folder: Path) -> None:
    (folder / "values.yaml").write_text("a: 2\n")
    source, layers = locate(Layers(("one.yaml", "two.yaml"), SETS), None, OWN)
    assert source == "one.yaml, two.yaml (given with -f)"
    assert layers == Layers(("one.yaml", "two.yaml"), SETS)


def test_standard_input_is_handed_on_as_bytes() -> None:
    source, layers = locate(Layers(("base.yaml", "-"), SETS), b"a: 3\n", OWN)
    assert source == "base.yaml, standard input (given with -f)"
    assert layers.documents == ("base.yaml", b"a: 3\n")


def test_values_yaml_of_this_folder_is_taken(folder: Path) -> None:
    (folder / "values.yaml").write_text("a: 2\n")
    assert locate(Layers((), SETS), None, OWN) == (
        "values.yaml in this folder",
        Layers(("values.yaml",), SETS),
    )


def test_the_values_yaml_of_a_chart_holds_its_defaults_and_is_not_taken(folder: Path) -> None:
    (folder / "values.yaml").write_text("a: 2\n")
    (folder / "Chart.yaml").write_text("name: x\n")
    source, layers = locate(Layers((), SETS), None, OWN)
    assert source.startswith("the release's own values")
    (document,) = layers.in_memory
    assert json.loads(document) == OWN
    assert layers.sets == SETS


@pytest.mark.parametrize("own", [None, {}])
def test_a_release_without_values_runs_on_defaults(own: dict[str, Any] | None) -> None:
    source, layers = locate(Layers((), SETS), None, own)
    assert source.startswith("the chart's defaults")
    assert layers == Layers((), SETS)


def test_local_files_are_read_with_bytes_digest_and_mode(folder: Path) -> None:
    (folder / "one.yaml").write_bytes(b"a: 1\r\n")
    (folder / "one.yaml").chmod(0o640)
    (file,) = read_files(["one.yaml", "secrets://x.yaml", b"in: memory\n"])
    assert (file.path, file.data, file.mode) == ("one.yaml", b"a: 1\r\n", 0o640)
    assert values_input("here", Layers(("one.yaml",)), {}).files == (file,)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(NotFound, match=r"values file nothing\.yaml does not exist"):
        read_files(["nothing.yaml"])


def test_kept_values_are_the_lowest_layer() -> None:
    layers = with_kept(Layers(("one.yaml",), SETS), {"kept": 1})
    assert json.loads(layers.in_memory[0]) == {"kept": 1}
    assert layers.documents[1:] == ("one.yaml",)
    assert with_kept(Layers(("one.yaml",)), {}) == Layers(("one.yaml",))


def test_planned_bytes_take_the_place_of_their_file() -> None:
    layers = as_planned(Layers(("one.yaml", b"x", "two.yaml"), SETS), {"two.yaml": b"new"})
    assert layers == Layers(("one.yaml", b"x", b"new"), SETS)
