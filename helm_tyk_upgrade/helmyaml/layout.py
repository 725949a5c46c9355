"""Where things stand in the text of one document: lines, dashes, colons, comments, and the way down a
path."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from helm_tyk_upgrade.helmyaml.construct import is_merge_key, scalar_value
from helm_tyk_upgrade.helmyaml.errors import Refused, safe
from helm_tyk_upgrade.helmyaml.paths import Path, format_path
from helm_tyk_upgrade.helmyaml.scalars import key_text
from helm_tyk_upgrade.helmyaml.source import Source
from helm_tyk_upgrade.helmyaml.text import Style
from helm_tyk_upgrade.helmyaml.tree import ALIAS, MAP, SCALAR, SEQ, Node

_STYLE_SAMPLE = 500  # nodes
_DOCUMENT_END = re.compile(r"^\.\.\.(?=\s|\Z)", re.MULTILINE)
_TRIVIA = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")


class Shared(Refused):
    """The path leads through an anchor, alias or merge key; `nodes` are the aliases and << keys to
    write out."""

    def __init__(self, message: str, line: int, nodes: list[Node]) -> None:
        super().__init__(
            message, "Change the anchored value itself, or ask for the alias to be written out.", line
        )
        self.nodes = nodes


@dataclass(frozen=True)
class Step:
    """One step down a path: the node reached, its key (None in a list), and its place among the
    parent's entries."""

    parent: Node
    at: int
    key: Node | None
    node: Node

    @property
    def start(self) -> int:
        return self.key.start if self.key else self.node.start

    @property
    def end(self) -> int:
        return max(self.node.end, self.key.end if self.key else 0)


@dataclass(frozen=True)
class Page:
    """One document of a source: its root node and the stretch of text (`start`..`end`) that belongs to it."""

    source: Source
    root: Node | None
    start: int
    end: int
    _entries: dict[int, dict[str | None, list[int]]] = field(default_factory=dict, compare=False)

    @property
    def text(self) -> str:
        return self.source.text

    @cached_property
    def content_end(self) -> int:
        """Where content can be added to a document that has none: its end, or before its `...` line."""
        match = _DOCUMENT_END.search(self.text, self.start, self.end)
        return match.start() if match else self.end

    def line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def next_line(self, index: int) -> int:
        """Where the next line starts (the end of the text for the last one)."""
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found + 1

    def line_end(self, index: int) -> int:
        """The end of the line without its line break."""
        stop = self.next_line(index)
        while stop > index and self.text[stop - 1] in "\r\n":
            stop -= 1
        return stop

    def column(self, index: int) -> int:
        return index - self.line_start(index)

    def before(self, index: int) -> str:
        """The text of the line left of a position."""
        return self.text[self.line_start(index) : index]

    def colon(self, key: Node) -> int:
        return self.text.index(":", key.end)

    def dash(self, sequence: Node, at: int) -> int:
        """The position of a block list item's dash."""
        begin = sequence.items[at - 1].end if at else sequence.inner
        match = _TRIVIA.match(self.text, begin)
        position = match.end() if match else begin
        if self.text[position : position + 1] != "-":
            raise Refused(
                "the dash of this list item was not found", "Edit the list by hand.", self.line(begin)
            )
        return position

    def line(self, index: int) -> int:
        return self.source.line(index)

    @cached_property
    def used(self) -> dict[int, list[Node]]:
        """Aliases by the id of the node they stand for."""
        found: dict[int, list[Node]] = {}
        for node in self.root.walk() if self.root and "*" in self.text else ():
            if node.kind is ALIAS:
                found.setdefault(id(node.target), []).append(node)
        return found

    def entries(self, mapping: Node) -> dict[str | None, list[int]]:
        """The places of a mapping's keys by name; those of its merge keys under None."""
        found = self._entries.get(id(mapping))
        if found is None:
            found = self._entries[id(mapping)] = {None: []}
            for at, (key, _) in enumerate(mapping.pairs()):
                found.setdefault(None if is_merge_key(key) else key_name(key), []).append(at)
        return found

    @cached_property
    def style(self) -> Style:
        """The indentation most of the document's beginning uses."""
        indents: Counter[int] = Counter()
        dashes: Counter[int] = Counter()
        for node in islice(self.root.walk(), _STYLE_SAMPLE) if self.root else ():
            if node.kind is MAP and not node.flow:
                for name, below in node.pairs():
                    if below.items and not below.flow and below.inner == below.start:
                        shift = self.column(below.start) - self.column(name.start)
                        (indents if below.kind is MAP else dashes)[shift] += 1
        indent = max((n for n in indents if n > 0), key=lambda n: (indents[n], -n), default=2)
        dash = max((n for n in dashes if n >= 0), key=lambda n: (dashes[n], -n), default=2)
        return Style(self.source.eol, indent, dash)


