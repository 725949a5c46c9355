"""Files and charts that cannot be worked with: an error that names the file and the line, and nothing written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.values_verb.conftest import Values

pytestmark = pytest.mark.helm
BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    f"{here}: &{here} [{', '.join([f'*{below}'] * 9)}]\n".encode()
    for below, here in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"a: \xff\xfe\n", ["values.yaml", "UTF-8"], id="not UTF-8"),
        pytest.param(
            b"a: {{ .Values.x }}\n", ["values.yaml", "line 1", "template"], id="templated, on one line"
        ),
        pytest.param(
            b"{{- if x }}\na: 1\n{{- end }}\n", ["values.yaml", "line 1", "template"], id="templated"
        ),
        pytest.param(b"- a\n- b\n", ["values.yaml", "line 1", "not a mapping"], id="a list"),
        pytest.param(b"just a word\n", ["values.yaml", "line 1", "not a mapping"], id="a word"),
        pytest.param(b"a: 1\nb: [1\n", ["values.yaml", "line"], id="not YAML"),
        pytest.param(b"a: 1\n\tb: 2\n", ["values.yaml", "line 2"], id="a tab as indent"),
        pytest.param(BOMB, ["values.yaml", "alias"], id="alias bomb"),
        pytest.param(b"a: " + b"[" * 10_000 + b"]" * 10_000, ["values.yaml", "deep"], id="deep nesting"),
        pytest.param(b"a: 1\nb: \x00\n", ["values.yaml", "line 2"], id="NUL"),
    ],
)
@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
def test_a_file_that_helm_cannot_read(
    values: Values, folder: Path, data: bytes, said: list[str], write: bool
) -> None:
    file = folder / "values.yaml"
    file.write_bytes(data)
    found = values("values.yaml", "--to", "5.3.0", *(["--write", "--yes"] if write else []))
    assert found.code == 1
    assert "Error: " in found.err
    assert [word for word in said if word.lower() not in found.flat.lower()] == []
    assert "  -> " in found.err
    assert file.read_bytes() == data
    assert sorted(path.name for path in folder.iterdir()) == ["values.yaml"]


def test_a_missing_file(values: Values) -> None:
    found = values("nowhere.yaml")
    assert found.code == 1
    assert "values file nowhere.yaml does not exist" in found.err


def test_no_file_named_and_none_here(values: Values) -> None:
    found = values()
    assert found.code == 1
    assert "there is no values.yaml here" in found.err


def test_in_a_charts_folder_the_defaults_are_not_taken_for_values(values: Values, folder: Path) -> None:
    (folder / "Chart.yaml").write_text("name: x\n")
    (folder / "values.yaml").write_text("a: 1\n")
    assert "this folder is a chart" in values().err


def test_a_folder_in_place_of_a_file(values: Values, folder: Path) -> None:
    (folder / "values.yaml").mkdir()
    found = values("values.yaml")
    assert found.code == 1
    assert "values.yaml is a folder" in found.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission(values: Values, folder: Path) -> None:
    (folder / "values.yaml").touch(0o000)
    found = values("values.yaml")
    assert found.code == 1
    assert "permission denied" in found.err


def test_a_file_that_may_not_be_read(values: Values, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, for those who run the tests as root."""
    (folder / "values.yaml").write_text("a: 1\n")
    real = Path.open

    def refuse(self: Path, *args: object, **more: object) -> object:
        if self.name == "values.yaml":
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    found = values("values.yaml")
    assert found.code == 1
    assert "values.yaml cannot be read: permission denied" in found.err


@pytest.mark.parametrize("locked", ["file", "folder"])
def test_what_is_read_only_is_not_written(
    values: Values, folder: Path, locked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "values.yaml"
    file.write_text("stray: 1\n")
    real = os.access

    def refuse(path: object, mode: int, **more: object) -> bool:
        return False if str(path).endswith("values.yaml") else real(path, mode, **more)  # type: ignore[arg-type]

    make = tempfile.mkstemp

    def no_room(**where: object) -> object:
        if "values.yaml" in str(where["prefix"]):
            raise PermissionError(13, "Permission denied")
        return make(**where)  # type: ignore[call-overload]

    if locked == "file":
        monkeypatch.setattr("helm_tyk_upgrade.edge.files.os.access", refuse)
    else:
        monkeypatch.setattr("helm_tyk_upgrade.edge.files.tempfile.mkstemp", no_room)
    found = values("--from", "5.1.1", "--to", "5.3.0", "--write", "--yes")
    assert found.code == 1
    assert "cannot write values.yaml" in found.err
    assert file.read_text() == "stray: 1\n"


@pytest.mark.parametrize("data", [b"", b"# only a comment\n", b"{}\n", b"null\n"])
def test_an_empty_file_is_fine_and_says_so(values: Values, folder: Path, data: bytes) -> None:
    (folder / "values.yaml").write_bytes(data)
    found = values("--from", "5.1.1", "--to", "5.3.0")
    assert found.code == 0, found.err
    assert "0 overrides" in found.out


def test_a_file_of_more_than_10_mib(values: Values, folder: Path) -> None:
    (folder / "values.yaml").write_bytes(b"a: " + b"x" * (10 << 20) + b"\n")
    found = values("values.yaml")
    assert found.code == 1
    assert "larger than 10 MiB" in found.err


def test_terminal_escapes_in_keys_and_comments_are_never_printed_raw(values: Values, folder: Path) -> None:
    (folder / "values.yaml").write_bytes(b'# \x1b]0;title\x07 comment\n"k\\e[31mred": "v\\e[0m"\n')
    for output in ("text", "json", "markdown", "diff"):
        found = values("--from", "5.1.1", "--to", "5.3.0", "-o", output)
        assert "\x1b" not in found.out + found.err
        assert "\x07" not in found.out + found.err


def test_a_chart_without_values(values: Values, folder: Path) -> None:
    (folder / "values.yaml").write_text("a: 1\n")
    for name in ("old", "new"):
        (folder / name).mkdir()
        (folder / name / "Chart.yaml").write_text(f"apiVersion: v2\nname: plain\nversion: 1.0.{len(name)}\n")
    found = values("--from", "./old", "--chart", "./new", "-o", "text")
    assert found.code == 0, found.err
    assert "dead" in found.out


def test_what_is_no_chart(values: Values, folder: Path) -> None:
    (folder / "values.yaml").write_text("a: 1\n")
    (folder / "empty").mkdir()
    found = values("--from", "./empty", "--chart", "./empty")
    assert found.code == 1
    assert "empty" in found.err
