"""Which values a chart's templates read: its templates run with places instead of values.

A template's data is followed as a set of places: the root (`.Values`, `.Chart`, ...), a path of the values, a
`dict` or `list` made of those. A place that is printed or handed to a function is read with all below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from helm_tyk_upgrade.values.gotemplate import (
    Block,
    Function,
    Invoke,
    Literal,
    Node,
    Operand,
    Pipeline,
    TemplateError,
    parse,
)
from helm_tyk_upgrade.values.template_data import (
    NOWHERE,
    At,
    File,
    Keys,
    Made,
    Place,
    Places,
    Root,
    Subcharts,
    calls_include,
    constant,
    entries,
    field_of,
    follows,
    is_template_file,
    member_of,
    only_lists,
    with_default,
)

_DEEPEST = 60

_TESTS = ("not", "empty")
# Arguments that come out again, in whole or in part: what happens to the result happens to them.
_PASS = frozenset(
    (
        "coalesce required ternary omit pick deepCopy mustDeepCopy or and compact uniq mustCompact mustUniq "
        "sortAlpha reverse rest initial mustReverse mustRest mustInitial"
    ).split()
)


@dataclass
class Reads:
    """What was found: places read with all below them, and places only tested for being empty, by template
    file. replaced: what `default` puts in place of an empty value, as it is written; plain: places that are read
    without it. unknown: why a place that is in none of them may be read all the same. contexts: the data with which
    texts are rendered as templates (`tpl`)."""

    whole: dict[Keys, set[str]] = field(default_factory=dict)
    tested: dict[Keys, set[str]] = field(default_factory=dict)
    replaced: dict[Keys, set[str]] = field(default_factory=dict)
    plain: set[Keys] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    contexts: set[Places] = field(default_factory=set)
    uses_tpl: bool = False
    helper_prints_file: bool = False
    renders_helper: bool = False


class Walker:
    """Runs templates. `defines`: all named templates of the chart and its subcharts, by name."""

    def __init__(self, defines: Mapping[str, list[Node]]) -> None:
        self.reads = Reads()
        self._defines = defines
        self._done: set[tuple[str, Places, str]] = set()
        self._depth = 0
        self._file = ""
        self._data = NOWHERE

    def run(self, file: str, nodes: list[Node], data: Places) -> None:
        """A template file with its data."""
        self._file, self._data = file, data
        self._nodes(nodes, data, {"$": data})

    def _nodes(self, nodes: Iterable[Node], dot: Places, variables: dict[str, Places]) -> None:
        for node in nodes:
            if isinstance(node, Pipeline):
                value = self._pipeline(node, dot, variables)
                if not node.variables:
                    self._read(value)
            elif isinstance(node, Invoke):
                data = self._pipeline(node.pipeline, dot, variables) if node.pipeline else NOWHERE
                self._invoke(node.name, data)
            elif node.keyword != "define":
                self._block(node, dot, variables)

    def _block(self, node: Block, dot: Places, variables: dict[str, Places]) -> None:
        inner = dict(variables)
        value = self._pipeline(node.pipeline, dot, inner) if node.pipeline else NOWHERE
        if node.keyword == "block":
            self._nodes(node.body, value, {"$": value})
            return
        inside = dot
        if node.keyword == "range":
            inside = self._items(value)
            inner.update(dict.fromkeys(node.pipeline.variables if node.pipeline else (), inside))
        else:
            self._test(value)
            inside = value if node.keyword == "with" else dot
        # Twice: what a loop assigns (`$x = ...`) is there in its next turn.
        for _ in range(2 if node.keyword == "range" else 1):
            self._nodes(node.body, inside, inner)
        self._nodes(node.otherwise, dot, inner)
        for name in variables:
            variables[name] |= inner[name]

    def _items(self, value: Places) -> Places:
        """What a range gives its dot. The keys of a map decide how often it runs, so all of it is read."""
        found: set[Place] = set()
        for place in value:
            if isinstance(place, Made):
                for _, entry in place.entries:
                    found |= entry
            else:
                self._read(frozenset((place,)))
        return frozenset(found)

    def _pipeline(self, node: Pipeline, dot: Places, variables: dict[str, Places]) -> Places:
        value: Places | None = None
        for command in node.commands:
            value = self._command(command, value, dot, variables)
        result = value or NOWHERE
        for name in node.variables:
            variables[name] = result if node.declares else variables.get(name, NOWHERE) | result
        return result

    def _command(
        self, command: tuple[Operand, ...], piped: Places | None, dot: Places, variables: dict[str, Places]
    ) -> Places:
        if not command:
            return NOWHERE
        head, rest = command[0], list(command[1:])
        values = [self._value(operand, dot, variables) for operand in rest]
        if piped is not None:
            rest.append(Literal(None))
            values.append(piped)
        if isinstance(head, Function):
            return self._call(head.name, rest, values)
        for value in values:
            self._read(value)
        return self._value(head, dot, variables)

    def _value(self, operand: Operand, dot: Places, variables: dict[str, Places]) -> Places:
        if isinstance(operand, Literal):
            self._text(operand, self._data)
            return NOWHERE
        if isinstance(operand, Function):
            return self._call(operand.name, [], [])
        if isinstance(operand.base, Pipeline):
            base = self._pipeline(operand.base, dot, variables)
        else:
            base = dot if operand.base is None else variables.get(operand.base, NOWHERE)
        for name in operand.names:
            base = member_of(self._followed(base, name), name)
        return base

    def _followed(self, places: Places, name: str) -> Places:
        """Those of the places whose field is known; of the others, all is read."""
        lost = frozenset(place for place in places if not follows(place, name))
        self._read(lost)
        return places - lost

    def _text(self, literal: Literal, data: Places) -> None:
        """A constant that holds a template, for `tpl`."""
        if "{{" not in (literal.text or ""):
            return
        try:
            nodes = parse(literal.text or "")
        except TemplateError:
            self.reads.unknown.append(f"{self._file} puts a template together out of texts")
        else:
            self._nodes(nodes, data, {"$": data})

    def _call(self, name: str, operands: list[Operand], values: list[Places]) -> Places:
        special = _SPECIAL.get(name)
        if special is not None:
            return special(self, operands, values)
        if name in _TESTS:
            for value in values:
                self._test(value)
            return NOWHERE
        if name in _PASS:
            return frozenset().union(*values)
        for value in values:
            self._read(value)
        # What other functions make of their arguments needs no following: those count as read.
        return frozenset((File(),)) if File() in NOWHERE.union(*values) else NOWHERE

    def _invoke(self, name: str, data: Places) -> None:
        key = (name, data, self._file)
        if key in self._done:
            return
        self._done.add(key)
        if self._depth > _DEEPEST:
            self.reads.unknown.append(f"the helper {name} calls itself too deep to follow")
            return
        self._depth += 1
        self._nodes(self._defines.get(name, []), data, {"$": data})
        self._depth -= 1

    def _read(self, places: Places) -> None:
        for place in places:
            if isinstance(place, At):
                self._read_at(place)
            elif isinstance(place, File):
                self.reads.helper_prints_file |= self._depth > 0
            elif isinstance(place, (Root, Subcharts)):
                self._read_at(At(place.prefix))
            else:
                for _, entry in place.entries:
                    self._read(entry)

    def _read_at(self, place: At) -> None:
        self.reads.whole.setdefault(place.path, set()).add(self._file)
        if place.instead:
            self.reads.replaced.setdefault(place.path, set()).add(place.instead)
        else:
            self.reads.plain.add(place.path)

    def _test(self, places: Places) -> None:
        for place in places:
            if isinstance(place, At):
                self.reads.tested.setdefault(place.path, set()).add(self._file)

    def index(self, operands: list[Operand], values: list[Places]) -> Places:
        """`index`, `get`: constant keys lead on, computed ones read all there is."""
        if not values:
            return NOWHERE
        found = values[0]
        for operand, value in zip(operands[1:], values[1:], strict=True):
            key = constant(operand)
            if key is None:
                self._read(value)
                key = "0" if only_lists(found) else None
            if key is None:
                self._read(found)
                return NOWHERE
            lists = key == "0" and only_lists(found)
            found = entries(found) if lists else field_of(self._followed(found, key), key)
        return found

    def item(self, operands: list[Operand], values: list[Places]) -> Places:
        """`first`, `last`: any item."""
        return entries(NOWHERE.union(*values))

    def dig(self, operands: list[Operand], values: list[Places]) -> Places:
        if len(values) < 3:
            return NOWHERE
        keys = [constant(operand) for operand in operands[:-2]]
        if None in keys:
            self._read(values[-1])
            return NOWHERE
        found = values[-1]
        for key in keys:
            found = field_of(self._followed(found, key or ""), key or "")
        return found | values[-2]

    def default(self, operands: list[Operand], values: list[Places]) -> Places:
        """`default D X`: X, unless it is empty."""
        if len(operands) != 2:
            return NOWHERE.union(*values)
        first = operands[0]
        return values[0] | with_default(values[1], first.written if isinstance(first, Literal) else "")

    def has_key(self, operands: list[Operand], values: list[Places]) -> Places:
        self._read(self.index(operands, values))
        return NOWHERE

    def make_dict(self, operands: list[Operand], values: list[Places]) -> Places:
        entries: dict[str, Places] = {}
        for at in range(0, len(operands) - 1, 2):
            key = constant(operands[at])
            if key is None:
                self._read(values[at + 1])
            else:
                entries[key] = values[at + 1]
        return frozenset((Made(tuple(sorted(entries.items(), key=lambda entry: entry[0]))),))

    def make_list(self, operands: list[Operand], values: list[Places]) -> Places:
        return frozenset((Made(tuple((str(index), value) for index, value in enumerate(values))),))

    def set(self, operands: list[Operand], values: list[Places]) -> Places:
        """`set MAP KEY VALUE` changes the map; where the value turns up again is not followed: it is read."""
        for value in values[1:]:
            self._read(value)
        return values[0] if values else NOWHERE

    def include(self, operands: list[Operand], values: list[Places]) -> Places:
        if not operands or is_template_file(operands[0]):
            return NOWHERE
        name = constant(operands[0])
        data = values[1] if len(values) > 1 else NOWHERE
        for each in [name] if name is not None else list(self._defines):
            self._invoke(each, data)
        return NOWHERE

    def tpl(self, operands: list[Operand], values: list[Places]) -> Places:
        """The text is part of the values (or of a file): `dead` looks for templates in them."""
        self.reads.uses_tpl = True
        for context in values[1:]:
            self.reads.contexts.add(context)
            if isinstance(operands[0], Literal):
                self._text(operands[0], context)
        for value in values[:1]:
            self._read(value)
            if File() in value:
                self.reads.unknown.append(f"{self._file} renders a file of the chart as a template")
        if operands and calls_include(operands[0]):
            self.reads.renders_helper = True
        return NOWHERE

    def merge(self, operands: list[Operand], values: list[Places]) -> Places:
        for value in values:
            self._read(value)
        return frozenset().union(*values)


_SPECIAL: dict[str, Callable[[Walker, list[Operand], list[Places]], Places]] = {
    "index": Walker.index,
    "get": Walker.index,
    "dig": Walker.dig,
    "default": Walker.default,
    "hasKey": Walker.has_key,
    "first": Walker.item,
    "last": Walker.item,
    "mustFirst": Walker.item,
    "mustLast": Walker.item,
    "set": Walker.set,
    "unset": Walker.set,
    "dict": Walker.make_dict,
    "list": Walker.make_list,
    "tuple": Walker.make_list,
    "include": Walker.include,
    "tpl": Walker.tpl,
    "merge": Walker.merge,
    "mustMerge": Walker.merge,
    "mergeOverwrite": Walker.merge,
    "mustMergeOverwrite": Walker.merge,
    "append": Walker.merge,
    "concat": Walker.merge,
}
