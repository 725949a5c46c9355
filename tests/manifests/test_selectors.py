"""Label selectors as Kubernetes reads them."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.manifests.selectors import is_served, matches, served_labels
from helm_tyk_upgrade.manifests.split import split

LABELS = {"app": "gw", "tier": "edge"}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"matchLabels": {"app": "gw"}}, True),
        ({"matchLabels": {"app": "gw", "tier": "back"}}, False),
        ({"matchLabels": {"zone": "a"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["gw", "x"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["gw"]}]}, False),
        ({"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Gt", "values": ["1"]}]}, False),
        (
            {
                "matchLabels": {"app": "gw"},
                "matchExpressions": [{"key": "tier", "operator": "In", "values": ["back"]}],
            },
            False,
        ),
    ],
)
def test_a_label_selector(selector: dict[str, Any], expected: bool) -> None:
    assert matches(selector, LABELS) is expected


@pytest.mark.parametrize(
    ("selector", "place", "expected"),
    [
        ("{app: gw}", "apis", True),
        ("{tier: edge, app: gw}", "apis", True),
        ("{app: gw}", "elsewhere", False),
        ("{app: x}", "apis", False),
        ("{app: gw, tier: x}", "apis", False),
        ("{app: gw, zone: a}", "apis", False),
        ("{}", "apis", False),
        ("null", "apis", False),
    ],
)
def test_a_service(selector: str, place: str, expected: bool) -> None:
    services = split(f"kind: Service\nmetadata: {{name: x}}\nspec: {{selector: {selector}}}\n")
    assert is_served(served_labels(services, "apis"), place, LABELS) is expected
