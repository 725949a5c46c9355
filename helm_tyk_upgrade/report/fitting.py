"""A comment that always fits: its parts, the largest of which give way when there is too much. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.markup import code_line, fence_for

LIMIT = 65_000
"""GitHub refuses a comment of more than 65,536 characters."""
_NOTE = 200
"""Room for the line that says what was left out."""


@dataclass(frozen=True)
class Part:
    """Lines between an opening and an end that stay whatever is left out. see: the command that shows everything."""

    lines: tuple[str, ...]
    before: str = ""
    after: str = ""
    see: str = ""

    def __len__(self) -> int:
        return len(self.before) + len(self.after) + sum(len(line) + 1 for line in self.lines) + 1

    def within(self, room: int) -> str:
        """The text, of at most `room` characters where that holds the opening, the end and the note."""
        if len(self) <= room:
            return self.before + "".join(line + "\n" for line in self.lines) + self.after
        left, kept = room - len(self.before) - len(self.after) - _NOTE, 0
        for line in self.lines:
            left -= len(line) + 1
            if left < 0:
                break
            kept += 1
        body = "".join(line + "\n" for line in self.lines[:kept])
        see = f": {self.see}" if self.see else ""
        note = f"_{count(len(self.lines) - kept, 'line')} left out, too long for a comment{see}_\n"
        return f"{self.before}{body}{self.after}\n{note}"


def diff_part(title: str, lines: Iterable[str], see: str) -> Part:
    """Lines in a folded diff block. Empty where there are none."""
    body = tuple(code_line(line) for line in lines)
    if not body:
        return Part(())
    fence = fence_for(body)
    return Part(
        body,
        f"<details><summary>{title}</summary>\n\n{fence}diff\n",
        f"{fence}\n\n</details>\n",
        see,
    )


def table_part(title: str, head: str, rows: Iterable[str], see: str, note: str = "") -> Part:
    """Rows in a folded table; note: a paragraph below it."""
    body = tuple(rows)
    if not body and not note:
        return Part(())
    top = f"<details><summary>{title}</summary>\n\n" + (f"{head}\n" if body else "")
    return Part(body, top, (f"\n{note}\n" if note else "") + "\n</details>\n", see)


def fitted(parts: Iterable[Part], limit: int = LIMIT) -> str:
    """The parts that say something, in order, within the limit: the small ones whole, the largest cut alike."""
    listed = [part for part in parts if part.lines or part.before or part.after]
    room = _room([len(part) for part in listed], limit - len(listed))
    return "\n".join(part.within(room) for part in listed)


def _room(sizes: list[int], limit: int) -> int:
    """The largest size that a part may have so that all together keep the limit."""
    left, shares = limit, len(sizes)
    for size in sorted(sizes):
        if size * shares > left:
            return left // shares
        left, shares = left - size, shares - 1
    return limit
