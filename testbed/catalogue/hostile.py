"""Archives and JSON that a careful client must survive."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

DEPTH = 100_000
HUGE_NUMBER = "9" * 5_000
# Clear the screen, turn the text green, change the window's title, make a link, and go up a line.
ESCAPES = "\x1b[2J\x1b[32m\x1b]0;owned\x07\x1b]8;;http://127.0.0.1/\x07\x9b1A\u202e\r"
MEBIBYTE = 1024 * 1024


def repack(data: bytes, edit: Callable[[tarfile.TarFile], None], keep: Callable[[str], bool] = bool) -> bytes:
    """The archive `data` with the members `keep` chooses and what `edit` adds; same input, same bytes."""
    out = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as old,
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, filename="", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as new,
    ):
        for member in old:
            if keep(member.name):
                new.addfile(member, old.extractfile(member) if member.isfile() else None)
        edit(new)
    return out.getvalue()


def add_file(name: str, content: bytes) -> Callable[[tarfile.TarFile], None]:
    def edit(tar: tarfile.TarFile) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))

    return edit


def add_symlink(name: str, target: str, behind: str) -> Callable[[tarfile.TarFile], None]:
    """A link out of the chart and a file that would be written through it."""

    def edit(tar: tarfile.TarFile) -> None:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        tar.addfile(entry)
        add_file(f"{name}/{behind}", b"escaped\n")(tar)

    return edit


def add_zeros(name: str, size: int) -> Callable[[tarfile.TarFile], None]:
    """A file of `size` zero bytes, which packs to almost nothing."""

    def edit(tar: tarfile.TarFile) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = size
        tar.addfile(entry, _Zeros())

    return edit


class _Zeros(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return bytes(size)


def deep_json() -> bytes:
    return b"[" * DEPTH + b"]" * DEPTH


def map_leaves(node: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(node, dict):
        return {key: map_leaves(value, change) for key, value in node.items()}
    if isinstance(node, list):
        return [map_leaves(value, change) for value in node]
    return change(node)


def wrong_types(body: bytes) -> bytes:
    """The same document with each text a number, each number a text, each list and boolean something else."""

    def swapped(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: swapped(value) for key, value in node.items()}
        if isinstance(node, list):
            return {str(index): swapped(value) for index, value in enumerate(node)}
        if isinstance(node, str):
            return 42
        return None if isinstance(node, bool) else [node]

    return json.dumps(swapped(json.loads(body))).encode()


def huge_numbers(body: bytes) -> bytes:
    """Each number has thousands of digits; json.dumps could not write them."""
    marked = json.dumps(map_leaves(json.loads(body), lambda leaf: "@huge@" if type(leaf) is int else leaf))
    return marked.replace('"@huge@"', HUGE_NUMBER).encode()


def terminal_escapes(body: bytes) -> bytes:
    """Each text carries control sequences, keys and versions included in the values."""
    return json.dumps(
        map_leaves(json.loads(body), lambda leaf: leaf + ESCAPES if isinstance(leaf, str) else leaf)
    ).encode()
