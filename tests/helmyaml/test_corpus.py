"""Real values files: nothing changes without an edit, and with one nothing else does.

By default a sample of files within a time box; TYK_UPGRADE_CORPUS=1: every file, 20 edits of each kind.
"""

from __future__ import annotations

import os
import random
import time
import zlib
from pathlib import Path

import pytest

from helm_tyk_upgrade.helmyaml import Document, locate, read, warnings
from tests.helmyaml.random_edits import KINDS, Tally, paths, pick, try_edit

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "values"
WHOLE = os.environ.get("TYK_UPGRADE_CORPUS") == "1"
SECONDS = 10.0
# What real files hold and an edit must not touch: anchors, aliases, merge keys, a lost final newline.
KNOWN_REASONS = ("anchor", "alias", "merge key", "{ }", "{ } or [ ]", "given on lines", "Helm would not read")


def files() -> list[Path]:
    found = sorted(CORPUS.glob("*.yaml"))
    if not found:
        pytest.skip("no corpus of values files beside the repository")
    return found


def test_every_file_is_byte_identical_without_an_edit() -> None:
    for file in files():
        data = file.read_bytes()
        assert Document(data).commit() == data
        assert all(one.text.isprintable() for one in warnings(data))


def test_every_tenth_file_has_a_place_for_each_path() -> None:
    for file in files()[::10]:
        data = file.read_bytes()
        lines = data.count(b"\n") + 1
        for path in random.Random(file.name).sample(every := list(paths(read(data, 4))), min(5, len(every))):
            position = locate(data, path)
            assert 1 <= position.line <= position.end_line <= lines


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(3600 if WHOLE else 300)
def test_random_edits_of_real_files_are_right_or_refused(kind: str) -> None:
    tally = Tally()
    until = time.monotonic() + SECONDS / len(KINDS)
    chosen = files()
    random.Random(kind).shuffle(chosen)
    for file in chosen:
        edit_file(file, kind, 20 if WHOLE else 1, tally)
        if not WHOLE and tally.tried >= 10 and time.monotonic() > until:
            break
    assert tally.wrong == []
    assert tally.right >= 0.9 * tally.tried
    assert [one for one in tally.refused if not any(reason in one for reason in KNOWN_REASONS)] == []


def edit_file(file: Path, kind: str, count: int, tally: Tally) -> None:
    before = file.read_bytes()
    data = read(before, 4)
    for number in range(count):
        rng = random.Random(zlib.crc32(f"{file.name} {kind} {number}".encode()))
        edit = pick(kind, data, rng)
        if edit is not None:
            try_edit(before, edit, tally)


@pytest.mark.parametrize("change", ["crlf", "bom", "no final newline"])
def test_other_line_endings_are_kept(change: str) -> None:
    tally = Tally()
    for file in files()[::60]:
        data = file.read_bytes()
        if b"\r" in data or not data.endswith(b"\n"):
            continue
        data = {
            "crlf": data.replace(b"\n", b"\r\n"),
            "bom": b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
            "no final newline": data.rstrip(b"\n"),
        }[change]
        for kind in KINDS:
            edit = pick(kind, read(data, 4), random.Random(f"{file.name} {kind}"))
            after = try_edit(data, edit, tally) if edit else None
            if after is not None and b"\r\n" in data:
                assert after.count(b"\n") == after.count(b"\r\n")
    assert tally.wrong == []
    assert tally.right >= 0.9 * tally.tried > 0
