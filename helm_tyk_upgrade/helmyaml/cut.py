"""Deleting and moving entries together with the comments that belong to them."""

from __future__ import annotations

import re

from helm_tyk_upgrade.helmyaml.errors import Refused
from helm_tyk_upgrade.helmyaml.layout import Page, Step
from helm_tyk_upgrade.helmyaml.splice import Splice
from helm_tyk_upgrade.helmyaml.text import key
from helm_tyk_upgrade.helmyaml.tree import MAP, Node


def delete(page: Page, steps: list[Step]) -> list[Splice]:
    """Take the last step's entry out. A parent left empty becomes `{}` or `[]`: null would delete a
    chart's default."""
    step = steps[-1]
    if step.parent.flow:
        return [_from_flow(page, step)]
    start = step.key.start if step.key else page.dash(step.parent, step.at)
    if page.before(start).strip(" "):
        return [_sharing_a_line(page, step, start)]
    begin, end = span(page, start, step.end, top=len(steps) == 1)
    if _count(step.parent) == 1 and len(steps) == 1 and page.content_end < page.end:
        return [Splice(begin, end, "{}" + page.style.eol)]  # a `...` alone is no document for Helm
    splices = [Splice(begin, end, "")]
    if _count(step.parent) == 1 and len(steps) > 1:
        splices.append(_emptied(page, steps[-2], start, "{}" if step.key else "[]"))
    return splices


def _count(parent: Node) -> int:
    return len(parent.items) // (2 if parent.kind is MAP else 1)


def _begins(parent: Node, at: int) -> int:
    return parent.items[2 * at if parent.kind is MAP else at].start


def _from_flow(page: Page, step: Step) -> Splice:
    parent, at = step.parent, step.at
    if _count(parent) == 1:
        if page.text[parent.inner] not in "{[":  # `[a: 1]`: a mapping without its braces
            return Splice(step.start, step.end, "{}")
        comma = re.match(r"\s*,?", page.text[step.end : step.end + 100])
        return Splice(step.start, step.end + (comma.end() if comma else 0), "")
    if at + 1 < _count(parent):
        return Splice(step.start, _begins(parent, at + 1), "")
    left = parent.items[2 * at - 2 : 2 * at] if parent.kind is MAP else parent.items[at - 1 : at]
    return Splice(max(one.end for one in left), step.end, "")


def _sharing_a_line(page: Page, step: Step, start: int) -> Splice:
    """The first entry of a list item or of a nested list: its line begins with the outer dash."""
    if _count(step.parent) == 1:
        return Splice(start, step.end, "{}" if step.key else "[]")
    following = _begins(step.parent, 1) if step.key else page.dash(step.parent, 1)
    end = page.next_line(step.end)
    if page.text[end:following].strip():  # comments of the next entry: keep them below a bare dash
        return Splice(len(page.text[:start].rstrip(" ")), end, page.style.eol)
    return Splice(start, following, "")


def span(page: Page, start: int, end: int, top: bool) -> tuple[int, int]:
    """The lines of an entry with its comments: the block directly above at its column, and deeper ones below.

    Commented-out children must go too, or a block scalar above would swallow them. With `top`, a
    comment block at
    the very start of the file is its header and stays.
    """
    column = page.column(start)
    begin, stop = page.line_start(start), page.next_line(end)
    deeper = re.compile(rf"(?:[ \t]*\r?\n)* {{{column + 1},}}#")
    while match := deeper.match(page.text, stop):
        stop = page.next_line(match.end())
    own = re.compile(rf" {{{column}}}#")
    while begin > page.start:
        above = page.line_start(begin - 1)
        if not own.match(page.text, above) or (above == page.start and top):
            break
        begin = above
    return begin, stop


def _emptied(page: Page, above: Step, start: int, braces: str) -> Splice:
    """`key:` or `-` whose only entry goes needs `{}` or `[]` behind it, before its comment."""
    node = above.node
    if node.inner > node.start:
        position = len(page.text[: node.inner].rstrip(" "))
    elif above.key is not None:
        position = page.colon(above.key) + 1
    else:
        position = page.dash(above.parent, above.at) + 1
    return Splice(position, position, " " + braces)


def relocated(page: Page, step: Step, top: bool, new: str, column: int) -> list[str]:
    """The lines of an entry, comments included, under a new key and at a new column. Raises Refused."""
    assert step.key is not None
    begin, end = span(page, step.key.start, step.end, top)
    if page.before(step.key.start).strip():  # on a list's dash line: the comments above are the item's
        begin, end = step.key.start, page.next_line(step.end)
    if step.parent.flow:
        message = "an entry inside { } cannot be moved"
        raise Refused(message, "Move it by hand.", page.line(step.key.start))
    old = page.column(step.key.start)
    quote = step.key.style if step.key.style in ("'", '"') else None
    renamed = page.text[begin : step.key.inner] + key(new, quote=quote) + page.text[step.key.end : end]
    lines = (" " * page.column(begin) + renamed).rstrip("\r\n").replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines):
        if line.strip() and not line[:old].strip() and "\t" in line[:old]:
            message = "an entry indented with tabs cannot be moved"
            raise Refused(message, "Move it by hand.", page.line(begin) + number)
    return [_shifted(line, old, column) for line in lines]


def _shifted(line: str, old: int, column: int) -> str:
    if not line.strip():
        return line
    return " " * column + line[old:] if not line[:old].strip() else line
