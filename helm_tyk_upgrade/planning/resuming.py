"""A run that was cut off: which one, what it set out to do, and whether it can still go on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.model.known import Maybe, Unknown
from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.planning.elsewhere import Recorded, record_of, recorded, run_elsewhere, same_run
from helm_tyk_upgrade.planning.kept_chart import with_chart
from helm_tyk_upgrade.planning.moved import check_movable
from helm_tyk_upgrade.planning.same_cluster import check_cluster
from helm_tyk_upgrade.store import intents
from helm_tyk_upgrade.store.bundle import contents, read_bundle
from helm_tyk_upgrade.store.intents import KeptRun
from helm_tyk_upgrade.store.journal import (
    Journal,
    RunHeader,
    bundle_of,
    has_ended,
    is_at_work,
    list_runs,
    open_journal,
    reopen,
)
from helm_tyk_upgrade.store.records import KeptRecord, install


@dataclass(frozen=True)
class Found:
    """A run that may go on. kept: what it set out to do; stopped: the step it was cut off in, empty between two.

    Of this machine: journal, locked by this process. Of another, or gone on with by another: record, as the cluster
    had it at `version`; unasked: why the cluster could not be asked whether another machine went on."""

    header: RunHeader
    entries: tuple[Entry, ...]
    kept: KeptRun
    stopped: str
    journal: Journal | None = None
    record: KeptRecord | None = None
    version: str = ""
    unasked: str = ""


@dataclass(frozen=True)
class CutOff:
    """journal: locked by this process; kept: what the run set out to do; bundles: the folder that its bundle is in;
    moved: another machine had it last."""

    journal: Journal
    kept: KeptRun
    bundles: Path
    moved: bool = False


def find_cut_off(context: Context, run: str, release: str) -> Found:
    """The named run, or the newest that was cut off of the release (of the namespace, where none is named); of this
    machine, else as the cluster's records have it.

    Raises NotFound, UsageError where several could be meant, TykUpgradeError where a process is still at it, where it
    has ended, or where it had not changed anything yet.
    """
    name = run or _newest(context, release)
    try:
        journal = reopen(context.runs_folder, name)
    except NotFound as missing:
        return _of_record(context, *run_elsewhere(context, name, missing))
    unasked = ""
    if not has_ended(journal.entries):
        try:
            gone_on = same_run(context, journal.header, journal.entries)
        except TykUpgradeError as error:
            gone_on, unasked = None, error.message
        if gone_on is not None:
            return _of_record(context, *gone_on)
    kept = _kept(context, journal)
    return Found(journal.header, journal.entries, kept, _open_step(journal.entries), journal, unasked=unasked)


def take(found: Found, context: Context) -> CutOff:
    """The run, on this machine, to go on with; to be called with the release locked. Raises TykUpgradeError, also where
    another machine went on meanwhile."""
    if found.journal is not None:
        journal = found.journal
        info = read_bundle(Path(bundle_of(journal.entries)))
        return CutOff(journal, with_chart(found.kept, info, context), info.path.parents[2])
    header = found.header
    record, version = record_of(context, header.namespace, header.release, header.run)
    if version != found.version:
        raise TykUpgradeError(
            f"run {header.run} went on elsewhere meanwhile", f"`helm tyk-upgrade runs {header.run}` shows it"
        )
    journal = install(record, context.runs_folder, context.bundle_folder())
    info = read_bundle(Path(bundle_of(journal.entries)))
    kept = with_chart(found.kept, info, context, moved=True)
    return CutOff(journal, kept, info.path.parents[2], moved=True)


def _kept(context: Context, journal: Journal) -> KeptRun:
    name = journal.header.run
    if has_ended(journal.entries):
        raise UsageError(f"run {name} has come to its end", f"`helm tyk-upgrade runs {name}` shows how")
    bundle = bundle_of(journal.entries)
    if not bundle:
        raise UsageError(
            f"run {name} was cut off before its backup was made: it has changed nothing",
            f"start it again: helm tyk-upgrade {journal.header.command}",
        )
    info = read_bundle(Path(bundle))
    kept = intents.decode(contents(info, intents.NAME))
    _check_release(kept, journal.header)
    check_cluster(context, kept.release, name, info.facts)
    return kept


def _check_release(kept: KeptRun, header: RunHeader) -> None:
    """Whoever may write a record must not lead us to a release that it does not lie at."""
    if (kept.release.namespace, kept.release.name) != (header.namespace, header.release):
        raise TykUpgradeError(
            f"run {header.run} of {header.namespace}/{header.release} set out to change {kept.release}",
            "somebody changed it; `helm tyk-upgrade rollback` goes back",
        )


def _of_record(context: Context, record: KeptRecord, version: str) -> Found:
    name = record.header.run
    if has_ended(record.entries):
        raise UsageError(f"run {name} has come to its end", f"`helm tyk-upgrade runs {name}` shows how")
    intent = record.file(intents.NAME)
    if intent is None:
        raise TykUpgradeError(
            f"what run {name} set out to do was too large for the cluster's record",
            "go on where it was begun; `helm tyk-upgrade rollback` goes back from here",
        )
    kept = intents.decode(intent)
    _check_release(kept, record.header)
    check_cluster(context, kept.release, name, record.facts)
    check_movable(kept, record, context)
    return Found(
        record.header, record.entries, kept, _open_step(record.entries), record=record, version=version
    )


def states(runs: Path) -> dict[str, str]:
    """Of each run of this machine, oldest first: `ended`, `at work`, `cut off`, or `damaged` where its journal cannot
    be read."""
    return {header.run: _state(runs, header) for header in list_runs(runs)}


def _state(runs: Path, header: RunHeader) -> str:
    try:
        ended, otherwise = has_ended(open_journal(runs, header.run).entries), "cut off"
    except TykUpgradeError:  # one damaged journal must not hide the other runs
        ended, otherwise = False, "damaged"
    if ended:
        return "ended"
    return "at work" if is_at_work(runs, header.run) else otherwise


def _newest(context: Context, release: str) -> str:
    listed = recorded(context, release)
    found = [header for header in _cut_off(context, listed) if release in ("", header.release)]
    if not found:
        raise NotFound(
            f"no run of {release or 'a release'} in namespace {context.namespace} was cut off{_unread(listed)}",
            "`helm tyk-upgrade runs` lists all runs of this machine; -n names the namespace",
        )
    if len({header.release for header in found}) > 1:
        names = ", ".join(f"{header.run} ({header.release})" for header in found)
        raise UsageError(f"several runs were cut off: {names}", "name one of them")
    return found[-1].run


def _unread(listed: Maybe[tuple[Recorded, ...]]) -> str:
    """What of the cluster's records could not be looked at."""
    if isinstance(listed, Unknown):
        return f"; the cluster cannot be asked: {listed.reason}"
    return "".join(f"; {item.header.run}: {item.damage}" for item in listed.value if item.damage)


def _cut_off(context: Context, listed: Maybe[tuple[Recorded, ...]]) -> list[RunHeader]:
    """Of the namespace, oldest first: what this machine or the cluster knows to have begun and not to have ended."""
    records = () if isinstance(listed, Unknown) else listed.value
    ended = {item.header.run for item in records if item.ended}
    state = states(context.runs_folder)
    here = [header for header in list_runs(context.runs_folder) if state.get(header.run) == "cut off"]
    away = [item.header for item in records if item.header.run not in state and not item.damage]
    found = [header for header in here if header.namespace == context.namespace] + away
    return sorted((header for header in found if header.run not in ended), key=lambda header: header.run)


def _open_step(entries: tuple[Entry, ...]) -> str:
    """The step that began and has no end."""
    if not entries or entries[-1].event == "end":
        return ""
    return entries[-1].step
