"""Bytes to text and back: encoding, forbidden characters, size, and offsets as lines and columns."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from helm_tyk_upgrade.helmyaml.errors import UnreadableYaml

MAX_BYTES = 10 * 1024 * 1024
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ODD_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True)
class Source:
    """The text without its byte order mark; offsets count characters of `text`."""

    text: str
    bom: bool = False

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _BREAK.finditer(self.text))]

    @cached_property
    def eol(self) -> str:
        """The line ending most lines have."""
        return "\r\n" if self.text.count("\r\n") * 2 > self.text.count("\n") else "\n"

    @cached_property
    def odd_break(self) -> int | None:
        """Where a line break stands that YAML knows and line-based tools do not."""
        match = _ODD_BREAK.search(self.text)
        return match.start() if match else None

    def line(self, index: int) -> int:
        return bisect_right(self._starts, index)

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        line = self.line(index)
        return line, index - self._starts[line - 1] + 1

    def error(self, message: str, hint: str, index: int) -> UnreadableYaml:
        line, column = self.place(min(max(index, 0), len(self.text)))
        return UnreadableYaml(message, hint, line, column)

    def encode(self) -> bytes:
        return (codecs.BOM_UTF8 if self.bom else b"") + self.text.encode("utf-8")


def decode(data: bytes) -> Source:
    """The text of a values file. Raises UnreadableYaml: too big, UTF-16, not UTF-8, control characters."""
    if len(data) > MAX_BYTES:
        raise UnreadableYaml(
            f"the file has {len(data)} bytes, more than the limit of {MAX_BYTES}",
            "A values file this large is not edited or compared; split it, or pass it to Helm directly.",
        )
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise UnreadableYaml(
            "the file is UTF-16", "Save it as UTF-8: Helm 3 and Helm 4 read UTF-16 differently.", 1, 1
        )
    bom = data.startswith(codecs.BOM_UTF8)
    try:
        text = data[3 if bom else 0 :].decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise UnreadableYaml("the file is not UTF-8", "Save it as UTF-8.", line, column) from None
    source = Source(text, bom)
    _check_characters(source)
    return source


def _check_characters(source: Source) -> None:
    match = _FORBIDDEN.search(source.text)
    if not match:
        return
    code = f"U+{ord(match[0]):04X}"
    if match[0] == "\ufeff":
        raise source.error(
            "a byte order mark (U+FEFF) inside the text",
            "Delete this invisible character; Helm would make it part of a key or value.",
            match.start(),
        )
    raise source.error(
        f"control character {code}",
        "Helm does not accept it; delete it or write it as an escape.",
        match.start(),
    )
