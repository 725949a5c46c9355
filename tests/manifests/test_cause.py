"""Causes of changed fields: the 2x2 of charts and values, and what is said where a render is missing."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.manifests.cause import attribute
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.change import ManifestChanges


def config(**data: str) -> ManifestChanges:
    """How the ConfigMap with this data differs from the old one."""
    return compare(text(a="old", b="old"), text(**data))


def text(**data: str) -> str:
    entries = "".join(f"  {key}: {value}\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n{entries}"


PLANNED = config(a="new", b="old")
UNCHANGED = config(a="old", b="old")
OTHER = config(a="other", b="old")


@pytest.mark.parametrize(
    ("by_values", "by_chart", "by_defaults", "cause"),
    [
        (PLANNED, UNCHANGED, None, "your values"),
        (UNCHANGED, PLANNED, None, "new chart"),
        (UNCHANGED, PLANNED, PLANNED, "new default"),
        (UNCHANGED, PLANNED, UNCHANGED, "new template"),
        (UNCHANGED, PLANNED, OTHER, "new default and new template"),
        (PLANNED, PLANNED, PLANNED, "your values and new default"),
        (UNCHANGED, UNCHANGED, UNCHANGED, "your values and new template"),
        (OTHER, UNCHANGED, PLANNED, "your values and new default"),
        (PLANNED, OTHER, None, "your values"),
        (None, PLANNED, None, "new chart"),
        (None, UNCHANGED, None, "your values"),
        (UNCHANGED, None, PLANNED, "new default"),
        (None, None, None, ""),
        (PLANNED, None, None, "your values"),
        (None, OTHER, None, ""),
    ],
)
def test_cause(
    by_values: ManifestChanges | None,
    by_chart: ManifestChanges | None,
    by_defaults: ManifestChanges | None,
    cause: str,
) -> None:
    found = attribute(PLANNED, by_values, by_chart, by_defaults)
    assert [field.cause for field in found.objects[0].fields] == [cause]


def test_each_field_has_its_own_cause() -> None:
    found = attribute(config(a="mine", b="theirs"), config(a="mine", b="old"), config(a="old", b="theirs"))
    assert [(field.path, field.cause) for field in found.objects[0].fields] == [
        ("data.a", "your values"),
        ("data.b", "new chart"),
    ]


def test_an_added_object_has_a_cause() -> None:
    planned = compare("", text(a="x"))
    assert attribute(planned, compare("", ""), planned).objects[0].fields[0].cause == "new chart"
