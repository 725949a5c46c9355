"""What is known about the values keys of Tyk's charts. Asks data/values.json (rebuilt by scripts/refresh-tyk-data; its
part "behaviour" is curated)."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import Any

from helm_tyk_upgrade.model.change import Path
from helm_tyk_upgrade.model.values import Behaviour, Moved
from helm_tyk_upgrade.model.version import compare, is_version
from helm_tyk_upgrade.tyk.charts import UMBRELLAS


def moved(chart: str, to: str) -> tuple[Moved, ...]:
    """The keys that a chart renamed or dropped in any version up to `to`, with their paths in that chart. Empty for
    a chart that is not Tyk's and for a version that is none."""
    if not is_version(to):
        return ()
    return tuple(
        Moved(item["since"], path_of(item["old"]), path_of(item["new"]) or None, item["source"])
        for item in _data()["moved"].get(chart, ())
        if compare(item["since"], to) <= 0
    )


def behaviour(chart: str, start: str, to: str) -> tuple[Behaviour, ...]:
    """The new defaults between two chart versions (the first not included) that change what the gateway does."""
    if not (is_version(start) and is_version(to)):
        return ()
    return tuple(
        _behaviour(item, (item["component"],) if chart in UMBRELLAS else ())
        for item in _data()["behaviour"]
        if (chart in UMBRELLAS or chart == item["component"])
        and compare(start, item["since"]) < 0 <= compare(to, item["since"])
    )


def behaviours() -> tuple[Behaviour, ...]:
    """All of them, with paths in the component's own values."""
    return tuple(_behaviour(item, ()) for item in _data()["behaviour"])


def path_of(dotted: str) -> Path:
    """`a.b` -> (a, b). No key in the data has a dot of its own."""
    return tuple(dotted.split(".")) if dotted else ()


def _behaviour(item: dict[str, Any], prefix: tuple[str, ...]) -> Behaviour:
    return Behaviour(
        id=item["id"],
        since=item["since"],
        what=item["what"],
        keeps=item["keeps"],
        risk=item["risk"],
        source=item["source"],
        sets=tuple(((*prefix, *path_of(path)), value) for path, value in item["set"].items()),
        items=tuple(((*prefix, *path_of(path)), value) for path, value in item["items"].items()),
        unless=tuple((*prefix, *path_of(path)) for path in item["unless"]),
    )


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    file = resources.files("helm_tyk_upgrade.tyk").joinpath("data").joinpath("values.json")
    data = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data
