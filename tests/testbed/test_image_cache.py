"""An archive is built once for the same inputs, also by two callers at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from testbed.images.__main__ import once
from testbed.images.oci import Entry, Image, layer


class Recipe:
    """Counts how often it is asked for its image."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> list[Image]:
        self.made += 1
        time.sleep(0.05)  # long enough for the others to come to the lock
        return [Image("a.test/x:1", (layer([Entry("/x", data=b"x")]),), user="0")]


def test_same_inputs_are_built_once(tmp_path: Path) -> None:
    recipe = Recipe()
    assert once(tmp_path, "x", [b"1"], recipe) == once(tmp_path, "x", [b"1"], recipe)
    assert recipe.made == 1


def test_another_input_makes_another_archive_and_removes_the_old_one(tmp_path: Path) -> None:
    first = once(tmp_path, "x", [b"1"], Recipe())
    longer_name = once(tmp_path, "x-other", [b"1"], Recipe())
    second = once(tmp_path, "x", [b"2"], Recipe())
    assert first != second
    assert not first.exists()
    assert second.exists()
    assert longer_name.exists()


def test_inputs_are_told_apart_by_where_they_end(tmp_path: Path) -> None:
    assert once(tmp_path, "x", [b"12", b"3"], Recipe()) != once(tmp_path, "x", [b"1", b"23"], Recipe())


def test_callers_at_the_same_time_build_once(tmp_path: Path) -> None:
    recipe = Recipe()
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: once(tmp_path, "x", [b"1"], recipe), range(4)))
    assert len(paths) == 1
    assert recipe.made == 1
