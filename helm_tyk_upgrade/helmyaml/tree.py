"""One YAML document as a tree of nodes that know where they stand in the text (PyYAML's events, no
recursion)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from yaml.events import AliasEvent, DocumentStartEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

from helm_tyk_upgrade.helmyaml.errors import UnreadableYaml, safe
from helm_tyk_upgrade.helmyaml.source import Source

MAX_DEPTH = 200
SCALAR, MAP, SEQ, ALIAS = "scalar", "map", "seq", "alias"

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:[ \t]+|(?=\r?\n|\Z)))*")
_TAG_RUNS_ON = re.compile(r"(?:\A|\s)!(?!<)[^\s]*[,\[\]{}]")
_TEMPLATE_HINT = (
    "This looks like a template, not values: render it first (helmfile, envsubst, ...) and give the result."
)

_COLON = (
    "a colon directly before , [ ] { or } cannot be followed here",
    "Quote the text (Helm makes the colon part of it), or put a space behind the colon.",
)


class Node:
    """A scalar, map, list or alias; defaults stand on the class because most nodes never change them.

    `start`..`end` holds anchor and tag, `inner`..`end` does not. A map's `items` are key, value, key,
    value, ...
    """

    text = ""
    style: str | None = None
    implicit = False
    flow = False
    items: Sequence[Node] = ()
    anchor: str | None = None
    tag: str | None = None
    target: Node | None = None
    """Of an alias: the node it stands for."""

    def __init__(self, kind: str, start: int, end: int) -> None:
        self.kind = kind
        self.start = self.inner = start
        self.end = end

    def pairs(self) -> list[tuple[Node, Node]]:
        return list(zip(self.items[::2], self.items[1::2], strict=True))

    def walk(self) -> Iterator[Node]:
        """This node and all below it in document order; an alias is not followed."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.items))


def parse_document(source: Source, start: int = 0, end: int | None = None, added: str = "") -> Node | None:
    """The first document in `source.text[start:end] + added`, or None; offsets are those of `source`.

    Raises UnreadableYaml with line and column.
    """
    text = source.text if start == 0 and end is None and not added else source.text[start:end] + added
    try:
        loader = _LOADER(text)
        try:
            root = _Builder(source, text, start).build(loader)
        finally:
            loader.dispose()
    except (yaml.YAMLError, UnicodeError) as error:
        raise _translated(error, source, start, text) from None  # PyYAML quotes the text, secrets too
    if root is not None and "\\/" in text:
        _refuse_slash_escape(root, source)
    return root


