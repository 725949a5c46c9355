"""What a values file's author should know: text that Helm reads otherwise than it looks, and secrets in plain sight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helm_tyk_upgrade.helmyaml import format_path, warnings
from helm_tyk_upgrade.model.change import Path
from helm_tyk_upgrade.model.secrets import is_secret_name, printable
from helm_tyk_upgrade.model.values import FileWarning
from helm_tyk_upgrade.values.places import Places


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
        known_as = tree.get("name") if isinstance(tree.get("name"), str) else None
        for key, value in tree.items():
            holder = known_as if key == "value" and known_as else str(key)
            yield from plain_secrets(value, (*path, key), holder)
    elif isinstance(tree, list):
        for at, item in enumerate(tree):
            yield from plain_secrets(item, (*path, at), name)
    elif is_secret_name(name) and _is_plain(tree):
        yield path


def _is_plain(value: Any) -> bool:
    """Not empty, and not a variable of the pod (`$(NAME)`) or a template that stands for the secret."""
    if not isinstance(value, str):
        return isinstance(value, float)
    refers = (value.startswith("$(") and value.endswith(")")) or "{{" in value
    return bool(value) and not refers
