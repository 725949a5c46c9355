"""Why a field changes: the 2x2 of old and new chart with old and new values, read field by field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from helm_tyk_upgrade.manifests.fields import same
from helm_tyk_upgrade.model.change import ABSENT, FieldChange, ManifestChanges, ObjectChange

YOURS = "your values"
DEFAULT = "new default"
TEMPLATE = "new template"
CHART = "new chart"
"""A default or a template: the render that tells them apart could not be made."""
ELSE = "the cluster or Helm"
"""Old chart and old values come out so today: nothing that this upgrade brings changes the field."""
_Place = tuple[str, str, str, str]
_Found = dict[_Place, FieldChange]


@dataclass(frozen=True)
class _Renders:
    """What each render changes against the old objects; None where it could not be made."""

    yours: _Found | None
    chart: _Found | None
    defaults: _Found | None
    today: _Found | None


def attribute(
    changes: ManifestChanges,
    old_chart_new_values: ManifestChanges | None,
    new_chart_old_values: ManifestChanges | None,
    new_defaults: ManifestChanges | None = None,
    today: ManifestChanges | None = None,
) -> ManifestChanges:
    """The same changes, each field with its cause.

    All arguments are `diff.compare` of the same old objects: with the planned render; the old chart under the
    new user values; the new chart under the old user values; the old templates with the new defaults under the
    old user values; the old chart under the old user values, rendered now. None
    where a render could not be made: the cause stays open, never guessed. Causes: your values, new default, new
    template, new chart, the cluster or Helm; several are joined by " and ". Of a field that is random at each
    render only its being there has a cause.
    """
    renders = _Renders(
        *(
            None if found is None else _index(found)
            for found in (old_chart_new_values, new_chart_old_values, new_defaults, today)
        )
    )
    return replace(
        changes,
        objects=tuple(
            replace(
                change,
                fields=tuple(replace(field, cause=_cause(change, field, renders)) for field in change.fields),
            )
            for change in changes.objects
        ),
    )


def _index(changes: ManifestChanges) -> _Found:
    return {_place(change, field): field for change in changes.objects for field in change.fields}


def _place(change: ObjectChange, field: FieldChange) -> _Place:
    return change.id.kind, change.id.namespace, change.id.name, field.path


def _cause(change: ObjectChange, field: FieldChange, renders: _Renders) -> str:
    place = _place(change, field)
    if _does(field, place, renders.today) == "same":
        return ELSE
    by_yours, by_chart = _does(field, place, renders.yours), _does(field, place, renders.chart)
    if by_yours == "same" and by_chart != "same":
        return YOURS
    if by_chart == "same" and by_yours != "same":
        return _part_of_chart(field, place, renders.defaults)
    if by_yours is None or by_chart is None:
        return _with_one_render(field, place, by_yours, by_chart, renders.defaults)
    return f"{YOURS} and {_part_of_chart(field, place, renders.defaults)}"


def _does(field: FieldChange, place: _Place, render: _Found | None) -> str | None:
    """What a render does to a field: the "same" change, "nothing", something "else"; None: no render."""
    if render is None:
        return None
    found = render.get(place)
    if found is None:
        return "nothing"
    if field.random:
        return "same" if (found.new is ABSENT) == (field.new is ABSENT) else "else"
    return "same" if _equal(found.new, field.new) else "else"


def _equal(left: Any, right: Any) -> bool:
    return left is right or same(left, right)


def _with_one_render(
    field: FieldChange, place: _Place, by_yours: str | None, by_chart: str | None, defaults: _Found | None
) -> str:
    """With one of the two renders missing: what the other leaves over is due to the missing."""
    if by_chart == "nothing":
        return YOURS
    if by_yours == "nothing":
        return _part_of_chart(field, place, defaults)
    return ""


def _part_of_chart(field: FieldChange, place: _Place, defaults: _Found | None) -> str:
    by_default = _does(field, place, defaults)
    if by_default is None:
        return CHART
    if by_default == "same":
        return DEFAULT
    return TEMPLATE if by_default == "nothing" else f"{DEFAULT} and {TEMPLATE}"
