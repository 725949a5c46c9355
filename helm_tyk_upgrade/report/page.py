"""Lines with styles, wrapped to a width: what the terminal views are made of.

No third-party library: a plan is on screen before one could be imported.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping

from helm_tyk_upgrade.model.secrets import printable

_CODES = {
    "good": "32",
    "bad": "31",
    "warn": "33",
    "dim": "2",
    "bold": "1",
    "new": "32",
    "old": "31",
    "note": "36",
}
Span = tuple[str, str]
"""Text and style; the style "" is plain."""


def wants_colour(is_terminal: bool, environment: Mapping[str, str]) -> bool:
    """Colour only on a terminal that can, and not where NO_COLOR is set (https://no-color.org)."""
    return is_terminal and not environment.get("NO_COLOR") and environment.get("TERM", "") != "dumb"


class Page:
    """A text in the making. All text given to it must have passed the masker."""

    def __init__(self, width: int = 80) -> None:
        self.width = width
        self._lines: list[list[Span]] = []

    def blank(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append([])

    def heading(self, text: str) -> None:
        self.blank()
        self.line((text, "bold"))

    def line(self, *spans: Span, indent: int = 0) -> None:
        """One line as it is, never wrapped."""
        safe = [(_on_one_line(text), style) for text, style in spans]
        self._lines.append([(" " * indent, ""), *safe] if indent else safe)

    def text(
        self, text: str, style: str = "", *, indent: int = 2, lead: str = "", hang: int | None = None
    ) -> None:
        """Wrapped text; `lead` stands before the first line, later ones hang below it (or at `hang`)."""
        hanging = indent + len(lead) if hang is None else hang
        room = textwrap.wrap(
            text,
            max(self.width, hanging + 20),
            initial_indent=" " * indent + lead,
            subsequent_indent=" " * hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in room or [" " * indent + lead.rstrip()]:
            for part in _parted(line, self.width, hanging):
                self.line((part, style))

    def pair(self, label: str, text: str, style: str = "", *, indent: int = 2, column: int = 10) -> None:
        """A label and wrapped text beside it."""
        self.text(text, style, indent=indent, lead=label.ljust(column), hang=indent + column)

    def row(self, spans: tuple[Span, ...], text: str, *, indent: int, column: int) -> None:
        """Spans, and beside them, from `column` on, wrapped text."""
        first, *rest = textwrap.wrap(
            text, max(self.width - column, 20), break_long_words=False, break_on_hyphens=False
        ) or [""]
        self.line(*spans, (first, ""), indent=indent)
        for more in rest:
            for part in _parted(" " * column + more, self.width, column):
                self.line((part, ""))

    def table(self, rows: Iterable[tuple[Span, ...]], *, indent: int = 2) -> None:
        """Columns side by side; the last one is wrapped."""
        listed = list(rows)
        if not listed:
            return
        widths = [max(len(row[at][0]) for row in listed) for at in range(len(listed[0]) - 1)]
        start = indent + sum(widths) + 2 * len(widths)
        for row in listed:
            first, *rest = textwrap.wrap(
                row[-1][0], max(self.width - start, 20), break_long_words=False, break_on_hyphens=False
            ) or [""]
            cells = [
                (cell.ljust(width) + "  ", style) for (cell, style), width in zip(row, widths, strict=False)
            ]
            self.line(*cells, (first, row[-1][1]), indent=indent)
            for more in rest:
                self.line((more, row[-1][1]), indent=start)

    def render(self, colour: bool) -> str:
        """The text with a final newline; styles only where `colour`."""
        lines = ("".join(_styled(*span, colour) for span in line).rstrip() for line in self._lines)
        return "\n".join(lines).rstrip("\n") + "\n"


def _on_one_line(text: str) -> str:
    """The last door before a terminal: no line break of a chart can start a line that looks like ours, and what no
    masker saw has no control characters either."""
    return printable(text).replace("\n", "\\n")


def _parted(line: str, width: int, hanging: int) -> list[str]:
    """A line whose one word (a long path) is wider than the page, parted after a dot or slash; what has neither stays
    whole, so that it can be copied."""
    parts = []
    while len(line) > width:
        at = max(line.rfind(sign, hanging + 1, width) for sign in "./") + 1
        if at <= hanging + 1:
            break
        parts.append(line[:at])
        line = " " * hanging + line[at:]
    return [*parts, line]


def _styled(text: str, style: str, colour: bool) -> str:
    if not colour or not style or not text.strip():
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"
