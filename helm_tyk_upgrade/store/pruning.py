"""Which bundles are old enough to go. Pure but for remove()."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from helm_tyk_upgrade.edge.files import sync_folder
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.store.bundle import BundleInfo, is_imported

KEEP = 10


@dataclass(frozen=True)
class Judged:
    """A bundle, and why it stays; empty where it may go."""

    bundle: BundleInfo
    stays: str


def judge(
    bundles: Sequence[BundleInfo],
    *,
    keep: int,
    before: datetime | None,
    needed: Collection[str],
    revision: Maybe[int],
) -> tuple[Judged, ...]:
    """Each bundle of one release, newest first.

    keep: so many of the newest stay; before: only older ones go, None for no such limit; needed: ids of bundles that
    an unfinished run resumes from or rolls back with; revision: the release's present one. The newest always stays,
    and so does the newest from before the present revision: the way back from it. Where the revision is not known, the
    newest of every revision stays.
    """
    ordered = sorted(bundles, key=lambda info: info.id, reverse=True)
    backs = _ways_back(ordered, revision)
    found = []
    for number, info in enumerate(ordered):
        stays = ""
        if number == 0:
            stays = "the newest"
        elif info.id in needed:
            stays = "an unfinished run needs it"
        elif info.id in backs:
            stays = backs[info.id]
        elif number < keep:
            stays = f"one of the newest {keep}"
        elif before is not None and not _older(info, before):
            stays = "not old enough"
        found.append(Judged(info, stays))
    return tuple(found)


def _ways_back(ordered: Sequence[BundleInfo], revision: Maybe[int]) -> dict[str, str]:
    """Bundles without which there would be no way back, with the reason. `rollback` goes back to a rollback's own
    bundle and to an imported one only by name: they do not stand in for the run's."""
    ordered = [info for info in ordered if info.facts.get("command") != "rollback" and not is_imported(info)]
    if isinstance(revision, Known):
        earlier = [info for info in ordered if _revision(info) < revision.value]
        return {info.id: f"the way back from revision {revision.value}" for info in earlier[:1]}
    newest: dict[int, str] = {}
    for info in ordered:
        newest.setdefault(_revision(info), info.id)
    return {name: f"the present revision is not known ({_why(revision)})" for name in newest.values()}


def _why(revision: Maybe[int]) -> str:
    return revision.reason if isinstance(revision, Unknown) else ""


def _revision(info: BundleInfo) -> int:
    found = info.facts.get("revision", 0)
    return found if isinstance(found, int) else 0


def _older(info: BundleInfo, before: datetime) -> bool:
    """A time that cannot be read is not known to be old."""
    try:
        made = datetime.fromisoformat(info.time.replace("Z", "+00:00"))
    except ValueError:
        return False
    return (made if made.tzinfo else made.replace(tzinfo=timezone.utc)) < before


def remove(info: BundleInfo) -> None:
    """Out of sight at once, then from the disk: a removal that is cut off leaves no half bundle. Raises
    TykUpgradeError."""
    hidden = info.path.with_name(f".{info.id}.removing")
    try:
        os.rename(info.path, hidden)
        sync_folder(info.path.parent)
        shutil.rmtree(hidden)
    except OSError as error:
        raise TykUpgradeError(
            f"{info.path} cannot be removed: {error.strerror}", "check its owner and mode"
        ) from error
