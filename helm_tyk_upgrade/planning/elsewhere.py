"""Runs that other machines began, as the cluster has them. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.store.journal import RunHeader
from helm_tyk_upgrade.store.records import KeptRecord, header_of, read_record

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.run_records import Record


@dataclass(frozen=True)
class Recorded:
    """A run's line in the cluster. version: of its record; last: step, event and time of its last line; damage: why
    the record is not to be believed (then the header has only names, and whether the run ended is not known)."""

    header: RunHeader
    ended: bool
    version: str
    last: str
    damage: str = ""


def recorded(context: Context, release: str = "") -> Maybe[tuple[Recorded, ...]]:
    """The recorded runs of a release, or of the namespace, oldest first; unknown where the cluster cannot be asked."""
    from helm_tyk_upgrade.cluster.run_records import RunRecords

    try:
        namespace = context.namespace
        found = RunRecords(context.cluster, namespace).list(release)
    except TykUpgradeError as error:
        return Unknown(error.message)
    return Known(tuple(_line(item, namespace) for item in found))


def _line(item: Record, namespace: str) -> Recorded:
    """One damaged record must not hide the others."""
    ended, last = item.notes.get("state") == "ended", item.notes.get("last", "")
    try:
        header = _own(header_of(item.notes), namespace, item.release, item.run)
    except TykUpgradeError as error:
        nothing = RunHeader(item.run, "", namespace, item.release, 0, "", "", "", "")
        return Recorded(nothing, False, item.version, "", error.message)
    return Recorded(header, ended, item.version, last)


def record_of(context: Context, namespace: str, release: str, run: str) -> tuple[KeptRecord, str]:
    """One record, and its version. Raises TykUpgradeError; NotFound where the cluster has none."""
    from helm_tyk_upgrade.cluster.run_records import RunRecords

    found = RunRecords(context.cluster, namespace).read(release, run)
    record = read_record(found.notes, found.data)
    _own(record.header, namespace, release, run)
    return record, found.version


def run_elsewhere(context: Context, run: str, missing: NotFound) -> tuple[KeptRecord, str]:
    """The record of a run that this machine does not know, and its version. missing: what is raised, with more words,
    where no other machine has recorded it either."""
    listed = recorded(context)
    if isinstance(listed, Unknown):
        raise NotFound(
            f"{missing.message} on this machine, and the cluster cannot be asked: {listed.reason}",
            missing.hint,
        ) from missing
    for item in listed.value:
        if item.header.run == run:
            return record_of(context, context.namespace, item.header.release, run)
    raise NotFound(
        f"{missing.message}, neither on this machine nor recorded in namespace {context.namespace}",
        "`helm tyk-upgrade runs` lists them; -n names the namespace",
    ) from missing


def same_run(
    context: Context, header: RunHeader, entries: tuple[Entry, ...]
) -> tuple[KeptRecord, str] | None:
    """What the cluster has of a run of this machine, where another machine went on with it since. Raises
    TykUpgradeError where that cannot be found out."""
    try:
        record, version = record_of(context, header.namespace, header.release, header.run)
    except NotFound:
        return None
    return (record, version) if _beyond(record.entries, entries) else None


def _beyond(recorded: tuple[Entry, ...], local: tuple[Entry, ...]) -> bool:
    """Whether the record has a line that this machine did not write: a line is on the disk before it is sent."""
    known = set(map(_mark, local))
    return any(_mark(entry) not in known for entry in recorded)


def _mark(entry: Entry) -> tuple[int, str, str, str]:
    return entry.sequence, entry.step, entry.event, entry.time


def _own(header: RunHeader, namespace: str, release: str, run: str) -> RunHeader:
    """A record that speaks of another release than the one it lies at is not to be believed."""
    if (header.namespace, header.release, header.run) != (namespace, release, run):
        raise TykUpgradeError(
            f"the cluster's record of run {run} speaks of {header.namespace}/{header.release} {header.run}",
            "somebody changed it; delete the Secret",
        )
    return header
