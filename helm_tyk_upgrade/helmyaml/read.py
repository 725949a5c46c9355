"""A values file as Helm 3 or Helm 4 reads it: which documents count, and the data of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.helmyaml.construct import Constructor, Value
from helm_tyk_upgrade.helmyaml.errors import UnreadableYaml
from helm_tyk_upgrade.helmyaml.source import Source, decode
from helm_tyk_upgrade.helmyaml.tree import Node, parse_document

_SEPARATOR = re.compile(r"^---([^\n]*)(?:\n|\Z)", re.MULTILINE)
_NOT_A_MAP = "Values are `key: value` lines; a list or a single word at the top is not."


@dataclass(frozen=True)
class Chunk:
    """A stretch of the text that Helm 4 reads as a document of its own; `added` is the newline it appends.

    `number`: how many lines starting with `---` stand above it, which no edit changes.
    """

    start: int
    end: int
    added: str
    number: int

    def parse(self, source: Source) -> Node | None:
        return parse_document(source, self.start, self.end, self.added)


def _separators(text: str) -> list[re.Match[str]]:
    if not text.startswith("---") and "\n---" not in text:
        return []  # much faster than the pattern, and nearly always true
    return list(_SEPARATOR.finditer(text))


def stretches(source: Source) -> list[Chunk]:
    """The text before, between and after the lines starting with `---`, where Helm 4 (apimachinery's YAML
    reader) cuts it; empty stretches too.

    Raises UnreadableYaml for text after `---`, as Helm 4 does. There is always at least one.
    """
    found: list[Chunk] = []
    start, size = 0, len(source.text)
    added = "\n" if source.text and not source.text.endswith("\n") else ""
    for number, match in enumerate(_separators(source.text)):
        rest = match[1].strip()
        if rest and not rest.startswith("#"):
            hint = "Put the text after `---` on a line of its own."
            raise source.error("Helm 4 does not accept text after ---", hint, match.start())
        found.append(Chunk(start, match.start(), "", number))
        start = match.end()
    return [*found, Chunk(start, size, added, len(found))]


def chunks(source: Source) -> list[Chunk]:
    """The documents of a file for Helm 4: the stretches that are not empty, else the last one."""
    found = stretches(source)
    return [chunk for chunk in found if chunk.end > chunk.start] or found[-1:]


def one_for_both(source: Source) -> Chunk | None:
    """The single document of the file when Helm 3 and Helm 4 certainly read it alike: one parse serves
    both."""
    text = source.text
    if not text.endswith("\n") or text.startswith(("%", "...")) or "\n%" in text or "\n..." in text:
        return None  # without a final newline the two read a last `|` differently
    separators = _separators(text)
    if not separators:
        return Chunk(0, len(source.text), "", 0)
    lead = source.text[: separators[0].start()].split("\n")
    if len(separators) > 1 or any(line.strip() and not line.startswith("#") for line in lead):
        return None
    return stretches(source)[-1]


def data_of(root: Node | None, source: Source) -> dict[str, Any]:
    """The data of one document; an empty one is {}. Raises UnreadableYaml when it is not a mapping."""
    value: Value = Constructor(source).value(root) if root is not None else None
    if value is None:
        return {}
    if not isinstance(value, dict):
        assert root is not None
        raise source.error("the top level is not a mapping", _NOT_A_MAP, root.start)
    return value


def merge_maps(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Helm 4's merge of several documents: maps merge, anything else (null too) replaces."""
    out = dict(below)
    for key, value in above.items():
        old = out.get(key)
        out[key] = merge_maps(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
    return out


def read(data: bytes, helm_major: int) -> dict[str, Value]:
    """The values as Helm 3 (`helm_major=3`: first document only) or Helm 4 (all documents merged) reads them.

    Numbers are float64, map keys strings, None is YAML's null (which removes a chart's default). Raises
    UnreadableYaml, with line and column, for whatever that Helm refuses and for the few constructs that
    cannot be
    followed exactly (byte order mark inside the text, UTF-16, keys `1` and `"1"` together).
    """
    if helm_major not in (3, 4):
        raise UnreadableYaml(f"Helm {helm_major} is not known here", "Helm 3 and Helm 4 are.")
    source = decode(data)
    return read_first(source) if helm_major == 3 else read_all(source)


def read_first(source: Source) -> dict[str, Any]:
    return data_of(parse_document(source), source)


def read_all(source: Source) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for chunk in chunks(source):
        out = merge_maps(out, data_of(chunk.parse(source), source))
    return out
