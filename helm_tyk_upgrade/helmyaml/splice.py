"""Replacing, adding to and renaming what stands in the text: each edit as splices of the characters
that change."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from helm_tyk_upgrade.helmyaml.errors import Refused
from helm_tyk_upgrade.helmyaml.layout import Page, Step, key_name
from helm_tyk_upgrade.helmyaml.text import (
    block_lines,
    entry,
    flowed,
    inline,
    is_block,
    item_lines,
    key,
    scalar,
)
from helm_tyk_upgrade.helmyaml.tree import ALIAS, MAP, SCALAR, SEQ, Node

_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True)
class Splice:
    """Replace `start`..`end` of the text by `text`."""

    start: int
    end: int
    text: str


def apply(text: str, splices: list[Splice]) -> str:
    """The text with all splices made; they must not overlap. Insertions at one place keep their order."""
    parts: list[str] = []
    position = 0
    for splice in sorted(splices, key=lambda one: (one.start, one.end)):
        parts += [text[position : splice.start], splice.text]
        position = splice.end
    return "".join([*parts, text[position:]])


def overlap(splices: list[Splice]) -> bool:
    ordered = sorted(splices, key=lambda one: (one.start, one.end))
    return any(left.end > right.start for left, right in pairwise(ordered))


def in_flow(steps: list[Step]) -> bool:
    return any(step.parent.flow for step in steps)


def is_empty(node: Node) -> bool:
    """Null or an empty collection: nothing that a new entry could follow."""
    if node.kind is SCALAR:
        return node.style is None and node.text in _NULLS and node.tag is None
    return node.kind in (MAP, SEQ) and not node.items


def set_value(page: Page, steps: list[Step], value: Any) -> list[Splice]:
    """Give the last step's node another value; comments and the rest of the line stay."""
    step = steps[-1]
    if in_flow(steps):
        return [_inside_flow(page, step.node, value)]
    if is_block(value) and not (step.node.flow and step.node.items):
        return _to_block(page, step, value)
    return _to_inline(page, step, value)


def _inside_flow(page: Page, node: Node, value: Any) -> Splice:
    start = node.start if node.kind is ALIAS or node.tag else node.inner
    text = flowed(value) if not isinstance(value, str) else scalar(value, _quote(node), True)
    return Splice(start, node.end, _spaced(page, start, text))


def _spaced(page: Page, start: int, text: str) -> str:
    """A value needs a space after its colon, dash or anchor."""
    return text if start == 0 or page.text[start - 1] in " \t\n[{" else " " + text


def _quote(node: Node) -> str | None:
    return node.style if node.style in ("'", '"') else None


def swallowed(page: Page, index: int, column: int) -> bool:
    """Whether a `|` block ending at `index` would swallow what follows, or lose its newline at the
    file's end."""
    following = re.compile(rf"(?:[ \t]*\r?\n)* {{{column + 1},}}#")
    stop = page.next_line(index)
    return (
        page.line_end(index) > index
        or page.text[stop - 1 : stop] != "\n"
        or bool(following.match(page.text, stop))
    )


def _to_inline(page: Page, step: Step, value: Any) -> list[Splice]:
    node = step.node
    column = page.column(step.start)
    one_line = swallowed(page, step.end, column)
    text = inline(value, column + page.style.indent, page.style, one_line, _quote(node))
    if node.kind in (MAP, SEQ) and not node.flow:
        if step.key is None:
            return [Splice(node.start, node.end, text)]
        after = page.colon(step.key) + 1
        # the key's own comment stays; its block goes, from this line's end to the block's last line's end
        here, there = page.line_end(after), page.line_end(node.end)
        head = _head(page, node, after)
        return [Splice(after, head, " " + text), Splice(max(here, head), there, "")]
    start = node.start if node.kind is ALIAS or node.tag else node.inner
    return [Splice(start, node.end, _spaced(page, start, text))]


