"""Which run a rollback undoes: one of this machine, or one that another began and the cluster has a record of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.planning.elsewhere import Recorded, record_of, recorded
from helm_tyk_upgrade.planning.own_revisions import own_revisions
from helm_tyk_upgrade.planning.resuming import states
from helm_tyk_upgrade.planning.same_cluster import check_cluster
from helm_tyk_upgrade.store.bundle import BundleInfo, find_bundle, is_imported, list_bundles, revision_in
from helm_tyk_upgrade.store.journal import Journal, list_runs, open_journal, reopen
from helm_tyk_upgrade.store.records import install, install_bundle


@dataclass(frozen=True)
class Undoing:
    """bundle: what is gone back with; cut_off: its run never came to its end; taken: the journal of a run of another
    machine, which this one holds now; notes: what is to be said of it."""

    bundle: BundleInfo
    cut_off: bool = False
    taken: Journal | None = None
    notes: tuple[str, ...] = ()

    @property
    def fetched(self) -> bool:
        """Whether what is gone back with is only what the cluster's record has: its paths are another machine's."""
        return "from" in self.bundle.facts

    def journal(self, context: Context) -> Journal | None:
        """Of the run that was cut off, to end it; locked. Raises TykUpgradeError where a process is still at it."""
        if not self.cut_off:
            return None
        return self.taken or reopen(context.runs_folder, self.bundle.id)


@dataclass(frozen=True)
class _Candidate:
    """id: of run and bundle; record: where the bundle is not on this machine; gone_on: the cluster knows more of the
    run than this machine."""

    id: str
    revision: int
    is_rollback: bool
    cut_off: bool
    bundle: BundleInfo | None = None
    record: Recorded | None = None
    gone_on: bool = False


def to_undo(context: Context, release: Release, store: Path, wanted: str = "") -> Undoing:
    """The bundle that is named, else that of the upgrade that was cut off, else the newest from before the present
    revision: `backup` makes bundles too, and so does a rollback, to which nobody goes back without saying so.

    What only the cluster has is fetched into `store`. Raises NotFound, UsageError, TykUpgradeError: also where a run
    is at work, where the bundle is one of another cluster, and, unless it is named, where it was imported or where the
    present revision is not its run's.
    """
    _check_nobody_at_work(context, release)
    listed = recorded(context, release.name)
    records = [item for item in listed.value if not item.damage] if isinstance(listed, Known) else []
    candidates = list(_candidates(context, release, store, records))
    chosen = _named(store, release, candidates, wanted) if wanted else _newest(release, candidates)
    notes = _unread(listed)
    if chosen is None:
        raise NotFound(
            f"there is no bundle of {release} from before revision {release.revision} in {store}, nor a record of "
            f"its run in the cluster{': ' + listed.reason if isinstance(listed, Unknown) else ''}",
            f"helm rollback {release.name} -n {release.namespace} goes back without one; "
            "--bundle-dir names another folder",
        )
    if chosen.bundle is not None:
        check_cluster(context, release, chosen.id, chosen.bundle.facts)
    if not wanted:
        _check_unasked(context, release, chosen)
    if chosen.bundle is not None:
        return Undoing(chosen.bundle, chosen.cut_off, notes=notes)
    return _fetched(context, release, store, chosen, notes)


def _unread(listed: Maybe[tuple[Recorded, ...]]) -> tuple[str, ...]:
    if isinstance(listed, Unknown):
        return (f"Runs of other machines are not looked at: the cluster cannot be asked: {listed.reason}",)
    return tuple(
        f"Run {item.header.run} is not looked at: {item.damage}" for item in listed.value if item.damage
    )


def _check_nobody_at_work(context: Context, release: Release) -> None:
    """Two Helm operations on one release at once leave neither's revision whole."""
    state = states(context.runs_folder)
    for header in list_runs(context.runs_folder):
        own = (header.namespace, header.release) == (release.namespace, release.name)
        if own and state.get(header.run) == "at work":
            raise TykUpgradeError(
                f"run {header.run} of {release} is being carried out by a process on this machine",
                f"wait for it, or end it with Ctrl-C; `helm tyk-upgrade runs {header.run}` shows how far it is",
            )


