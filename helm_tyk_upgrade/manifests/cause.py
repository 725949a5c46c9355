"""Why a field changes: the 2x2 of old and new chart with old and new values, read field by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from helm_tyk_upgrade.manifests.fields import same
from helm_tyk_upgrade.model.change import FieldChange, ManifestChanges, ObjectChange

YOURS = "your values"
DEFAULT = "new default"
TEMPLATE = "new template"
CHART = "new chart"
"""A default or a template: the render that tells them apart could not be made."""
_Found = dict[tuple[str, str, str, str], FieldChange]


def attribute(
    changes: ManifestChanges,
    old_chart_new_values: ManifestChanges | None,
    new_chart_old_values: ManifestChanges | None,
    new_templates_old_defaults: ManifestChanges | None = None,
) -> ManifestChanges:
    """The same changes, each field with its cause.

    All arguments are `diff.compare` of the same old objects: with the planned render; the old chart under the
    new user values; the new chart under the old user values; the new chart under the values of
    `values.compare.pinned` (then a new default has no effect). None where a render could not be made: the
    cause stays open, never guessed. Causes: your values, new default, new template, new chart; several are
    joined by " and ".
    """
    renders = [
        None if found is None else _index(found)
        for found in (old_chart_new_values, new_chart_old_values, new_templates_old_defaults)
    ]
    return replace(
        changes,
        objects=tuple(
            replace(
                change,
                fields=tuple(
                    replace(field, cause=_cause(change, field, *renders)) for field in change.fields
                ),
            )
            for change in changes.objects
        ),
    )


def _index(changes: ManifestChanges) -> _Found:
    return {_place(change, field): field for change in changes.objects for field in change.fields}


def _place(change: ObjectChange, field: FieldChange) -> tuple[str, str, str, str]:
    return change.id.kind, change.id.namespace, change.id.name, field.path


def _cause(
    change: ObjectChange,
    field: FieldChange,
    yours: _Found | None,
    chart: _Found | None,
    pinned: _Found | None,
) -> str:
    place = _place(change, field)
    by_yours, by_chart = _does(field, place, yours), _does(field, place, chart)
    if by_yours == "same" and by_chart != "same":
        return YOURS
    if by_chart == "same" and by_yours != "same":
        return _part_of_chart(field, place, pinned)
    if by_yours is None or by_chart is None:
        return _with_one_render(field, place, by_yours, by_chart, pinned)
    return f"{YOURS} and {_part_of_chart(field, place, pinned)}"


def _does(field: FieldChange, place: tuple[str, str, str, str], render: _Found | None) -> str | None:
    """What a render does to a field: the "same" change, "nothing", something "else"; None: no render."""
    if render is None:
        return None
    found = render.get(place)
    if found is None:
        return "nothing"
    return "same" if _equal(found.new, field.new) else "else"


def _equal(left: Any, right: Any) -> bool:
    return left is right or same(left, right)


def _with_one_render(
    field: FieldChange,
    place: tuple[str, str, str, str],
    by_yours: str | None,
    by_chart: str | None,
    pinned: _Found | None,
) -> str:
    """With one of the two renders missing: what the other leaves over is due to the missing."""
    if by_chart == "nothing":
        return YOURS
    if by_yours == "nothing":
        return _part_of_chart(field, place, pinned)
    return ""


def _part_of_chart(field: FieldChange, place: tuple[str, str, str, str], pinned: _Found | None) -> str:
    by_template = _does(field, place, pinned)
    if by_template is None:
        return CHART
    if by_template == "same":
        return TEMPLATE
    return DEFAULT if by_template == "nothing" else f"{DEFAULT} and {TEMPLATE}"
