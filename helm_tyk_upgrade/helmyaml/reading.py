"""One state of a file: the place of everything in its text, and its data as both Helm majors read it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from helm_tyk_upgrade.helmyaml.errors import Refused, UnreadableYaml
from helm_tyk_upgrade.helmyaml.layout import Page
from helm_tyk_upgrade.helmyaml.model import copied, same
from helm_tyk_upgrade.helmyaml.read import chunks, data_of, one_for_both, stretches
from helm_tyk_upgrade.helmyaml.source import Source
from helm_tyk_upgrade.helmyaml.tree import parse_document


@dataclass(frozen=True)
class Reading:
    """`documents`: the data of each page for Helm 4, `first`: what Helm 3 reads; None where that major
    refuses.

    `first_page` is the page Helm 3 reads. Where both read one document alike, `first` is `documents[0]`
    itself. `numbers`: which stretch of the text each page is (`Chunk.number`); none where Helm 4 refuses.
    """

    source: Source
    pages: list[Page]
    documents: list[dict[str, Any]] | None
    first: dict[str, Any] | None
    first_page: int
    numbers: tuple[int, ...]

    def page(self, document: int) -> Page:
        if not 0 <= document < len(self.pages):
            message = f"there is no document {document}: the file has {len(self.pages)}"
            raise Refused(message, "Documents are counted from 0; those without content do not count.")
        return self.pages[document]

    def data(self, document: int) -> dict[str, Any]:
        """The data of one document, in Helm 4's reading where there is one."""
        self.page(document)
        if self.documents is not None:
            return self.documents[document]
        assert self.first is not None  # open_reading raises when neither major reads the file
        return self.first


def open_reading(source: Source, numbers: tuple[int, ...] | None = None) -> Reading:
    """Parse once where both majors read the same, else once for each. Raises UnreadableYaml when
    neither can.

    `numbers` of an earlier reading: the same pages again, in the same order, even where one has lost all
    its content. Then a Helm 4 that could read the text must still be able to.
    """
    chunk = one_for_both(source)
    if chunk is not None and numbers in (None, (chunk.number,)):
        root = chunk.parse(source)
        data = data_of(root, source)
        page = Page(source, root, chunk.start, chunk.end)
        return Reading(source, [page], [data], data, 0, (chunk.number,))
    if numbers == ():
        return _only_helm_3(source)
    try:
        return _with_helm_3(source, *_as_helm_4(source, numbers))
    except UnreadableYaml:
        if numbers is not None:
            raise
        return _only_helm_3(source)


def _only_helm_3(source: Source) -> Reading:
    root = parse_document(source)
    whole = Page(source, root, 0, len(source.text))
    return Reading(source, [whole], None, data_of(root, source), 0, ())


def _as_helm_4(
    source: Source, numbers: tuple[int, ...] | None
) -> tuple[list[Page], list[dict[str, Any]], tuple[int, ...]]:
    wanted = (
        chunks(source)
        if numbers is None
        else [chunk for chunk in stretches(source) if chunk.number in numbers]
    )
    found = [(chunk.number, Page(source, chunk.parse(source), chunk.start, chunk.end)) for chunk in wanted]
    if numbers is None:
        found = [one for one in found if one[1].root is not None] or found[-1:]
    pages = [page for _, page in found]
    return pages, [data_of(page.root, source) for page in pages], tuple(number for number, _ in found)


def _with_helm_3(
    source: Source, pages: list[Page], documents: list[dict[str, Any]], numbers: tuple[int, ...]
) -> Reading:
    try:
        root = parse_document(source)
        first = data_of(root, source)
    except UnreadableYaml:
        return Reading(source, pages, documents, None, -1, numbers)
    starts = [page.root.start if page.root else -1 for page in pages]
    if root is None:
        first_page = 0
    else:
        first_page = starts.index(root.start) if root.start in starts else -1
    return Reading(source, pages, documents, first, first_page, numbers)


def wanted(reading: Reading) -> Reading:
    """The same with data of its own, to be changed as edits want it."""
    if reading.documents is None:
        return replace(reading, first=copied(reading.first))
    documents: list[dict[str, Any]] = copied(reading.documents)
    alike = reading.first is reading.documents[0] or reading.first is None
    first = (documents[0] if reading.first is not None else None) if alike else copied(reading.first)
    return replace(reading, documents=documents, first=first)


def matches(want: Reading, got: Reading) -> bool:
    """Whether both majors read what was wanted; one that refused the file before has nothing to compare."""
    if want.documents is not None and not same(want.documents, got.documents):
        return False
    if want.documents and got.documents and want.first is want.documents[0] and got.first is got.documents[0]:
        return True  # one parse for both majors, compared already
    return want.first is None or same(want.first, got.first)
