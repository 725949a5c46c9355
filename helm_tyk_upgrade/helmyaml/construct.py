"""From nodes to data: anchors, merge keys, duplicate keys and map keys as go-yaml v2 treats them."""

from __future__ import annotations

import math
from typing import Any, Union

from helm_tyk_upgrade.helmyaml.errors import UnreadableYaml
from helm_tyk_upgrade.helmyaml.scalars import TAG_PREFIX, Scalar, key_text, resolve, tagged
from helm_tyk_upgrade.helmyaml.source import Source
from helm_tyk_upgrade.helmyaml.tree import ALIAS, MAP, MAX_DEPTH, SCALAR, SEQ, Node

Value = Union[None, bool, int, float, str, list[Any], dict[str, Any]]

_MERGE_TAG = TAG_PREFIX + "merge"
_TEMPLATE = "If this is a template ({{ }}), render it first; else write the key as a plain word."


def scalar_value(node: Node) -> Scalar:
    """What a scalar node means. Raises ValueError where Helm refuses the tag."""
    if node.tag:
        return tagged(node.tag, node.text)
    return resolve(node.text) if node.implicit else node.text


def is_merge_key(node: Node) -> bool:
    plain = node.implicit if node.tag is None else node.tag == _MERGE_TAG
    return node.kind is SCALAR and node.text == "<<" and plain


class Constructor:
    """Builds the data of one document. `integers`: keep whole numbers as int (manifests) instead of
    float64."""

    def __init__(self, source: Source, integers: bool = False) -> None:
        self.source = source
        self.integers = integers
        self.decoded = 0
        self.aliased = 0
        self.alias_depth = 0
        self.open: set[int] = set()

    def value(self, node: Node, depth: int = 0) -> Value:
        """The value of a node. Raises UnreadableYaml where Helm would refuse it."""
        self.decoded += 1
        if self.alias_depth:
            self.bound(node)
        kind = node.kind
        if kind is SCALAR:
            return self.scalar(node)
        if depth > MAX_DEPTH:
            raise self.error(f"aliases nest deeper than {MAX_DEPTH} levels", "Write the values out.", node)
        if kind is ALIAS:
            return self.follow(node, depth)
        self.enter(node)
        result: Value
        if kind is SEQ:
            result = [self.value(item, depth + 1) for item in node.items]
        else:
            result = {}
            self.fill(node, result, {}, depth)
        self.open.discard(id(node))
        return result

    def bound(self, node: Node) -> None:
        """go-yaml's own bound on alias bombs, number for number."""
        self.aliased += 1
        many = self.aliased > 100 and self.decoded > 1000
        if many and self.aliased / self.decoded > _allowed_alias_ratio(self.decoded):
            hint = "Helm refuses this file too; write the values out."
            raise self.error("aliases expand to too much data", hint, node)

    def enter(self, node: Node) -> None:
        if id(node) in self.open:
            hint = "Write the inner value out instead of the alias."
            raise self.error("an anchor's value contains itself", hint, node)
        self.open.add(id(node))

    def follow(self, node: Node, depth: int) -> Value:
        assert node.target is not None  # parse_document refuses unknown anchors
        self.alias_depth += 1
        value = self.value(node.target, depth + 1)
        self.alias_depth -= 1
        return value

    def scalar(self, node: Node) -> Scalar:
        if node.tag is None:  # the common case first, and without a call
            value = resolve(node.text) if node.implicit else node.text
            if type(value) is str:
                return value
        try:
            value = scalar_value(node)
        except ValueError as error:
            raise self.error(str(error), "Correct the tag or the value.", node) from error
        if type(value) is float and not math.isfinite(value):
            raise self.error("infinity and NaN are not values for Helm", "Quote it if it is text.", node)
        return self.number(value) if type(value) is int or type(value) is float else value

    def number(self, value: int | float) -> int | float:
        if not self.integers:
            return float(value)
        if isinstance(value, float):
            return int(value) if value.is_integer() and abs(value) < 1e21 else value
        return value if -(2**63) <= value < 2**63 else float(value)

    def fill(self, node: Node, out: dict[str, Any], odd: dict[str, type], depth: int) -> None:
        """Add a mapping's entries in document order: a later `<<` overrides an earlier explicit key."""
        items = node.items
        for at in range(0, len(items), 2):
            key = items[at]
            if key.text == "<<" and is_merge_key(key):
                self.merge(items[at + 1], out, odd, depth)
                continue
            name = self.key(key, out, odd)
            out[name] = self.value(items[at + 1], depth + 1)

    def key(self, node: Node, out: dict[str, Any], odd: dict[str, type]) -> str:
        self.decoded += 1
        if self.alias_depth:
            self.bound(node)
        if node.kind is SCALAR and node.tag is None and not odd:
            value = resolve(node.text) if node.implicit else node.text
            if type(value) is str:
                return value
        scalar = node.target if node.kind is ALIAS else node
        if scalar is None or scalar.kind is not SCALAR:
            if self.source.text.startswith("{{", max(0, node.start - 1)):
                message = "this is a template ({{ }}), not values"
                raise self.source.error(message, "Render it first and give the result.", node.start - 1)
            raise self.error("a map or list cannot be a key", _TEMPLATE, node)
        try:
            value = scalar_value(scalar)
            name = key_text(value)
        except ValueError as error:
            raise self.error(f"not a usable key: {error}", _TEMPLATE, node) from error
        if type(value) is not str or odd:
            self.refuse_chance(name, type(value), out, odd, node)
        return name

    def refuse_chance(
        self, name: str, kind: type, out: dict[str, Any], odd: dict[str, type], node: Node
    ) -> None:
        """Keys `1` and `"1"` become one key in JSON; which value wins is Go's random map order."""
        if name in out and odd.get(name, str) is not kind:
            hint = "Remove one of the two: Helm picks one of them at random."
            raise self.error("this key is given twice with different types", hint, node)
        if kind is not str:
            odd[name] = kind

    def merge(self, node: Node, out: dict[str, Any], odd: dict[str, type], depth: int) -> None:
        if node.kind is SEQ:
            for item in reversed(node.items):  # earlier maps win
                self.merge_map(item, out, odd, depth)
        else:
            self.merge_map(node, out, odd, depth)

    def merge_map(self, node: Node, out: dict[str, Any], odd: dict[str, type], depth: int) -> None:
        target = node.target if node.kind is ALIAS else node
        if target is None or target.kind is not MAP:
            raise self.error("<< needs a map or a list of maps", "Give it an alias of a map.", node)
        if depth > MAX_DEPTH:
            raise self.error(f"aliases nest deeper than {MAX_DEPTH} levels", "Write the values out.", node)
        self.alias_depth += node.kind is ALIAS
        self.decoded += 1 + (node.kind is ALIAS)
        if self.alias_depth:
            self.bound(target)
        self.enter(target)
        self.fill(target, out, odd, depth + 1)
        self.open.discard(id(target))
        self.alias_depth -= node.kind is ALIAS

    def error(self, message: str, hint: str, node: Node) -> UnreadableYaml:
        return self.source.error(message, hint, node.start)


def _allowed_alias_ratio(decoded: int) -> float:
    low, high = 400_000, 4_000_000
    if decoded <= low:
        return 0.99
    if decoded >= high:
        return 0.10
    return 0.99 - 0.89 * (decoded - low) / (high - low)