class _Builder:
    def __init__(self, source: Source, text: str, base: int) -> None:
        self.source = source
        self.text = text
        self.base = base
        self.anchors: dict[str, Node] = {}

    def build(self, loader: Any) -> Node | None:
        loader.get_event()  # the stream's start
        begin = loader.get_event()
        if not isinstance(begin, DocumentStartEvent):
            return None
        if begin.version not in (None, (1, 1)):
            raise self.other_yaml(begin)
        get_event = loader.get_event
        root: Node | None = None
        stack: list[tuple[Node, list[Node]]] = []
        while root is None or stack:
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                node = self.scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                node = self.collection(event, MAP if kind is MappingStartEvent else SEQ)
            elif kind is AliasEvent:
                node = self.alias(event)
            else:
                self.close(*stack.pop(), event)
                continue
            if stack:
                if stack[-1][0].flow and node.kind is SCALAR and not node.style:
                    self.refuse_plain_in_flow(node)
                stack[-1][1].append(node)
            root = root or node
            if node.kind is MAP or node.kind is SEQ:
                items: list[Node] = []
                stack.append((node, items))
                if len(stack) > MAX_DEPTH:
                    raise self.too_deep(node)
        get_event()  # the document's end: what follows the root must not be broken
        return root

    def close(self, node: Node, items: list[Node], event: Any) -> None:
        """A block collection "ends" at the next token for PyYAML; its text ends with its last item."""
        node.items = items
        if node.flow or not items:
            node.end = self.base + event.end_mark.index if node.flow else node.end
        else:
            node.end = items[-1].end

    def other_yaml(self, begin: Any) -> UnreadableYaml:
        """libyaml follows `%YAML 1.2` too; Helm only 1.1."""
        at = self.text.find("%YAML", begin.start_mark.index)
        message = "a %YAML directive of another version than 1.1"
        return self.source.error(message, "Delete this line; Helm refuses it.", self.base + at)

    def refuse_plain_in_flow(self, node: Node) -> None:
        """Where go-yaml reads text without quotes inside [ ] and { } otherwise than PyYAML: it ends at a `?`,
        and goes on after a colon that `,`, `]` or `}` follows."""
        plain = self.text[node.inner - self.base : node.end - self.base + 2]
        size = node.end - node.inner
        asks = plain.find("?", 0, size)
        if asks >= 0:
            message = "a ? in text without quotes inside [ ] or { }"
            raise self.source.error(message, "Quote this text; Helm does not accept it.", node.inner + asks)
        if plain[size : size + 1] == ":" and plain[size + 1 :] in tuple(",[]{}"):
            raise self.source.error(*_COLON, node.end)

    def too_deep(self, node: Node) -> UnreadableYaml:
        message = f"nested deeper than {MAX_DEPTH} levels"
        return self.source.error(message, "No chart needs this; check how the file was made.", node.start)

    def scalar(self, event: Any) -> Node:
        node = Node(SCALAR, self.base + event.start_mark.index, self.base + event.end_mark.index)
        node.text = event.value
        node.implicit = event.implicit[0]
        if event.anchor or event.tag:
            self.properties(node, event)
        if event.style:  # for plain, libyaml says "" and pure Python None
            node.style = event.style
            if event.style in "|>":
                self.trim_block(node)
        return node

    def trim_block(self, node: Node) -> None:
        """`|+` owns its trailing blank lines, `|` and `|-` do not."""
        inner = node.inner - self.base
        own = self.text[inner : node.end - self.base]
        if "+" in own[:3]:
            length = len(own) - (1 if own.endswith("\n") else 0)
        else:
            break_after = own.find("\n", len(own.rstrip(" \t\r\n")))
            length = len(own) if break_after < 0 else break_after
        node.end = node.inner + length - (1 if own[length - 1 : length] == "\r" else 0)

    def collection(self, event: Any, kind: str) -> Node:
        start = self.base + event.start_mark.index
        node = Node(kind, start, start)
        node.flow = bool(event.flow_style)
        if event.anchor or event.tag:
            self.properties(node, event)
        return node

    def properties(self, node: Node, event: Any) -> None:
        node.tag = event.tag
        node.anchor = event.anchor
        if node.anchor:
            self.anchors[node.anchor] = node
        match = _PROPERTIES.match(self.text, node.start - self.base)
        if event.tag and match and _TAG_RUNS_ON.search(match[0]):
            message = "a tag directly followed by , [ ] { or }"
            raise self.source.error(
                message, "Put a space after the tag: Helm would make it part of it.", node.start
            )
        stop = self.base + match.end() if match else node.start
        node.inner = min(stop, node.end) if node.kind is SCALAR else stop

    def alias(self, event: Any) -> Node:
        node = Node(ALIAS, self.base + event.start_mark.index, self.base + event.end_mark.index)
        node.anchor = event.anchor
        node.target = self.anchors.get(event.anchor)
        if node.target is None:
            hint = "Define the anchor before it is used, or write the value."
            raise self.source.error(f"unknown anchor {safe(event.anchor)!r}", hint, node.start)
        return node


def _translated(error: Exception, source: Source, base: int, text: str) -> UnreadableYaml:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    index = base + (mark.index if mark is not None else 0)
    brace = text.find("{{")
    if brace >= 0:
        return source.error("this is not valid YAML and contains {{ }}", _TEMPLATE_HINT, base + brace)
    problem = safe(getattr(error, "problem", None) or type(error).__name__)
    if "found unexpected ':'" in problem:
        return source.error(*_COLON, index)
    return source.error(f"not valid YAML: {problem}", "Correct this line; Helm cannot read it either.", index)


def _refuse_slash_escape(root: Node, source: Source) -> None:
    """libyaml reads the escape \\/ as a slash; go-yaml v2 refuses it, so must we."""
    for node in root.walk():
        if node.kind is SCALAR and node.style == '"':
            match = re.match(r'"(?:[^"\\]|\\[^/])*\\/', source.text[node.inner : node.end], re.DOTALL)
            if match:
                hint = "Write a plain slash; Helm does not know this escape."
                raise source.error("the escape \\/ in a quoted string", hint, node.inner + match.end() - 2)
