"""One state of a file: the place of everything in its text, and its data as both Helm majors read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.helmyaml.errors import Refused, UnreadableYaml
from helm_tyk_upgrade.helmyaml.layout import Page
from helm_tyk_upgrade.helmyaml.read import chunks, data_of, one_for_both
from helm_tyk_upgrade.helmyaml.source import Source
from helm_tyk_upgrade.helmyaml.tree import parse_document


@dataclass(frozen=True)
class Reading:
    """`documents`: the data of each page for Helm 4, `first`: what Helm 3 reads; None where that major
    refuses.

    `first_page` is the page Helm 3 reads. Where both read one document alike, `first` is `documents[0]`
    itself.
    """

    source: Source
    pages: list[Page]
    documents: list[dict[str, Any]] | None
    first: dict[str, Any] | None
    first_page: int

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


def open_reading(source: Source) -> Reading:
    """Parse once where both majors read the same, else once for each. Raises UnreadableYaml when
    neither can."""
    chunk = one_for_both(source)
    if chunk is not None:
        root = chunk.parse(source)
        data = data_of(root, source)
        return Reading(source, [Page(source, root, chunk.start, chunk.end)], [data], data, 0)
    try:
        pages, documents = _as_helm_4(source)
    except UnreadableYaml:
        root = parse_document(source)
        whole = Page(source, root, 0, len(source.text))
        return Reading(source, [whole], None, data_of(root, source), 0)
    return _with_helm_3(source, pages, documents)


def _as_helm_4(source: Source) -> tuple[list[Page], list[dict[str, Any]]]:
    found = [Page(source, chunk.parse(source), chunk.start, chunk.end) for chunk in chunks(source)]
    pages = [page for page in found if page.root is not None] or found[-1:]
    return pages, [data_of(page.root, source) for page in pages]


def _with_helm_3(source: Source, pages: list[Page], documents: list[dict[str, Any]]) -> Reading:
    try:
        root = parse_document(source)
        first = data_of(root, source)
    except UnreadableYaml:
        return Reading(source, pages, documents, None, -1)
    if root is None:
        return Reading(source, pages, documents, first, 0)
    starts = [page.root.start if page.root else -1 for page in pages]
    return Reading(source, pages, documents, first, starts.index(root.start) if root.start in starts else -1)
