"""What a template's data can be when it runs with places instead of values: places of the values tree, `dict`s and
`list`s made of them; and what can be told of an operand before it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from helm_tyk_upgrade.values.gotemplate import Fields, Function, Literal, Operand, Pipeline

Keys: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Root:
    """The data a chart's templates start with; prefix: where its values are in the umbrella's."""

    prefix: Keys


@dataclass(frozen=True)
class Subcharts:
    """`.Subcharts`: the roots of the charts below one."""

    prefix: Keys


@dataclass(frozen=True)
class File:
    """The text of a file of the chart: harmless, unless it is rendered as a template."""


@dataclass(frozen=True)
class At:
    """A place in the umbrella's values. chart: how many of its keys lead to the subchart's own values; instead: what
    `default` puts in place of an empty value here, as the template writes it."""

    path: Keys
    chart: int = 0
    instead: str = ""


@dataclass(frozen=True)
class Made:
    """A `dict`, or a `list` with its indexes as keys."""

    entries: tuple[tuple[str, Places], ...]


Place: TypeAlias = "Root | Subcharts | File | At | Made"
Places: TypeAlias = "frozenset[Place]"
NOWHERE: Places = frozenset()


# Methods that Helm gives to all the values of a chart; what these return is not followed.
_METHODS = frozenset(("YAML", "Table", "PathValue", "Encode"))


def follows(place: Place, name: str) -> bool:
    """Whether `.name` of a place leads to a place that is known; a `dict` without that key leads nowhere."""
    if isinstance(place, Made):
        return not only_lists(frozenset((place,))) or any(key == name for key, _ in place.entries)
    return not (_is_all(place) and name in _METHODS)


def _is_all(place: Place) -> bool:
    return isinstance(place, At) and len(place.path) == place.chart


def member_of(places: Places, name: str) -> Places:
    """`.name` as a template writes it: `.Values.AsMap` is a method that gives the values again."""
    same = frozenset(place for place in places if name == "AsMap" and _is_all(place))
    return same | field_of(places - same, name)


def field_of(places: Places, name: str) -> Places:
    """`.name` of the data."""
    found: set[Place] = set()
    for place in places:
        if isinstance(place, At):
            found.add(below(place, name))
        elif isinstance(place, Made):
            for key, entry in place.entries:
                if key == name:
                    found |= entry
        elif isinstance(place, Subcharts):
            found.add(Root((*place.prefix, name)))
        elif isinstance(place, File) or name == "Files":
            found.add(File())
        elif name == "Values":
            found.add(At(place.prefix, len(place.prefix)))
        elif name == "Subcharts":
            found.add(Subcharts(place.prefix))
    return frozenset(found)


def below(place: At, name: str) -> At:
    """A key below a place; `global` of a subchart is the umbrella's."""
    if name == "global" and len(place.path) == place.chart:
        return At(("global",))
    return At((*place.path, name), place.chart)


def with_default(places: Places, written: str) -> Places:
    """The places after `default`: what is empty there does not come through. Only a constant is certain not to be
    made of the value itself."""
    return frozenset(
        replace(place, instead=place.instead or written) if isinstance(place, At) and written else place
        for place in places
    )


def entries(places: Places) -> Places:
    """Any item of a list (a number as index is not looked at); of a list in the values, the list."""
    found: set[Place] = set()
    for place in places:
        if isinstance(place, Made):
            for _, entry in place.entries:
                found |= entry
        else:
            found.add(place)
    return frozenset(found)


def only_lists(places: Places) -> bool:
    return bool(places) and all(
        isinstance(place, Made) and place.entries and all(key.isdigit() for key, _ in place.entries)
        for place in places
    )


def constant(operand: Operand) -> str | None:
    return operand.text if isinstance(operand, Literal) else None


def calls_include(operand: Operand) -> bool:
    if isinstance(operand, Function):
        return operand.name == "include"
    base = operand.base if isinstance(operand, Fields) else None
    return isinstance(base, Pipeline) and any(
        calls_include(inner) for command in base.commands for inner in command
    )


def is_template_file(operand: Operand) -> bool:
    """`(print $.Template.BasePath "/secrets.yaml")`: a file, which is rendered (so looked at) anyway."""
    if not isinstance(operand, Fields):
        return False
    if isinstance(operand.base, Pipeline):
        return any(is_template_file(inner) for command in operand.base.commands for inner in command)
    return operand.names == ("Template", "BasePath")
