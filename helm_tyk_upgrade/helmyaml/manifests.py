"""Rendered Kubernetes manifests, read as the API server's clients read them (sigs.k8s.io/yaml, whole
numbers kept)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Union

from helm_tyk_upgrade.helmyaml.construct import Constructor
from helm_tyk_upgrade.helmyaml.source import Source, decode
from helm_tyk_upgrade.helmyaml.tree import parse_document

_SEPARATOR = re.compile(r"^---[ \t]*", re.MULTILINE)  # Helm's own cut: text may follow on the same line
_SOURCE = re.compile(r"\s*# Source: ([^\r\n]+)")


@dataclass(frozen=True)
class Manifest:
    """One object with the template it came from ("" where the text does not say) and its first line
    (from 1)."""

    object: dict[str, Any]
    source: str
    line: int = 0


def manifests(text: Union[bytes, str]) -> list[Manifest]:
    """The objects of `helm template`, `helm get manifest` or a manifest file, in order; empty documents
    are left out.

    Raises UnreadableYaml with line and column.
    """
    source = decode(text) if isinstance(text, bytes) else decode(text.encode("utf-8", "surrogatepass"))
    starts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(source.text)]
    bounds = [(0, 0), *starts, (len(source.text), len(source.text))]
    found = []
    for (_, start), (end, _) in pairwise(bounds):
        manifest = _one(source, start, end)
        if manifest is not None:
            found.append(manifest)
    return found


def _one(source: Source, start: int, end: int) -> Manifest | None:
    if not source.text[start:end].strip():
        return None
    root = parse_document(source, start, end)
    value = Constructor(source, integers=True).value(root) if root is not None else None
    if value is None or root is None:
        return None
    if not isinstance(value, dict):
        hint = "Each document of a manifest is one object: `kind`, `metadata`, ..."
        raise source.error("this document is not an object", hint, root.start)
    comment = _SOURCE.match(source.text, start, end)
    return Manifest(value, comment[1].strip() if comment else "", source.line(root.start))
