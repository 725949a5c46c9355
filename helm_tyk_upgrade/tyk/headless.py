"""From tyk-headless to tyk-oss: asks data/tyk-headless.json, which is curated by hand."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import Any

from helm_tyk_upgrade.model.translation import Row
from helm_tyk_upgrade.tyk.values import path_of


def rows() -> tuple[Row, ...]:
    """The table of keys."""
    return tuple(_row(item) for item in _data()["rows"])


def differences() -> tuple[str, ...]:
    """What the new chart does otherwise, whatever the values."""
    return tuple(_data()["differences"])


def covers() -> tuple[str, str]:
    """The chart versions that the table was made for, as `tyk-headless 0.15.0`."""
    return str(_data()["about"]["from"]), str(_data()["about"]["to"])


def _row(item: dict[str, Any]) -> Row:
    return Row(
        old=path_of(item["old"]),
        new=path_of(item["new"]) or None,
        note=item.get("note", ""),
        beside=tuple((path_of(path), value) for path, value in item.get("with", {}).items()),
        default=item.get("default"),
        as_list=item.get("list", False),
    )


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    file = resources.files("helm_tyk_upgrade.tyk").joinpath("data").joinpath("tyk-headless.json")
    data = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data
