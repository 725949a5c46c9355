"""Go templates as a tree: what is needed to see which values a chart's templates read.

Text between actions is dropped. Grammar: https://pkg.go.dev/text/template
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)+')"""
    r"""|(?P<assign>:?=)|(?P<variable>\$\w*)|(?P<number>[-+]?\.?\d[\w.+]*)|(?P<chain>(?:\.\w+)+)|(?P<dot>\.)"""
    r"""|(?P<word>\w+)|(?P<sign>[()|,])""",
)
_ACTION_END = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|\'(?:[^\'\\]|\\.)+\'|(?P<end>-?\}\})')
_COMMENT = re.compile(r"\{\{(?:-\s)?\s*/\*.*?\*/\s*(?:-)?\}\}", re.DOTALL)


class TemplateError(ValueError):
    """The text is no template that this parser understands."""


@dataclass(frozen=True)
class Literal:
    """A constant; text is the string's content, None for numbers, booleans and nil; written: as it stands there."""

    text: str | None
    written: str = field(default="", compare=False)


@dataclass(frozen=True)
class Fields:
    """`base.a.b`: base is the dot (None), a variable's name with its `$`, or a parenthesised pipeline."""

    base: Pipeline | str | None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    name: str


Operand: TypeAlias = "Literal | Fields | Function"


@dataclass(frozen=True)
class Pipeline:
    """Commands joined by `|`; `variables` are set to its value, new ones (`:=`) if `declares`."""

    commands: tuple[tuple[Operand, ...], ...]
    variables: tuple[str, ...] = ()
    declares: bool = True


@dataclass
class Block:
    """if, with, range, define, block: `pipeline` decides or binds the dot, `name` is of define and block."""

    keyword: str
    pipeline: Pipeline | None
    name: str = ""
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Invoke:
    """`{{ template "name" pipeline }}`."""

    name: str
    pipeline: Pipeline | None


Node: TypeAlias = "Pipeline | Block | Invoke"
_OPENING = ("if", "with", "range", "define", "block")


def parse(text: str) -> list[Node]:
    """The actions of a template. Raises TemplateError for what is no template."""
    root = Block("root", None)
    stack: list[tuple[Block, list[Node]]] = [(root, root.body)]
    chained: list[int] = []
    for action in _actions(text):
        word, rest = _split(action)
        if word in _OPENING:
            block = _open(word, rest)
            stack[-1][1].append(block)
            stack.append((block, block.body))
            chained.append(1)
        elif word == "else":
            _else(stack, chained, rest.strip())
        elif word == "end":
            if not chained:
                raise TemplateError("an end without a beginning")
            del stack[-chained.pop() :]
        elif word == "template":
            name, pipeline = _named(rest)
            stack[-1][1].append(Invoke(name, pipeline))
        elif action and word not in ("break", "continue"):
            stack[-1][1].append(_pipeline(action))
    if len(stack) != 1:
        raise TemplateError(f"{stack[-1][0].keyword} without end")
    return root.body


def _else(stack: list[tuple[Block, list[Node]]], chained: list[int], rest: str) -> None:
    if not chained:
        raise TemplateError("an else without a beginning")
    block = stack[-1][0]
    stack[-1] = (block, block.otherwise)
    word, condition = _split(rest)
    if word in ("if", "with"):
        inner = _open(word, condition)
        block.otherwise.append(inner)
        stack.append((inner, inner.body))
        chained[-1] += 1


def _split(action: str) -> tuple[str, str]:
    """The first word of an action, and the rest."""
    match = re.match(r"[a-z]+(?![\w.])", action)
    return (match[0], action[match.end() :].strip()) if match else ("", action)


def _open(word: str, rest: str) -> Block:
    if word in ("define", "block"):
        name, pipeline = _named(rest)
        return Block(word, pipeline, name)
    return Block(word, _pipeline(rest))


