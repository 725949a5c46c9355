"""Where the keys of a values file stand and what its author wrote about them: parsed once, for many questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from helm_tyk_upgrade.helmyaml import UnreadableYaml, read, safe
from helm_tyk_upgrade.helmyaml.construct import is_merge_key
from helm_tyk_upgrade.helmyaml.layout import Page, key_name
from helm_tyk_upgrade.helmyaml.positions import comment_above
from helm_tyk_upgrade.helmyaml.reading import open_reading
from helm_tyk_upgrade.helmyaml.source import decode
from helm_tyk_upgrade.helmyaml.tree import MAP, SEQ, Node
from helm_tyk_upgrade.model.change import ABSENT, Path
from helm_tyk_upgrade.values.paths import lookup


class Places:
    """One values file. name: as the user gave it; data: its bytes; helm_major: who reads them (Helm 3 reads only the
    first of several documents). Raises UnreadableYaml with the file's name and the place in it."""

    def __init__(self, name: str, data: bytes, helm_major: int) -> None:
        self.name = name
        self.data = data
        try:
            self.values: dict[str, Any] = read(data, helm_major)
        except UnreadableYaml as error:
            raise UnreadableYaml(f"values file {safe(name)}: {error.message}", error.hint) from None
        self._major = helm_major

    def defines(self, path: Path) -> bool:
        """Whether the file itself says something at the path (null too)."""
        return lookup(self.values, path) is not ABSENT

    def line(self, path: Path) -> int:
        """The line of a key, from 1; what comes through an alias or a merge key is at the nearest key above. 0: the
        file does not have it."""
        for depth in range(len(path), 0, -1):
            if path[:depth] in self._nodes:
                page, node = self._nodes[path[:depth]]
                return page.line(node.start)
        return 0

    def comment(self, path: Path) -> str:
        """The comment above a key; not escaped. Empty where there is none."""
        found = self._nodes.get(path)
        return comment_above(*found) if found else ""

    def is_first(self, path: Path) -> bool:
        """Whether a key is the first of its map: what stands above the map is about it. About the others it says
        little, and something wrong too often."""
        above = lookup(self.values, path[:-1])
        return isinstance(above, dict) and next(iter(above), None) == path[-1] and path in self._nodes

    @property
    def encrypted(self) -> bool:
        """Whether sops encrypted it: its values are no values."""
        return "sops" in self.values

    @cached_property
    def documents(self) -> int:
        """How many documents with content the file has."""
        return len(open_reading(decode(self.data)).pages)

    @cached_property
    def _nodes(self) -> dict[Path, tuple[Page, Node]]:
        """Of a key given twice the last one, which Helm uses; of several documents the last that Helm reads."""
        reading = open_reading(decode(self.data))
        pages = reading.pages if self._major > 3 else reading.pages[reading.first_page :][:1]
        return {path: (page, node) for page in pages for path, node in _keys(page.root)}


def _keys(root: Node | None) -> Iterator[tuple[Path, Node]]:
    stack: list[tuple[Path, Node]] = [((), root)] if root is not None else []
    while stack:
        path, node = stack.pop()
        if node.kind == MAP:
            for key, value in node.pairs():
                if not is_merge_key(key):
                    yield (*path, key_name(key)), key
                    stack.append(((*path, key_name(key)), value))
        elif node.kind == SEQ:
            for at, item in enumerate(node.items):
                yield (*path, at), item
                stack.append(((*path, at), item))


def chart_comment(files: Mapping[str, Places], path: Path) -> str:
    """What the chart's authors wrote about a key: in the umbrella's values.yaml, else in the subchart's own; for the
    first key of a map without a comment of its own, what stands above that map.

    files: folder of a chart or subchart (empty: the chart itself) -> its values.yaml.
    """
    for folder, below in _views(path):
        comment = files[folder].comment(below) if folder in files else ""
        if comment:
            return comment
    for folder, below in _views(path):
        if folder in files and len(below) > 1 and files[folder].is_first(below):
            return files[folder].comment(below[:-1])
    return ""


def _views(path: Path) -> Iterator[tuple[str, Path]]:
    """The chart that may document a path, and the path there: the umbrella first, then each subchart on the way."""
    folder = ""
    for depth in range(len(path)):
        yield folder, path[depth:]
        folder = f"{folder}/charts/{path[depth]}".lstrip("/")
