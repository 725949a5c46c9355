"""Which run a rollback undoes: one of this machine, or one that another began and the cluster has a record of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import NotFound, UsageError
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.planning.elsewhere import Recorded, record_of, recorded
from helm_tyk_upgrade.planning.resuming import states
from helm_tyk_upgrade.store.bundle import BundleInfo, find_bundle, list_bundles
from helm_tyk_upgrade.store.journal import Journal, reopen
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
    """id: of run and bundle; record: where the bundle is not on this machine."""

    id: str
    revision: int
    is_rollback: bool
    cut_off: bool
    bundle: BundleInfo | None = None
    record: Recorded | None = None


def to_undo(context: Context, release: Release, store: Path, wanted: str = "") -> Undoing:
    """The bundle that is named, else that of the upgrade that was cut off, else the newest from before the present
    revision: `backup` makes bundles too, and so does a rollback, to which nobody goes back without saying so.

    What only the cluster has is fetched into `store`. Raises NotFound, UsageError, TykUpgradeError.
    """
    listed = recorded(context, release.name)
    records = listed.value if isinstance(listed, Known) else ()
    candidates = list(_candidates(context, release, store, records))
    chosen = _named(store, release, candidates, wanted) if wanted else _newest(release, candidates)
    notes: tuple[str, ...] = ()
    if isinstance(listed, Unknown):
        notes = (f"Runs of other machines are not looked at: the cluster cannot be asked: {listed.reason}",)
    if chosen is None:
        raise NotFound(
            f"there is no bundle of {release} from before revision {release.revision} in {store}, nor a record of "
            f"its run in the cluster{': ' + listed.reason if isinstance(listed, Unknown) else ''}",
            f"helm rollback {release.name} -n {release.namespace} goes back without one; "
            "--bundle-dir names another folder",
        )
    if chosen.bundle is not None:
        return Undoing(chosen.bundle, chosen.cut_off, notes=notes)
    return _fetched(context, release, store, chosen)


def _candidates(
    context: Context, release: Release, store: Path, records: tuple[Recorded, ...]
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
            facts = local[name].facts
            cut_off = state.get(name) == "cut off" and name not in ended
            is_rollback = facts.get("command") == "rollback"
            yield _Candidate(name, int(facts["revision"]), is_rollback, cut_off, bundle=local[name])


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
    """By id, or an unambiguous beginning of it."""
    found = [item for item in candidates if item.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    info = find_bundle(store, wanted)
    raise UsageError(
        f"bundle {info.id} is one of {info.namespace}/{info.release}, not of {release}",
        "`helm tyk-upgrade backup list` shows whose each is",
    )


def _fetched(context: Context, release: Release, store: Path, chosen: _Candidate) -> Undoing:
    record, _ = record_of(context, release.namespace, release.name, chosen.id)
    notes = [
        f"Run {chosen.id} was begun on another machine: what it started from is read from its record in the cluster.",
        "API definitions are only in the bundle on that machine.",
    ]
    if record.left_out:
        notes.append(f"The record was too small for: {', '.join(record.left_out)}")
    if chosen.cut_off:
        journal = install(record, context.runs_folder, store)
        return Undoing(find_bundle(store, chosen.id), True, journal, tuple(notes))
    return Undoing(install_bundle(record, store), notes=tuple(notes))
