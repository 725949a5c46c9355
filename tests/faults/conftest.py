"""The same world as the live tests, and a release that is broken off and brought to its end again and again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.conftest import argv_log, catalogue, charts, new_site, world

__all__ = ["argv_log", "catalogue", "charts", "new_site", "world"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs the cluster."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.cluster)
