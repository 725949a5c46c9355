"""Which revisions of a release a run made itself: what somebody else made since is not its to undo. Pure."""

from __future__ import annotations

from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.store.journal import RunHeader


def own_revisions(header: RunHeader, entries: tuple[Entry, ...]) -> range:
    """The revisions that the release can be at by this run's doing, the one it started from only where it made none.

    An upgrade that was cut off may have made one, and another before that, to free the release; a rollback makes one.
    """
    begun = [entry.step for entry in entries if entry.event == "begin"]
    upgrades, rollbacks = begun.count("upgrade"), begun.count("rollback")
    results = [entry.result for entry in entries if entry.step == "upgrade" and entry.result is not None]
    made = results[-1].fact("revision") if results else None
    if isinstance(made, int) and made:
        return range(made, made + rollbacks + 1)
    nothing = bool(results) and upgrades <= 1 and results[-1].fact("changed") is False
    most = 0 if nothing else 2 * upgrades
    return range(header.from_revision, header.from_revision + most + rollbacks + 1)
