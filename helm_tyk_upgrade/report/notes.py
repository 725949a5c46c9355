"""What a plan found out beside the diff, as titled lists of short notes that every view can write. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from helm_tyk_upgrade.report.page import Page

Weight = Literal["bad", "warn", "good", "dim", ""]
_LEADS = {"bad": "! ", "warn": "* ", "good": "", "dim": "", "": "* "}


@dataclass(frozen=True)
class Note:
    """One thing to say, already masked. below: lines that explain it; verbatim: lines to copy, never wrapped."""

    text: str
    weight: Weight = ""
    below: tuple[str, ...] = ()
    verbatim: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    title: str
    notes: tuple[Note, ...]


def show_section(page: Page, section: Section) -> None:
    """On a terminal: a heading and its notes; nothing where there are none."""
    if section.notes:
        page.heading(section.title)
        show_notes(page, section.notes)


def show_notes(page: Page, notes: Iterable[Note], indent: int = 2) -> None:
    for note in notes:
        page.text(note.text, note.weight, indent=indent, lead=_LEADS[note.weight])
        for line in note.below:
            page.text(line, "dim", indent=indent + 2)
        for line in note.verbatim:
            page.line((line, ""), indent=indent + 2)


def first(notes: Iterable[Note], limit: int, more: str) -> tuple[Note, ...]:
    """At most `limit` notes; for the others a line with their number and how to see them. limit 0: all."""
    listed = tuple(notes)
    if not limit or len(listed) <= limit + 1:
        return listed
    return (*listed[:limit], Note(f"... {len(listed) - limit} more: {more}", "dim"))