def _to_block(page: Page, step: Step, value: Any) -> list[Splice]:
    if step.key is None:
        return [_item_to_block(page, step.node, value)]
    style = page.style
    column = page.column(step.key.start) + (style.indent if isinstance(value, dict) else style.dash)
    stop = page.line_end(step.end)
    one_line = swallowed(page, stop, page.column(step.key.start))
    return _below_key(page, step, block_lines(value, column, style, one_line))


def _below_key(page: Page, step: Step, lines: list[str]) -> list[Splice]:
    """Put lines below `key:` in place of its value; the comment on the key's line stays there."""
    assert step.key is not None
    node = step.node
    body = "".join(page.style.eol + line for line in lines)
    after, stop = page.colon(step.key) + 1, page.line_end(step.end)
    if node.kind in (MAP, SEQ) and not node.flow:
        head = _head(page, node, after)
        here = max(page.line_end(after), head)
        return [Splice(after, head, ""), Splice(here, stop, body)]
    return [Splice(after, max(node.end, after), ""), Splice(stop, stop, body)]


def _head(page: Page, node: Node, after: int) -> int:
    """Where what stands between `key:` and the value's block ends: an anchor, a tag. The space behind them
    stays, for a comment needs one."""
    return len(page.text[: node.inner].rstrip(" \t")) if node.inner > node.start else after


def _item_to_block(page: Page, node: Node, value: Any) -> Splice:
    empty = node.start == node.end
    column = page.column(node.start) + (1 if empty else 0)
    lines = block_lines(value, column, page.style, swallowed(page, node.end, column - 1))
    lines[0] = lines[0].lstrip(" ")
    return Splice(node.start, node.end, (" " if empty else "") + page.style.eol.join(lines))


def rename_key(page: Page, step: Step, new: str) -> list[Splice]:
    """Write another key, in the quotes of the old one."""
    assert step.key is not None
    if any(key_name(other) == new for other, _ in step.parent.pairs()):
        raise Refused(
            "there is a key of that name already", "Remove one of the two first.", page.line(step.start)
        )
    text = key(new, step.parent.flow, _quote(step.key))
    start = step.key.inner if step.key.tag is None and step.key.kind is not ALIAS else step.key.start
    return [Splice(start, step.key.end, text + (" " if step.key.kind is ALIAS else ""))]


def add_entry(page: Page, steps: list[Step], name: str, value: Any, after: int | None) -> list[Splice]:
    """Add `name: value` to the mapping at the end of `steps` (the document's own without steps)."""
    node = steps[-1].node if steps else page.root
    if node is None or is_empty(node):
        return _first_entry(page, steps, node, {name: value})
    if node.kind is not MAP:
        raise Refused("this is not a mapping", "Give the path of a mapping.", page.line(node.start))
    if node.flow:
        return _flow_entry(page, node, f", {key(name, True)}: {flowed(value)}", after)
    column, position = entry_place(page, node, after)
    one_line = swallowed(page, max(position - 1, 0), column)
    return [as_lines(page, position, entry(f"{key(name)}:", value, column, page.style, one_line))]


def _flow_entry(page: Page, node: Node, text: str, after: int | None) -> list[Splice]:
    last = len(node.items) // 2 - 1 if after is None else after
    end = max(one.end for one in node.items[2 * last : 2 * last + 2])
    if page.text[node.inner] != "{":  # `[a: 1]`: a mapping without its braces
        return [Splice(node.inner, node.inner, "{"), Splice(end, end, text + "}")]
    return [Splice(end, end, text)]


def add_lines(page: Page, steps: list[Step], lines_at: Callable[[int], list[str]]) -> list[Splice]:
    """Add ready lines, made for the column they are asked for, to the mapping at the end of `steps`."""
    node = steps[-1].node if steps else page.root
    if in_flow(steps) or (node is not None and node.flow and node.items):
        raise Refused(
            "lines cannot be put inside { } or [ ]", "Edit it by hand.", page.line(node.start if node else 0)
        )
    if node is None or (is_empty(node) and not steps):
        return [as_lines(page, page.content_end, lines_at(0))]
    if is_empty(node):
        step = steps[-1]
        if step.key is None:
            raise Refused("an empty list item", "Edit it by hand.", page.line(node.start))
        return _below_key(page, step, lines_at(page.column(step.key.start) + page.style.indent))
    if node.kind is not MAP:
        raise Refused("this is not a mapping", "Give the path of a mapping.", page.line(node.start))
    column, position = entry_place(page, node, None)
    return [as_lines(page, position, lines_at(column))]