def _named(rest: str) -> tuple[str, Pipeline | None]:
    match = re.match(r'\s*("(?:[^"\\]|\\.)*"|`[^`]*`)', rest)
    if match is None:
        raise TemplateError("a template without a name")
    after = rest[match.end() :].strip()
    return match[1][1:-1], _pipeline(after) if after else None


def _actions(text: str) -> Iterator[str]:
    position = 0
    while (start := text.find("{{", position)) >= 0:
        comment = _COMMENT.match(text, start)
        if comment:
            position = comment.end()
            continue
        for match in _ACTION_END.finditer(text, start + 2):
            if match["end"]:
                break
        else:
            raise TemplateError("an action without }}")
        body = text[start + 2 : match.start()]
        yield (
            " ".join(re.sub(r"^-\s", " ", body).split())
            if '"' not in body and "`" not in body
            else (re.sub(r"^-\s", " ", body).strip())
        )
        position = match.end()


def _pipeline(text: str) -> Pipeline:
    tokens = list(_tokens(text))
    pipeline, at = _read(tokens, 0)
    if at != len(tokens):
        raise TemplateError(f"unexpected {tokens[at][1]!r}")
    return pipeline


Token: TypeAlias = "tuple[str, str, bool]"
"""Kind, text, and whether it follows the one before without a space."""


def _tokens(text: str) -> Iterator[Token]:
    position, near = 0, False
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise TemplateError(f"unexpected {text[position]!r}")
        kind = match.lastgroup or ""
        if kind != "space":
            yield kind, match[0], near
        near = kind != "space"
        position = match.end()


def _read(tokens: list[Token], at: int) -> tuple[Pipeline, int]:
    variables, declares, at = _declaration(tokens, at)
    commands: list[tuple[Operand, ...]] = []
    operands: list[Operand] = []
    while at < len(tokens) and tokens[at][1] != ")":
        if tokens[at][1] == "|" and tokens[at][0] == "sign":
            commands.append(tuple(operands))
            operands = []
            at += 1
            continue
        operand, at = _operand(tokens, at)
        operands.append(operand)
    return Pipeline((*commands, tuple(operands)), variables, declares), at


def _declaration(tokens: list[Token], at: int) -> tuple[tuple[str, ...], bool, int]:
    names: list[str] = []
    look = at
    while look < len(tokens) and tokens[look][0] == "variable":
        names.append(tokens[look][1])
        look += 1
        if look < len(tokens) and tokens[look][0] == "assign":
            return tuple(names), tokens[look][1] == ":=", look + 1
        if look < len(tokens) and tokens[look][1] == ",":
            look += 1
            continue
        break
    return (), True, at


def _operand(tokens: list[Token], at: int) -> tuple[Operand, int]:
    kind, text, _ = tokens[at]
    at += 1
    if text == "(" and kind == "sign":
        inner, at = _read(tokens, at)
        if at >= len(tokens):
            raise TemplateError("a parenthesis without its end")
        return _chained(inner, tokens, at + 1)
    if kind == "string":
        return Literal(_unquoted(text), text), at
    if kind == "number" or text in ("true", "false", "nil"):
        return Literal(None, text), at
    if kind == "variable":
        return _chained(text, tokens, at)
    if kind == "chain":
        return Fields(None, tuple(text[1:].split("."))), at
    if kind == "dot":
        return Fields(None), at
    if kind == "word":
        return Function(text), at
    raise TemplateError(f"unexpected {text!r}")


def _chained(base: Pipeline | str, tokens: list[Token], at: int) -> tuple[Operand, int]:
    if at < len(tokens) and tokens[at][0] == "chain" and tokens[at][2]:
        return Fields(base, tuple(tokens[at][1][1:].split("."))), at + 1
    return Fields(base), at


def _unquoted(text: str) -> str:
    return text[1:-1] if text[0] == "`" else re.sub(r"\\(.)", r"\1", text[1:-1])