def _check_unasked(context: Context, release: Release, chosen: _Candidate) -> None:
    """Raises UsageError for what is only gone back to by name."""
    if chosen.bundle is not None and is_imported(chosen.bundle):
        raise UsageError(
            f"the newest bundle of {release} from before its present state, {chosen.id}, was imported",
            f"--bundle {chosen.id} takes it all the same; `helm tyk-upgrade backup list` shows the others",
        )
    own = _own(context, release, chosen)
    if own is None or release.revision in own:
        return
    history = context.helm.history(release.name, release.namespace)
    made = next((item for item in history if item.revision == release.revision), None)
    what = f" ({made.description or 'no description'}, {made.updated})" if made is not None else ""
    raise UsageError(
        f"revision {release.revision} of {release}{what} was not made by run {chosen.id}, which left revision "
        f"{own[-1]} as far as its journal tells: going back would undo what somebody else did since",
        f"--bundle {chosen.id} goes back all the same; `helm history {release.name} -n {release.namespace}` shows "
        "all revisions",
    )


def _own(context: Context, release: Release, chosen: _Candidate) -> range | None:
    """The revisions of the candidate's run; None where there is no run (`backup` made the bundle) or its journal is
    gone."""
    if chosen.record is not None or chosen.gone_on:
        record, _ = record_of(context, release.namespace, release.name, chosen.id)
        return own_revisions(record.header, record.entries)
    try:
        journal = open_journal(context.runs_folder, chosen.id)
    except TykUpgradeError:
        return None
    return own_revisions(journal.header, journal.entries)


def _candidates(
    context: Context, release: Release, store: Path, records: list[Recorded]
) -> Iterator[_Candidate]:
    """Newest first."""
    ended = {item.header.run for item in records if item.ended}
    state = states(context.runs_folder)
    local = {info.id: info for info in list_bundles(store, release.namespace, release.name)}
    away = {item.header.run: item for item in records if item.header.run not in local}
    for name in sorted({*local, *away}, reverse=True):
        if name in away:
            header = away[name].header
            cut_off = name not in ended and state.get(name) != "at work"
            yield _Candidate(
                name, header.from_revision, header.command == "rollback", cut_off, record=away[name]
            )
        else:
            revision = revision_in(local[name])
            if revision is None:
                continue  # nothing tells where it would lead
            gone_on = name in ended and state.get(name) == "cut off"
            cut_off = state.get(name) == "cut off" and name not in ended
            is_rollback = local[name].facts.get("command") == "rollback"
            yield _Candidate(name, revision, is_rollback, cut_off, local[name], gone_on=gone_on)


def _newest(release: Release, candidates: list[_Candidate]) -> _Candidate | None:
    return next(
        (
            item
            for item in candidates
            if not item.is_rollback and (item.cut_off or item.revision < release.revision)
        ),
        None,
    )


def _named(store: Path, release: Release, candidates: list[_Candidate], wanted: str) -> _Candidate:
    """By id, or an unambiguous beginning of it; see find_bundle."""
    found = [item for item in candidates if item.id == wanted] or [
        item
        for item in candidates
        if item.id.startswith(wanted) and not (item.bundle is not None and is_imported(item.bundle))
    ]
    if len(found) == 1:
        return found[0]
    info = find_bundle(store, wanted)
    if (info.namespace, info.release) == (release.namespace, release.name):
        raise UsageError(
            f"bundle {info.id} does not tell the revision it was made at", "use another: `backup list`"
        )
    raise UsageError(
        f"bundle {info.id} is one of {info.namespace}/{info.release}, not of {release}",
        "`helm tyk-upgrade backup list` shows whose each is",
    )


def _fetched(
    context: Context, release: Release, store: Path, chosen: _Candidate, before: tuple[str, ...]
) -> Undoing:
    record, _ = record_of(context, release.namespace, release.name, chosen.id)
    check_cluster(context, release, chosen.id, record.facts)
    if record.facts.get("revision") != record.header.from_revision:
        raise TykUpgradeError(
            f"the cluster's record of run {chosen.id} does not tell one revision that it started from",
            "somebody changed it; delete the Secret, or go back with --bundle of another run",
        )
    notes = [
        *before,
        f"Run {chosen.id} was begun on another machine: what it started from is read from its record in the cluster.",
        "API definitions are only in the bundle on that machine.",
    ]
    if record.left_out:
        notes.append(f"The record was too small for: {', '.join(record.left_out)}")
    if chosen.cut_off:
        journal = install(record, context.runs_folder, store)
        return Undoing(find_bundle(store, chosen.id), True, journal, tuple(notes))
    return Undoing(install_bundle(record, store), notes=tuple(notes))
