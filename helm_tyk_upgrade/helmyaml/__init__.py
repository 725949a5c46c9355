"""Values files and manifests as Helm reads them, and byte-exact edits of values files. Pure: bytes in,
bytes out."""

from __future__ import annotations

from helm_tyk_upgrade.helmyaml.caution import YamlWarning, warnings
from helm_tyk_upgrade.helmyaml.construct import Value
from helm_tyk_upgrade.helmyaml.document import Document
from helm_tyk_upgrade.helmyaml.errors import Refused, UnreadableYaml, safe
from helm_tyk_upgrade.helmyaml.manifests import Manifest, manifests
from helm_tyk_upgrade.helmyaml.paths import Path, format_path, item, parse_path
from helm_tyk_upgrade.helmyaml.positions import Position, comment_of, locate
from helm_tyk_upgrade.helmyaml.read import read

__all__ = [
    "Document",
    "Manifest",
    "Path",
    "Position",
    "Refused",
    "UnreadableYaml",
    "Value",
    "YamlWarning",
    "comment_of",
    "format_path",
    "item",
    "locate",
    "manifests",
    "parse_path",
    "read",
    "safe",
    "warnings",
]