def refuse_explicit(page: Page, step: Step, path: Path) -> None:
    """Raise Refused for `? key` entries, whose colon stands on another line."""
    if step.key is not None and page.before(step.key.start).rstrip().endswith("?"):
        message = f"{format_path(path)} is written with `? key`"
        raise Refused(message, "Write it as `key: value` first.", page.line(step.key.start))


def key_name(node: Node) -> str:
    """A key as Helm names it; of an alias, what it stands for."""
    scalar = node.target if node.kind is ALIAS and node.target else node
    return key_text(scalar_value(scalar))


def find_inside(page: Page, path: Path) -> list[Step]:
    """As `find`, for changing what stands below the path: an alias at its end is an obstacle too."""
    steps = find(page, path)
    if steps:
        _refuse_shared(page, steps[-1].node, path, last=False)
    return steps


def find(page: Page, path: Path, through_last: bool = True) -> list[Step]:
    """The steps down a concrete path. Raises Shared for anchors, aliases and merge keys on the way,
    else Refused.

    `through_last=False`: the value at the end keeps standing where it is, so its own anchor or alias is
    no obstacle.
    """
    steps: list[Step] = []
    node = page.root
    for depth, part in enumerate(path):
        if node is None or node.kind in (SCALAR, ALIAS):
            raise Refused(
                f"{format_path(path[: depth + 1])} does not exist", "Check the path against the file."
            )
        step = (
            _item(page, node, part, path) if node.kind is SEQ else _entry(page, node, part, path[: depth + 1])
        )
        node = step.node
        steps.append(step)
        if depth + 1 < len(path) or through_last:
            _refuse_shared(page, node, path[: depth + 1], last=depth + 1 == len(path))
    return steps


def _item(page: Page, node: Node, part: str | int, path: Path) -> Step:
    if not isinstance(part, int) or part >= len(node.items):
        raise Refused(f"{format_path(path)} does not exist", "Check the path against the file.")
    return Step(node, part, None, node.items[part])


def _entry(page: Page, node: Node, part: str | int, path: Path) -> Step:
    merges = page.entries(node)[None]
    hits = page.entries(node).get(str(part), [])
    where = format_path(path)
    if not hits and merges:
        keys = [node.items[2 * at] for at in merges]
        raise Shared(f"{where} comes from a merge key (<<)", page.line(keys[0].start), keys)
    if not hits:
        raise Refused(f"{where} does not exist", "Check the path against the file.")
    if len(hits) > 1:
        lines = " and ".join(str(page.line(node.items[2 * at].start)) for at in hits)
        raise Refused(
            f"{where} is given on lines {lines}", "Helm uses the last one; delete the others first."
        )
    key, value = node.items[2 * hits[0] : 2 * hits[0] + 2]
    if merges and merges[-1] > hits[0]:
        message = f"{where} stands before a merge key (<<) that may override it"
        raise Shared(message, page.line(key.start), [node.items[2 * at] for at in merges])
    return Step(node, hits[0], key, value)


def _refuse_shared(page: Page, node: Node, path: Path, last: bool) -> None:
    if node.kind is ALIAS and not last:
        message = f"{format_path(path)} is an alias (*{safe(node.anchor)})"
        raise Shared(message, page.line(node.start), [node])
    if id(node) in page.used:
        message = f"{format_path(path)} is anchored (&{safe(node.anchor)}) and used elsewhere"
        raise Shared(message, page.line(node.start), page.used[id(node)])


def refuse_lost_anchor(page: Page, node: Node, path: Path) -> None:
    """Raise Shared when cutting this node would take away an anchor that is used outside of it."""
    if not page.used:
        return
    inside = {id(one) for one in node.walk()}
    for one in node.walk():
        outside = [alias for alias in page.used.get(id(one), []) if id(alias) not in inside]
        if outside:
            message = f"{format_path(path)} holds the anchor &{safe(one.anchor)}, used elsewhere"
            raise Shared(message, page.line(one.start), outside)
