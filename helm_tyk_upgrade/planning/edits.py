"""Which bytes of which values file a run would change: the gateway's image tag."""

from __future__ import annotations

from typing import Any

from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import TykUpgradeError, UsageError
from helm_tyk_upgrade.helm.client import values_document
from helm_tyk_upgrade.helmyaml import Document, read
from helm_tyk_upgrade.model.change import EditedFile, FileEdit, Path, dotted
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.model.plan import ValuesFile

Value = str | int | float | bool | None


def place_of(path: Path, files: tuple[ValuesFile, ...], layers: Layers, helm_major: int) -> ValuesFile | None:
    """The file that an edit of `path` belongs to: the last local one that defines it, else the last local one;
    None where no local file is given. Raises UsageError when a --set would override the edit."""
    name = dotted(path)
    for flag, text in layers.sets:
        if text.partition("=")[0] == name:
            raise UsageError(f"{flag} {name}=... overrides what is to be edited", f"leave out that {flag}")
    for file in reversed(files):
        if _defines(read(file.data, helm_major), path):
            return file
    return files[-1] if files else None


def edit_value(file: ValuesFile, path: Path, value: Value, reason: str, helm_major: int) -> EditedFile:
    """One scalar set in one file, every other byte kept. Raises TykUpgradeError where it cannot be done safely."""
    data = read(file.data, helm_major)
    if "sops" in data:
        raise TykUpgradeError(
            f"{file.path} is encrypted by sops and is never edited",
            f"set {dotted(path)} with sops, or keep the gateway's image tag in a file of its own",
        )
    document = Document(file.data)
    old = _at(data, path)
    if _defines(data, path):
        document.set(path, value)
    else:
        _insert(file, document, data, path, value)
    after = document.commit()
    return EditedFile(
        file=file.path,
        before=file.data,
        after=after,
        digest_before=sha256(file.data),
        edits=(FileEdit(file.path, path, old, value, reason),),
    )


def overlay(path: Path, value: Value) -> bytes:
    """A values document of one key, for releases whose values are in no file."""
    tree: dict[str, Any] = {}
    below = tree
    for step in path[:-1]:
        below = below.setdefault(str(step), {})
    below[str(path[-1])] = value
    return values_document(tree)


def _insert(file: ValuesFile, document: Document, data: dict[str, Any], path: Path, value: Value) -> None:
    """Insert what is missing of the path, as one new block below its deepest existing map."""
    depth = 0
    below: Any = data
    while depth < len(path) - 1 and isinstance(below, dict) and isinstance(below.get(str(path[depth])), dict):
        below = below[str(path[depth])]
        depth += 1
    if isinstance(below, dict) and str(path[depth]) in below:
        raise TykUpgradeError(
            f"{file.path}: {dotted(path[: depth + 1])} is no map, so {dotted(path)} cannot be set below it",
            "null there removes the chart's defaults: write the map by hand, or take the key out",
        )
    new: Any = value
    for step in reversed(path[depth + 1 :]):
        new = {str(step): new}
    document.insert(path[:depth], str(path[depth]), new)


def _defines(data: Any, path: Path) -> bool:
    for step in path:
        if not isinstance(data, dict) or step not in data:
            return False
        data = data[step]
    return True


def _at(data: Any, path: Path) -> Any:
    for step in path:
        if not isinstance(data, dict) or step not in data:
            return None
        data = data[step]
    return data
