"""PyYAML without its C library (some platforms) gives the same answers."""

from __future__ import annotations

import random

import pytest
import yaml

from helm_tyk_upgrade.helmyaml import tree
from tests.helmyaml.random_edits import KINDS, Tally, pick, try_edit
from tests.helmyaml.test_document import DELETE, INSERT, MOVE, RENAME, SET, Edit, edited
from tests.helmyaml.test_traps import answer, source_of, traps
from tests.helmyaml.written import written


@pytest.fixture(autouse=True)
def _pure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_LOADER", yaml.SafeLoader)


EVERY = [*SET, *INSERT, *DELETE, *RENAME, *MOVE]


# a tab after a colon is an error for pure Python: said, not misread
@pytest.mark.parametrize(("before", "edit", "after"), [case for case in EVERY if "\t" not in case[0]])
def test_the_same_edits(before: str, edit: Edit, after: str) -> None:
    assert edited(before, edit) == after


def test_the_same_reading_or_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for trap in traps():
        pure = answer(source_of(trap), 4)
        monkeypatch.setattr(tree, "_LOADER", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        compiled = answer(source_of(trap), 4)
        monkeypatch.setattr(tree, "_LOADER", yaml.SafeLoader)
        if pure[0] and compiled[0]:
            assert pure[1] == compiled[1], trap["name"]


def test_random_edits() -> None:
    tally = Tally()
    rng = random.Random(3)
    data = {"a": {"b": ["x", {"k": 1, "l": "p\nq\n"}], "c": {}}, "d": "on", "e": [[1, 2], None]}
    for number in range(80):
        text = written(data, rng).encode()
        edit = pick(KINDS[number % len(KINDS)], data, rng)
        assert edit is not None or KINDS[number % len(KINDS)] == "bump"
        if edit is not None:
            try_edit(text, edit, tally)
    assert tally.wrong == []
    assert tally.right > 50
