"""The run's record in the cluster, kept beside its journal: best effort, and never silent about what is missing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.refusals import ApiRefused
from helm_tyk_upgrade.cluster.run_records import Record
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.store.bundle import read_bundle
from helm_tyk_upgrade.store.journal import Journal, bundle_of
from helm_tyk_upgrade.store.records import bundle_data, journal_data, notes_of

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.run_records import RunRecords

KEPT = 3
"""Records of a release that stay."""


class ClusterRecord:
    """Follows one journal. trouble: why the cluster does not have all of it, empty where it has; pruning: why older
    records could not be taken away."""

    def __init__(self, records: RunRecords, journal: Journal) -> None:
        self._records = records
        self._journal = journal
        self._writer = os.urandom(8).hex()
        self._record: Record | None = None
        self._given_up = False
        self.trouble = ""
        self.pruning = ""

    def follow(self) -> str:
        """Send what the journal has, once there is a bundle. Returns what is to be said: a trouble that is new. What
        cannot be sent now is sent with the next line, but where the right is missing or another machine writes."""
        bundle = bundle_of(self._journal.entries)
        if not bundle or self._given_up:
            return ""
        before, self.trouble = self.trouble, ""
        try:
            self._send(bundle)
        except TykUpgradeError as error:
            self._given_up = isinstance(error, _Taken) or (
                isinstance(error, ApiRefused) and error.code in (401, 403)
            )
            self.trouble = error.message
        return self.trouble if self.trouble and not before else ""

    def _send(self, bundle: str) -> None:
        entries = self._journal.entries
        lines = journal_data(entries)
        notes = notes_of(self._journal.header, entries, self._writer)
        if self._record is None:
            self._begin(Path(bundle), lines, notes)
            return
        try:
            self._change(replace(self._record, notes=notes, data={**self._record.data, **lines}), lines)
        except NotFound:  # somebody deleted it
            self._begin(Path(bundle), lines, notes)

    def _begin(self, bundle: Path, lines: dict[str, bytes], notes: dict[str, str]) -> None:
        header = self._journal.header
        data = {**bundle_data(read_bundle(bundle)), **lines}
        record = Record(header.release, header.run, "", notes, data)
        try:
            self._record = replace(record, version=self._records.create(record))
        except ApiRefused as error:
            if error.reason != "AlreadyExists":
                raise
            # This run's own, from before it was cut off: whoever carries it out holds its lock.
            there = self._records.metadata(header.release, header.run)
            self._change(replace(record, version=there.version), data)
        self._prune()

    def _change(self, record: Record, changed: dict[str, bytes]) -> None:
        try:
            version = self._records.change(record, changed)
        except ApiRefused as error:
            if error.reason != "Conflict":
                raise
            there = self._records.metadata(record.release, record.run)
            if there.notes.get("writer") != self._writer:
                raise _Taken(
                    "another process went on with this run meanwhile", "look at `helm tyk-upgrade runs`"
                ) from error
            # The last write of this process had arrived after all, only its answer had not.
            version = self._records.change(replace(record, version=there.version), changed)
        self._record = replace(record, version=version)

    def _prune(self) -> None:
        """The newest stay, and what is neither ended nor older than this run."""
        own = self._journal.header
        try:
            records = sorted(self._records.list(own.release), key=lambda item: item.run, reverse=True)
            for record in records[KEPT:]:
                if record.run < own.run or record.notes.get("state") == "ended":
                    self._records.delete(record)
        except TykUpgradeError as error:
            self.pruning = error.message


class _Taken(TykUpgradeError):
    """Another machine writes the record now."""
