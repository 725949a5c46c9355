"""YAML and JSON text with its secrets masked in place: found in the parsed tree, whatever the style of writing.

Comments are read as the YAML they often are. What is none goes by the look of its lines, in `masklines`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from helm_tyk_upgrade.helmyaml import UnreadableYaml
from helm_tyk_upgrade.helmyaml.read import chunks
from helm_tyk_upgrade.helmyaml.source import Source, decode
from helm_tyk_upgrade.helmyaml.tree import ALIAS, MAP, SCALAR, Node
from helm_tyk_upgrade.model.secrets import Masker, is_secret_name
from helm_tyk_upgrade.report.masklines import mask_lines

_HARMLESS = frozenset(("", "true", "false", "null", "~"))
LEARNED = 8
"""Shorter secrets are not looked for elsewhere: `pass: redis` must not hide every `redis`."""
_COMMENTS = re.compile(r"^[ \t]*#[^\n]*(?:\n[ \t]*#[^\n]*)*", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_][\w.-]*")
_INDENT = re.compile(r"[ \t]*")


def mask_text(text: str, masker: Masker) -> list[str]:
    """The lines of a text, safe to show, as many as it has. The masker learns the longer secrets found on the way,
    so that a comment that repeats one is masked too."""
    text = masker.without_private_keys(text)
    masked = _COMMENTS.sub(lambda match: _comment(match[0], masker), _masked(text, masker))
    return mask_lines(masked.split("\n"), masker)


def _comment(block: str, masker: Masker) -> str:
    """A block of comment lines: commented-out values, mostly."""
    if not any(map(is_secret_name, _WORD.findall(block))):
        return block
    parts = [line.partition("#") for line in block.split("\n")]
    masked = _masked("\n".join(body for _, _, body in parts), masker).split("\n")
    return "\n".join(f"{lead}#{body}" for (lead, _, _), body in zip(parts, masked, strict=True))


def _masked(text: str, masker: Masker) -> str:
    try:
        source = decode(text.encode("utf-8", "surrogatepass"))
        secrets = list(_secrets(source))
    except UnreadableYaml:
        return text
    masker.learn(node.text for node in secrets if len(node.text) >= LEARNED)
    spans = {(node.inner, node.end): node for node in secrets}
    text = source.text
    for (start, end), node in sorted(spans.items(), reverse=True):
        text = text[:start] + _hidden(text[start:end], node, masker) + text[end:]
    return text


def _secrets(source: Source) -> Iterator[Node]:
    """The scalars that hold a secret, by the name of their key or of their environment variable."""
    for chunk in chunks(source):
        root = chunk.parse(source)
        if root is not None:
            yield from _below(root, "", frozenset())


def _below(node: Node, name: str, open_aliases: frozenset[int]) -> Iterator[Node]:
    if node.kind is ALIAS:
        if node.target is not None and id(node.target) not in open_aliases:
            yield from _below(node.target, name, open_aliases | {id(node.target)})
    elif node.kind is MAP:
        pairs = node.pairs()
        holder = next((_text(value) for key, value in pairs if _text(key) == "name"), "")
        for key, value in pairs:
            known_by = holder if _text(key) == "value" and holder else _text(key)
            yield from _below(value, known_by, open_aliases)
    elif node.kind is not SCALAR:
        for item in node.items:
            yield from _below(item, name, open_aliases)
    elif is_secret_name(name) and node.text.strip().lower() not in _HARMLESS:
        yield node


def _text(node: Node) -> str:
    target = node.target if node.kind is ALIAS and node.target is not None else node
    return target.text.strip() if target.kind is SCALAR else ""


def _hidden(written: str, node: Node, masker: Masker) -> str:
    """The same number of lines. A block keeps its header; later lines keep their indentation."""
    first, *rest = written.split("\n")
    shown = first if node.style in ("|", ">") else masker.fingerprint(node.text)
    return "\n".join([shown, *(_hidden_line(line, masker) for line in rest)])


def _hidden_line(line: str, masker: Masker) -> str:
    indent = _INDENT.match(line)
    lead = indent[0] if indent else ""
    body = line[len(lead) :]
    return lead + masker.fingerprint(body) if body.strip() else line
