"""Writing aliases and merge keys out in full, so that one place can be changed without the others."""

from __future__ import annotations

from typing import Any

from helm_tyk_upgrade.helmyaml.construct import is_merge_key
from helm_tyk_upgrade.helmyaml.errors import Refused
from helm_tyk_upgrade.helmyaml.layout import Page, Shared, Step, key_name
from helm_tyk_upgrade.helmyaml.model import at
from helm_tyk_upgrade.helmyaml.paths import Path
from helm_tyk_upgrade.helmyaml.splice import Splice, in_flow, set_value, swallowed
from helm_tyk_upgrade.helmyaml.text import entry, flowed, key
from helm_tyk_upgrade.helmyaml.tree import MAP, SEQ, Node


def expansion(page: Page, shared: Shared, data: Any) -> list[Splice]:
    """Write out the first alias or merge key that stands in the way; the data stays the same. Raises
    Refused."""
    target = shared.nodes[0]
    steps = _route(page.root, target)
    for depth, step in enumerate(steps):
        if step.key is not None and is_merge_key(step.key):
            return _merges(page, steps[: depth + 1], data)
    if steps and steps[-1].key is target:
        hint = "Write the key itself instead of the alias."
        raise Refused("an alias stands as a key", hint, page.line(target.start))
    return set_value(page, steps, at(data, _path(steps)))


def _route(root: Node | None, target: Node) -> list[Step]:
    """The steps from the root to a node (a key counts as its entry)."""
    stack: list[tuple[Node, list[Step]]] = [(root, [])] if root else []
    while stack:
        node, steps = stack.pop()
        if node is target:
            return steps
        if node.kind is MAP:
            for number, (name, value) in enumerate(node.pairs()):
                below = [*steps, Step(node, number, name, value)]
                if name is target:
                    return below
                stack.append((value, below))
        elif node.kind is SEQ:
            stack += [(one, [*steps, Step(node, number, None, one)]) for number, one in enumerate(node.items)]
    raise Refused("the alias was not found again", "Write it out by hand.")


def _path(steps: list[Step]) -> Path:
    return tuple(step.at if step.key is None else key_name(step.key) for step in steps)


def _merges(page: Page, steps: list[Step], data: Any) -> list[Splice]:
    """All `<<` of one mapping: the first becomes the merged entries, the others go."""
    mapping = steps[-1].parent
    found = [
        Step(mapping, number, name, value)
        for number, (name, value) in enumerate(mapping.pairs())
        if is_merge_key(name)
    ]
    explicit = {key_name(name): name.start for name, _ in mapping.pairs() if not is_merge_key(name)}
    last = found[-1]
    if any(start < last.start for start in explicit.values()):
        message = "a merge key stands below other keys and may override them"
        raise Refused(
            message, "Move << to the top of its mapping, or write it out by hand.", page.line(last.start)
        )
    values = {name: value for name, value in at(data, _path(steps[:-1])).items() if name not in explicit}
    if len(found) > 1 or not values or mapping.items[0].start != found[0].start:
        message = "several merge keys, or one that brings nothing"
        raise Refused(message, "Write them out by hand.", page.line(found[0].start))
    return [_entries(page, found[0], values, in_flow(steps))]


def _entries(page: Page, step: Step, values: dict[str, Any], flow: bool) -> Splice:
    if flow:
        return Splice(
            step.start, step.end, ", ".join(f"{key(k, True)}: {flowed(v)}" for k, v in values.items())
        )
    column = page.column(step.start)
    one_line = swallowed(page, step.end, column)
    lines = [
        line
        for name, value in values.items()
        for line in entry(f"{key(name)}:", value, column, page.style, one_line)
    ]
    lines[0] = lines[0].lstrip(" ")
    return Splice(step.start, step.end, page.style.eol.join(lines))
