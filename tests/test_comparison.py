"""docs/comparison.md tells the truth about itself: each row of ours has its tests, and each test named exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PAGE = TESTS.parent / "docs" / "comparison.md"
_ROWS, _REST = PAGE.read_text().split("## Where the others do more")
_CONFIRMED = _REST.split("## What confirms our rows")[1]
_NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", _CONFIRMED)))


def rows(text: str) -> dict[int, list[str]]:
    """The cells of each numbered row of a table."""
    lines = re.findall(r"^\| (\d+) \| (.*) \|$", text, re.MULTILINE)
    return {int(number): cells.split(" | ") for number, cells in lines}


@pytest.mark.parametrize(("path", "name"), _NAMED, ids="::".join)
def test_each_test_named_exists(path: str, name: str) -> None:
    source = ast.parse((TESTS / path).read_text())
    assert name in {node.name for node in ast.walk(source) if isinstance(node, ast.FunctionDef)}


def test_tests_are_named() -> None:
    assert len(_NAMED) > 50
    assert len(re.findall("::", _CONFIRMED)) - 1 == len(re.findall(r"`[\w/]+\.py::\w+`", _CONFIRMED))


def test_each_claim_of_ours_has_its_tests_and_nothing_else_has() -> None:
    claimed = {number for number, (_, here, *_) in rows(_ROWS).items() if here in "YP"}
    assert claimed == set(rows(_CONFIRMED))
    assert all("::" in " ".join(cells) for cells in rows(_CONFIRMED).values())


def test_each_row_says_something_of_every_tool() -> None:
    assert [row for row in rows(_ROWS).values() if len(row) != 6 or not set(row[1:]) <= set("YPN·")] == []
    assert list(rows(_ROWS)) == list(range(1, len(rows(_ROWS)) + 1))


@pytest.mark.parametrize(("tool", "column"), [("helm-diff", 2), ("nelm", 3), ("Argo CD", 4), ("konflate", 5)])
def test_each_mark_of_another_tool_has_its_note(tool: str, column: int) -> None:
    """A number in the notes for each Y, P and N; the Ns of konflate have one reason for all, in its first note."""
    notes = _REST.split(f"**{tool}** (")[1].split("\n**")[0].split("\n## ")[0]
    noted = {
        int(number)
        for listed in re.findall(r"(?:^- |\. )((?:\d+, )*\d+):\s", notes, re.MULTILINE)
        for number in listed.split(", ")
    }
    marked = {number for number, cells in rows(_ROWS).items() if cells[column] != "·"}
    without = {"konflate": {12, 13, 14, 15, 20}}.get(tool, set())
    assert marked - noted == without
    assert noted - marked == set()
