"""What a values file's author should know: text that Helm reads otherwise than it looks, and secrets in plain sight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from helm_tyk_upgrade.helmyaml import format_path, warnings
from helm_tyk_upgrade.model.change import Path
from helm_tyk_upgrade.model.secrets import is_reference, is_secret_name, known_as, printable
from helm_tyk_upgrade.model.values import FileWarning
from helm_tyk_upgrade.values.places import Places

_NAMES_A_SECRET = re.compile(
    r"(operator|portal|existing|custom|tls|ca|cert(ificate)?)_?secret$", re.IGNORECASE
)
"""Keys of charts whose value is the name of a Secret."""
_ADDRESS = re.compile(r"connection_?string|dsn$|url$", re.IGNORECASE)
_HAS_PASSWORD = re.compile(r"@|(password|pwd|pass|token|key)\s*=|hooks?[./]|[?&]", re.IGNORECASE)
"""In a connection string or a URL: without any of these it is an address, or a file's path."""


def cautions(file: Places) -> tuple[FileWarning, ...]:
    """In the order of lines. A secret is named by key and line; its value is not in the text."""
    found = [FileWarning(file.name, each.line, each.kind, each.text) for each in warnings(file.data)]
    if not file.encrypted:
        found += [
            FileWarning(file.name, file.line(path), "plain-secret", _said(path))
            for path in plain_secrets(file.values)
        ]
    return tuple(sorted(found, key=lambda each: each.line))


def _said(path: Path) -> str:
    return (
        f"{printable(format_path(path))} is a secret in plain text: keep it in a Secret, or encrypt the file"
    )


def plain_secrets(tree: Any, path: Path = (), name: str = "") -> Iterator[Path]:
    """The paths of values that are secrets by their key, or by the `name` beside a `value` (extraEnvs)."""
    if isinstance(tree, dict):
        env = tree.get("name") if isinstance(tree.get("name"), str) else None
        for key, value in tree.items():
            if key == "key" and is_reference(tree):
                continue
            holder = env if key == "value" and env else known_as(str(key), name)
            yield from plain_secrets(value, (*path, key), holder)
    elif isinstance(tree, list):
        for at, item in enumerate(tree):
            yield from plain_secrets(item, (*path, at), name)
    elif is_secret_name(name) and _is_plain(tree) and _is_secret(name, str(tree)):
        yield path


def _is_secret(name: str, value: str) -> bool:
    if _NAMES_A_SECRET.search(name):
        return False
    return not _ADDRESS.search(name) or _HAS_PASSWORD.search(value) is not None


def _is_plain(value: Any) -> bool:
    """Not empty, and not a variable of the pod (`$(NAME)`) or a template that stands for the secret."""
    if not isinstance(value, str):
        return isinstance(value, float)
    refers = (value.startswith("$(") and value.endswith(")")) or "{{" in value
    return bool(value) and not refers
