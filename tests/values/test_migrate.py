"""Renames to edits: what moves, what is only deleted, what a person has to decide."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.model.change import Path
from helm_tyk_upgrade.values.migrate import migrations

RENAMES: dict[Path, Path | None] = {
    ("gateway", "hashKeys"): ("global", "hashKeys"),
    ("global", "secrets", "devPortal"): None,
}


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        pytest.param({}, [], id="nothing set"),
        pytest.param({"global": {"hashKeys": True}}, [], id="only the new name"),
        pytest.param({"gateway": {"other": 1}}, [], id="a neighbour"),
        pytest.param({"gateway": {"hashKeys": False}}, ["move"], id="moved"),
        pytest.param({"gateway": {"hashKeys": None}}, ["move"], id="a null moves too"),
        pytest.param(
            {"gateway": {"hashKeys": True}, "global": {"hashKeys": True}}, ["delete"], id="there already"
        ),
        pytest.param(
            {"gateway": {"hashKeys": True}, "global": {"hashKeys": False}}, ["manual"], id="two values"
        ),
        pytest.param({"gateway": {"hashKeys": True}, "global": "text"}, ["manual"], id="no map to put it in"),
        pytest.param({"global": {"secrets": {"devPortal": "x"}}}, ["delete"], id="dropped"),
    ],
)
def test_migrations(user: dict[str, Any], expected: list[str]) -> None:
    found = migrations(user, RENAMES)
    assert [each.action for each in found] == expected
    assert all(each.reason for each in found)


def test_a_move_carries_the_value() -> None:
    (found,) = migrations({"gateway": {"hashKeys": False}}, RENAMES)
    assert (found.path, found.to, found.value) == (("gateway", "hashKeys"), ("global", "hashKeys"), False)
