"""What a reader of a values file should be told: constructs that Helm reads differently from what they
look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from helm_tyk_upgrade.helmyaml.construct import is_merge_key, scalar_value
from helm_tyk_upgrade.helmyaml.errors import safe
from helm_tyk_upgrade.helmyaml.layout import Page, key_name
from helm_tyk_upgrade.helmyaml.reading import open_reading
from helm_tyk_upgrade.helmyaml.source import Source, decode
from helm_tyk_upgrade.helmyaml.tree import MAP, SCALAR, Node

_VERSION_KEY = re.compile(r"(?i)(?:\A|[^a-z])(?:tag|version)\Z|(?:Tag|Version)\Z")
_DIRECTIVE = re.compile(r"^%(?:YAML|TAG)\b", re.MULTILINE)


@dataclass(frozen=True)
class YamlWarning:
    """One warning: `kind` is kebab-case and stays; line and column count from 1; `text` is safe to print."""

    kind: str
    line: int
    column: int
    text: str


def warnings(data: bytes) -> list[YamlWarning]:
    """All warnings of a values file, in the order of its lines. Raises UnreadableYaml."""
    source = decode(data)
    reading = open_reading(source)
    found = [one for page in reading.pages for one in _of_page(page)]
    if len(reading.pages) > 1 and (second := reading.pages[1].root):
        text = "a second document: Helm 3 ignores it, Helm 4 merges it over the first"
        found.append(_warning(source, "several-documents", second.start, text))
    for match in _DIRECTIVE.finditer(source.text):
        if match.start() == 0 or reading.documents is None:
            text = "a % directive: Helm 3 accepts it, Helm 4 refuses the file"
            found.append(_warning(source, "yaml-directive", match.start(), text))
    return sorted(found, key=lambda one: (one.line, one.column, one.kind))


def _warning(source: Source, kind: str, index: int, text: str) -> YamlWarning:
    return YamlWarning(kind, *source.place(index), text)


def _of_page(page: Page) -> Iterator[YamlWarning]:
    for node in page.root.walk() if page.root else ():
        if node.kind == MAP:
            yield from _of_mapping(page, node)


def _of_mapping(page: Page, node: Node) -> Iterator[YamlWarning]:
    seen: dict[str, int] = {}
    for key, value in node.pairs():
        if is_merge_key(key):
            if seen:
                text = "a merge key (<<) below other keys: for Helm it overrides them"
                yield _warning(page.source, "late-merge", key.start, text)
            continue
        name = key_name(key)
        if name in seen:
            text = f"the key {safe(name)!r} is given twice (first on line {seen[name]}); Helm uses the last"
            yield _warning(page.source, "duplicate-key", key.start, text)
        seen.setdefault(name, page.line(key.start))
        yield from _of_key(page, key, name)
        yield from _of_version(page, name, value)


def _of_key(page: Page, key: Node, name: str) -> Iterator[YamlWarning]:
    if key.kind == SCALAR and not isinstance(scalar_value(key), str):
        text = f"the key {safe(key.text)!r} is not text; Helm reads it as {safe(name)!r}"
        yield _warning(page.source, "key-not-text", key.start, text)


def _of_version(page: Page, name: str, value: Node) -> Iterator[YamlWarning]:
    if not _VERSION_KEY.search(name) or value.kind != SCALAR:
        return
    number = scalar_value(value)
    if isinstance(number, (int, float)) and not isinstance(number, bool):
        shown = safe(value.text)
        text = f'{safe(name)}: {shown} is the number {float(number):g} to Helm; quote it: "{shown}"'
        yield _warning(page.source, "number-as-version", value.start, text)
