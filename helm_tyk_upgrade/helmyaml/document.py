"""Byte-exact edits of a values file: queued, applied at once, read back as both Helm majors and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Union

from helm_tyk_upgrade.helmyaml import changes
from helm_tyk_upgrade.helmyaml.batch import Batch
from helm_tyk_upgrade.helmyaml.changes import Change
from helm_tyk_upgrade.helmyaml.errors import Refused, UnreadableYaml
from helm_tyk_upgrade.helmyaml.expand import expansion
from helm_tyk_upgrade.helmyaml.layout import Shared
from helm_tyk_upgrade.helmyaml.paths import Path, format_path
from helm_tyk_upgrade.helmyaml.positions import locate
from helm_tyk_upgrade.helmyaml.reading import Reading, matches, open_reading, wanted
from helm_tyk_upgrade.helmyaml.source import Source, decode
from helm_tyk_upgrade.helmyaml.splice import Splice, apply

_MAX_EXPANSIONS = 200
_BY_HAND = "Nothing was changed. Make this edit by hand at the line given."


@dataclass(frozen=True)
class Edit:
    """One queued edit: decided on the data of its document, and named for messages."""

    what: str
    path: Path
    document: int
    expand: bool
    decide: Callable[[Any], Change]


class Document:
    """Edits of one values file, given and returned as bytes.

    An edit raises Refused at once when its path does not exist or it cannot be made; the edits before it stay
    queued. `commit` applies the queue and returns the new bytes only if both Helm majors (those that could
    read the file before) read exactly the expected data. Comments, order, quotes, line endings and all other
    lines stay.
    `document` counts the documents of the file that have content, from 0; one that edits empty keeps its
    number. `expand=True` allows aliases and merge keys that stand in the way to be written out; without it
    they are refused.
    """

    def __init__(self, data: bytes) -> None:
        """Raises UnreadableYaml when neither Helm 3 nor Helm 4 could read the bytes."""
        self._begin(data, None)

    def _begin(self, data: bytes, numbers: tuple[int, ...] | None) -> None:
        self._original = data
        self._now = open_reading(decode(data), numbers)
        self._numbers = self._now.numbers
        self._want = wanted(self._now)  # changed edit by edit; `_now` is what the applied text reads as
        self._waiting: dict[int, Batch] = {}
        self._done: list[Edit] = []

    def set(self, path: Path, value: Any, *, document: int = 0, expand: bool = False) -> None:
        """Give an existing key or list item another value."""
        self._edit(Edit("set", path, document, expand, lambda data: changes.set_to(data, path, value)))

    def insert(
        self,
        path: Path,
        key_or_index: Union[str, int, None],
        value: Any,
        after: Union[str, int, None] = None,
        *,
        document: int = 0,
        expand: bool = False,
    ) -> None:
        """Add a key to the mapping at `path` (made with its parents if missing), or an item to the list
        there.

        A key goes to the end or directly `after` another key. An item becomes item `key_or_index`, or
        follows the
        item `after` (index or selector), or goes to the end (None).
        """

        def decide(data: Any) -> Change:
            return changes.insert_at(data, path, key_or_index, value, after)

        self._edit(Edit("insert into", path, document, expand, decide))

    def delete(self, path: Path, *, document: int = 0, expand: bool = False) -> None:
        """Take out a key or list item with its comments; an emptied parent becomes `{}` or `[]`, never
        null."""
        self._edit(Edit("delete", path, document, expand, lambda data: changes.delete_at(data, path)))

    def rename(self, path: Path, new_key: str, *, document: int = 0, expand: bool = False) -> None:
        """Give a key another name in place."""
        self._edit(
            Edit("rename", path, document, expand, lambda data: changes.rename_to(data, path, new_key))
        )

    def move(self, path: Path, new_path: Path, *, document: int = 0, expand: bool = False) -> None:
        """Move a key with its comments; missing parents are made. Where only the last key differs, it
        is a rename."""
        self._edit(Edit("move", path, document, expand, lambda data: changes.move_to(data, path, new_path)))

    def commit(self) -> bytes:
        """The edited file. Raises Refused, naming the edit, when the result would not read back as
        expected."""
        if not self._done:
            return self._original
        self._flush()
        return self._now.source.encode()

    def _edit(self, edit: Edit) -> None:
        self._refuse_odd_breaks()
        try:
            self._queue(edit)
        except Shared:
            if not edit.expand:
                raise
            self._expanded(edit)
        self._done.append(edit)

    def _queue(self, edit: Edit) -> None:
        change = edit.decide(self._want.data(edit.document))
        if self._batch(edit.document).clashes(change.reach):
            self._flush()
        splices = change.splices(self._now.page(edit.document))
        if not self._batch(edit.document).fits(change.reach, splices):
            self._flush()
            splices = change.splices(self._now.page(edit.document))
        if not Batch().fits(change.reach, splices):
            raise Refused(f"{format_path(edit.path)}: old and new place touch", "Move it by hand.")
        self._batch(edit.document).add(change.reach, splices)
        change.expected(self._want.data(edit.document))
        if self._want.first is not self._want.data(edit.document) and edit.document == self._want.first_page:
            change.expected(self._want.first)

    def _batch(self, document: int) -> Batch:
        return self._waiting.setdefault(document, Batch())

    def _flush(self) -> None:
        """Apply the waiting splices and read the text again: later edits need the new positions. What Helm
        would not read as wanted is refused, and goes on waiting."""
        splices = [splice for batch in self._waiting.values() for splice in batch.splices]
        if splices:
            # two edits that are right alone may not go together
            self._now = self._rewritten(splices) or self._one_by_one()
        self._waiting = {}

    def _rewritten(self, splices: list[Splice]) -> Reading | None:
        """The text with these splices; None where it does not read as wanted."""
        source = self._now.source
        try:
            now = open_reading(Source(apply(source.text, splices), source.bom), self._numbers)
        except UnreadableYaml:
            return None
        return now if matches(self._want, now) else None

    def _expanded(self, edit: Edit) -> None:
        """Queue an edit with the aliases in its way written out, one after the other; all of them stay where
        it is refused in the end."""
        self._flush()  # which makes the aliases found part of the current text
        before = self._now
        try:
            for _ in range(_MAX_EXPANSIONS):
                try:
                    return self._queue(edit)
                except Shared:
                    self._expand(edit)
        except Refused:
            self._now = before
            raise
        self._now = before
        raise Refused(f"{format_path(edit.path)}: too many aliases to write out", "Write them out by hand.")

    def _expand(self, edit: Edit) -> None:
        page, data = self._now.page(edit.document), self._want.data(edit.document)
        try:
            edit.decide(data).splices(page)
        except Shared as shared:
            now = self._rewritten(expansion(page, shared, data))
            if now is None:
                raise self._not_as_expected(edit) from None
            self._now = now

    def _refuse_odd_breaks(self) -> None:
        odd = self._now.source.odd_break
        if odd is not None:
            line = self._now.source.line(odd)
            raise Refused("an unusual line break (lone CR, NEL, LS or PS) stands in the file", _BY_HAND, line)

    def _not_as_expected(self, edit: Edit) -> Refused:
        message = f"{edit.what} {format_path(edit.path)}: Helm would not read the edited text as intended"
        return Refused(message, _BY_HAND, _line_of(self._original, edit))

    def _one_by_one(self) -> Reading:
        """The same edits, each applied and checked alone: finds the one that fails, or gets there
        without a clash."""
        if len(self._done) == 1:
            raise self._not_as_expected(self._done[0])
        data = self._original
        for edit in self._done:
            alone = Document.__new__(Document)
            alone._begin(data, self._numbers)
            alone._edit(edit)
            data = alone.commit()
        now = open_reading(decode(data), self._numbers)
        if not matches(self._want, now):
            raise self._not_as_expected(self._done[-1])
        return now


def _line_of(data: bytes, edit: Edit) -> int:
    try:
        return locate(data, edit.path, document=edit.document).line
    except (Refused, UnreadableYaml):
        return 0