def entry_place(page: Page, node: Node, after: int | None) -> tuple[int, int]:
    """The column of a block mapping's keys, and where a new one starts: after entry `after`, or at the
    end."""
    column = page.column(node.items[0].start)
    lead = page.before(node.items[0].start).rstrip()
    if lead.endswith("?"):  # `? key`: the next key stands below the question mark
        column = len(lead) - 1
    last = len(node.items) // 2 - 1 if after is None else after
    return column, place_after(page, node, last, column, after is not None)


def place_after(page: Page, node: Node, at: int, column: int, close: bool) -> int:
    """Where a new entry can start after entry `at`: below the comments that belong to it.

    `close=False`: also below commented-out examples at the same column.
    """
    pair = node.items[2 * at : 2 * at + 2] if node.kind is MAP else [node.items[at]]
    position = page.next_line(max(one.end for one in pair))
    comment = re.compile(rf" {{{column + close},}}#")
    while comment.match(page.text, position):
        position = page.next_line(position)
    return position


def as_lines(page: Page, position: int, lines: list[str]) -> Splice:
    """Whole lines put at the start of a line, or after a last line that has no line ending."""
    eol = page.style.eol
    body = eol.join(lines)
    if position and page.text[position - 1] != "\n":
        return Splice(position, position, eol + body)
    return Splice(position, position, body + eol)


def _first_entry(page: Page, steps: list[Step], node: Node | None, value: Any) -> list[Splice]:
    """The first entry of what was null, `{}`, `[]` or nothing at all."""
    if steps:
        if in_flow(steps):
            assert node is not None
            return [_inside_flow(page, node, value)]
        return _to_block(page, steps[-1], value)
    lines = block_lines(value, 0, page.style, True)
    if node is None or node.start == node.end:
        return [as_lines(page, page.content_end, lines)]
    return [Splice(node.start, node.end, page.style.eol.join(lines))]


def add_item(page: Page, steps: list[Step], at: int, value: Any) -> list[Splice]:
    """Add a list item that becomes item `at` of the list at the end of `steps`."""
    node = steps[-1].node
    if is_empty(node):
        return _first_entry(page, steps, node, [value])
    if node.kind is not SEQ:
        raise Refused("this is not a list", "Give the path of a list.", page.line(node.start))
    if not 0 <= at <= len(node.items):
        raise Refused(f"the list has {len(node.items)} items", "Check the index.", page.line(node.start))
    if node.flow:
        return [_flow_item(node, at, value)]
    if at:
        column = page.column(page.dash(node, at - 1))
        position = place_after(page, node, at - 1, column, True)
        one_line = swallowed(page, max(position - 1, 0), column)
        return [as_lines(page, position, item_lines(value, column, page.style, one_line))]
    return [_item_before_first(page, node, value)]


def _flow_item(node: Node, at: int, value: Any) -> Splice:
    if at:
        end = node.items[at - 1].end
        return Splice(end, end, ", " + flowed(value))
    start = node.items[0].start
    return Splice(start, start, flowed(value) + ", ")


def _item_before_first(page: Page, node: Node, value: Any) -> Splice:
    dash = page.dash(node, 0)
    column = page.column(dash)
    lines = item_lines(value, column, page.style, True)
    if page.before(dash).strip():  # the list starts on its parent's dash line
        lines[0] = lines[0].lstrip(" ")
        return Splice(dash, dash, page.style.eol.join(lines) + page.style.eol + " " * column)
    position = page.line_start(dash)
    own = re.compile(rf" {{{column}}}#")
    while position and own.match(page.text, page.line_start(position - 1)):
        position = page.line_start(position - 1)
    return as_lines(page, position, lines)
