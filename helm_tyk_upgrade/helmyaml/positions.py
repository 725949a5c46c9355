"""Where a path stands in a file, and the comment its author wrote for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helm_tyk_upgrade.helmyaml.construct import is_merge_key
from helm_tyk_upgrade.helmyaml.errors import Refused
from helm_tyk_upgrade.helmyaml.layout import Page, key_name
from helm_tyk_upgrade.helmyaml.paths import Path, concrete, format_path
from helm_tyk_upgrade.helmyaml.reading import open_reading
from helm_tyk_upgrade.helmyaml.source import decode
from helm_tyk_upgrade.helmyaml.tree import ALIAS, MAP, SEQ, Node

_MARKER = re.compile(r"^#+ ?")
_HELM_DOCS = re.compile(r"#+\s*(?:[^\s@]\S*\s+)?--(?:\s|$)")


@dataclass(frozen=True)
class Position:
    """Lines and columns count from 1; `end_line` is the last line of the value."""

    line: int
    column: int
    end_line: int


def locate(data: bytes, path: Path, *, document: int = 0) -> Position:
    """Where the key (or list item) at `path` stands; of a key given twice the last one, which Helm uses.

    What comes through an alias or a merge key is located at the alias or `<<` itself. Raises Refused
    when the path
    does not exist, UnreadableYaml for a file Helm cannot read.
    """
    page, node, end = _found(data, path, document)
    line, column = page.source.place(node.start)
    return Position(line, column, page.line(max(end - 1, node.start)))


def comment_of(data: bytes, path: Path, *, document: int = 0) -> str:
    """The comment block directly above a key, without its marks; from a helm-docs `# --` line on if
    there is one.

    "" when there is none; not escaped: use `safe` before printing. Raises as `locate` does.
    """
    page, node, _ = _found(data, path, document)
    return comment_above(page, node)


def comment_above(page: Page, node: Node) -> str:
    """The comment block directly above a key's node, as `comment_of` gives it."""
    lines: list[str] = []
    column, start = page.column(node.start), page.line_start(node.start)
    if not page.text[start : node.start].strip():
        while start > page.start:
            above = page.line_start(start - 1)
            line = page.text[above:start].rstrip()
            if not re.match(rf" {{{column}}}#", line):
                break
            lines.insert(0, line.strip())
            start = above
    return _said(lines)


def _said(lines: list[str]) -> str:
    docs = [at for at, line in enumerate(lines) if _HELM_DOCS.match(line)]
    if docs:
        lines = [_HELM_DOCS.sub("", lines[docs[-1]], count=1), *lines[docs[-1] + 1 :]]
    return "\n".join(_MARKER.sub("", line).rstrip() for line in lines).strip()


def _found(data: bytes, path: Path, document: int) -> tuple[Page, Node, int]:
    """The page, the key or item node, and where its value ends."""
    reading = open_reading(decode(data))
    page = reading.page(document)
    target = concrete(path, reading.data(document))
    node = page.root
    if node is None or not target:
        raise Refused("the top level has no position", "Give the path of a key.")
    mark, end = node, node.end
    for part in target:
        if node.kind == ALIAS:
            break
        entry = _entry(node, part)
        if entry is None:
            raise Refused(f"{format_path(path)} does not exist", "Check the path against the file.")
        mark, node = entry
        end = max(node.end, mark.end)
    return page, mark, end


def _entry(node: Node, part: str | int) -> tuple[Node, Node] | None:
    if node.kind == SEQ and isinstance(part, int):
        return node.items[part], node.items[part]
    if node.kind != MAP:
        return None
    merged = None
    for key, value in reversed(node.pairs()):
        if is_merge_key(key):
            merged = merged or (key, key)
        elif key_name(key) == part:
            return key, value
    return merged
