"""Lists of bundles, runs and versions: plain columns for people, JSON for programs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.report import json_document


def columns(rows: Sequence[Sequence[str]], masker: Masker) -> str:
    """Rows as aligned columns; the first row is the heading, as in helm's own lists. Everything is masked."""
    safe = [[masker.text(cell) for cell in row] for row in rows]
    widths = [max(len(row[index]) for row in safe) for index in range(len(safe[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in safe
    )


def document(kind: str, masker: Masker, **fields: Any) -> str:
    """One JSON document of ours: apiVersion, kind, and the fields with secrets masked."""
    safe = {name: masker.value("", value) for name, value in fields.items()}
    return json_document.document(kind, safe, masker)
