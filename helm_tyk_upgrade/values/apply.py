"""Accepted proposals -> the new bytes of the values files. A proposal is made whole or not at all."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from helm_tyk_upgrade.helmyaml import Document, Refused, UnreadableYaml, read
from helm_tyk_upgrade.helmyaml.layout import key_name
from helm_tyk_upgrade.helmyaml.reading import open_reading
from helm_tyk_upgrade.helmyaml.source import decode
from helm_tyk_upgrade.helmyaml.tree import MAP, Node
from helm_tyk_upgrade.model.change import ABSENT, EditedFile, FileEdit, Path
from helm_tyk_upgrade.model.values import KeyEdit, Proposal
from helm_tyk_upgrade.values.paths import lookup

_COMMENT = re.compile(rb"(?:^|(?<=[ \t]))#[^\n]*", re.MULTILINE)


def apply(
    proposals: Iterable[Proposal], files: Mapping[str, bytes], helm_major: int
) -> tuple[tuple[EditedFile, ...], tuple[tuple[Proposal, str], ...]]:
    """(the files that change, in the order of `files`; proposals that could not be made, with the reason).

    files: name -> bytes as they were read. An edit that helmyaml refuses takes its whole proposal with it.
    """
    now = dict(files)
    edits: list[FileEdit] = []
    refused = []
    for proposal in proposals:
        try:
            after, made = _applied(proposal, now, helm_major)
        except (Refused, UnreadableYaml) as error:
            refused.append((proposal, f"{error.message}. {error.hint}".strip()))
        else:
            now.update(after)
            edits.extend(made)
    return tuple(
        _edited(name, data, now[name], edits) for name, data in files.items() if now[name] != data
    ), tuple(refused)


def _applied(
    proposal: Proposal, files: Mapping[str, bytes], helm_major: int
) -> tuple[dict[str, bytes], list[FileEdit]]:
    after: dict[str, bytes] = {}
    made = []
    for edit in proposal.edits:
        data = after.get(edit.file, files[edit.file])
        old = lookup(read(data, helm_major), edit.path)
        after[edit.file] = _edit(data, edit, helm_major)
        made.append(_record(edit, old, proposal.reason))
    return after, made


def _edit(data: bytes, edit: KeyEdit, helm_major: int) -> bytes:
    if edit.action == "move":
        return _moved(data, edit, helm_major)
    document = Document(data)
    if edit.action == "delete":
        document.delete(edit.path)
    elif edit.action == "append":
        document.insert(edit.path, None, edit.value)
    elif lookup(read(data, helm_major), edit.path) is ABSENT:
        document.insert(edit.path[:-1], edit.path[-1], edit.value)
    else:
        document.set(edit.path, edit.value)
    if edit.action == "delete":
        return _without_emptied(document.commit(), edit, helm_major)
    return document.commit()


def _moved(data: bytes, edit: KeyEdit, helm_major: int) -> bytes:
    """With its comments. An entry inside braces has no lines of its own: its value alone goes, as a new entry, where no
    comment is lost by that. Raises Refused."""
    document = Document(data)
    try:
        document.move(edit.path, edit.to)
        return _without_emptied(document.commit(), edit, helm_major)
    except Refused:
        if not _in_braces(data, edit.path):
            raise
        after = _as_new_entry(data, edit, helm_major)
        if _comments(data) - _comments(after):
            raise
        return after


def _as_new_entry(data: bytes, edit: KeyEdit, helm_major: int) -> bytes:
    document = Document(data)
    document.delete(edit.path)
    document.insert(edit.to[:-1], edit.to[-1], edit.value)
    return _without_emptied(document.commit(), edit, helm_major)


def _in_braces(data: bytes, path: Path) -> bool:
    """Whether a key stands in a map in flow style."""
    pages = open_reading(decode(data)).pages
    node = pages[0].root if pages else None
    for step in path[:-1]:
        node = _below(node, step)
    return node is not None and node.kind == MAP and node.flow


def _below(node: Node | None, step: str | int) -> Node | None:
    if node is None or node.kind != MAP:
        return None
    return next((value for key, value in node.pairs() if key_name(key) == step), None)


def _comments(data: bytes) -> Counter[bytes]:
    """What looks like a comment, one inside a text too: it has to be there as often afterwards."""
    return Counter(match.rstrip() for match in _COMMENT.findall(data))


def _without_emptied(data: bytes, edit: KeyEdit, helm_major: int) -> bytes:
    """The maps that the edit has emptied go too: an empty map says nothing to Helm, but a reader wonders."""
    path: Path = edit.path[:-1]
    values: dict[str, Any] = read(data, helm_major)
    while len(path) > 0 and lookup(values, path) == {}:
        document = Document(data)
        document.delete(path)
        data = document.commit()
        values = read(data, helm_major)
        path = path[:-1]
    return data


def _record(edit: KeyEdit, old: Any, reason: str) -> FileEdit:
    new = edit.value if edit.action in ("set", "append") else ABSENT
    return FileEdit(edit.file, edit.path, None if old is ABSENT else old, new, reason)


def _edited(name: str, before: bytes, after: bytes, edits: Sequence[FileEdit]) -> EditedFile:
    digest = hashlib.sha256(before).hexdigest()
    return EditedFile(name, before, after, digest, tuple(edit for edit in edits if edit.file == name))
