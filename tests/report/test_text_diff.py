"""The diff of a values file is one that `patch` can apply."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.report.text_diff import unified


@pytest.mark.skipif(shutil.which("patch") is None, reason="no patch program here")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"a: 1\nb: 2\n", b"a: 1\nb: 3\n", id="plain"),
        pytest.param(b"", b"a: 1\n", id="from nothing"),
        pytest.param(b"a: 1\n", b"", id="to nothing"),
        pytest.param(b"a: 1", b"a: 2", id="no newline at the end"),
        pytest.param(b"a: 1\nb: 2", b"a: 2\nb: 2", id="no newline at the end of what stays"),
        pytest.param(b"a: 1", b"a: 1\n", id="only the newline"),
        pytest.param(b"a: 1\r\nb: 2\r\n", b"a: 1\r\nb: 3\r\n", id="CRLF"),
        pytest.param(b"a: 1\r\nb: 2", b"a: 3\r\nb: 2", id="CRLF without an end"),
        pytest.param(b"a: 1\r\n", b"a: 1\n", id="only line ends"),
        pytest.param(b"\xef\xbb\xbfa: 1\n", b"\xef\xbb\xbfa: 2\n", id="BOM"),
    ],
)
def test_patch_makes_the_same_of_it(tmp_path: Path, before: bytes, after: bytes) -> None:
    file = tmp_path / "v.yaml"
    file.write_bytes(before)
    text = "\n".join(unified("v.yaml", before, after, Masker())) + "\n"
    done = subprocess.run(
        ["patch", "--binary", "-p1", "-s"],
        cwd=tmp_path,
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert (file.read_bytes() if file.exists() else b"") == after


def test_the_lines_of_a_text_without_an_end_are_marked() -> None:
    assert unified("v", b"a: 1", b"a: 2\n", Masker())[-3:] == (
        "-a: 1",
        "\\ No newline at end of file",
        "+a: 2",
    )
