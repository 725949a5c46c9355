"""Untrusted text as Markdown: escaped, as code, in a fence, or folded. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helm_tyk_upgrade.model.secrets import printable

CELL = 1_000
"""A single text longer than this is cut: no sentence is, and a comment must fit."""
_SPECIAL = re.compile(r"[\\`*_{}\[\]!|~]|^[-+=](?=\s|$)|^\d+(?=[.)](?:\s|$))")
_APART = "&#8203;"
"""A blank of no width. GitHub looks for mentions, issues and links in the finished text, where an escaped sign is the
sign again; only something between the signs keeps them apart."""


def escaped(text: str) -> str:
    """Text that Markdown and HTML leave alone: on one line, and nothing in it formats, links, mentions a user
    or breaks a table."""
    text = one_line(text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _SPECIAL.sub(_backslashed, text)
    for sign, after in (("#", ""), ("@", ""), ("://", "//"), ("www.", ".")):
        text = text.replace(sign, sign.removesuffix(after) + _APART + after)
    return text


def _backslashed(match: re.Match[str]) -> str:
    """`\\*`, but `1\\.`: a backslash before a digit would be seen."""
    return match[0] + "\\" if match[0].isdigit() else "\\" + match[0]


def one_line(text: str) -> str:
    """The last door before a comment: what no masker saw has no control characters either."""
    return cut(printable(" ".join(text.split())))


def cut(text: str, limit: int = CELL) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."


def code(text: str) -> str:
    """Text as inline code, whatever backticks it has; also inside a table."""
    flat = one_line(text).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall(r"`+", flat)), default=0) + 1)
    pad = " " if flat[:1] == "`" or flat[-1:] == "`" else ""
    return f"{fence}{pad}{flat}{pad}{fence}" if flat else ""


def fence_for(lines: Iterable[str]) -> str:
    """Backticks, more than any run of them in the lines."""
    runs = (len(run) for line in lines for run in re.findall(r"`+", line))
    return "`" * max(3, max(runs, default=0) + 1)


def fenced(lines: Iterable[str]) -> str:
    """Lines as a diff block whose fence is longer than any run of backticks in them."""
    body = [code_line(line) for line in lines]
    fence = fence_for(body)
    return "\n".join([f"{fence}diff", *body, fence]) + "\n"


def code_line(line: str) -> str:
    """A line for a fence: one line, not endless."""
    return cut(printable(line).replace("\n", "\\n"))


def row(cells: Iterable[str]) -> str:
    """A table's row of plain texts."""
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"


def folded(title: str, body: str) -> str:
    """The body behind a title that opens it; title: our own words."""
    return f"<details><summary>{title}</summary>\n\n{body}\n</details>\n" if body else ""
