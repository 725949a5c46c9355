"""Where a rollback goes, from a bundle."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from helm_tyk_upgrade.edge.files import read_file
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.helm.client import Helm
from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.release import Release, Revision, worked
from helm_tyk_upgrade.store.bundle import BundleInfo, contents

HISTORY = "release/history.json"


def revision_of(helm: Helm, release: Release, info: BundleInfo) -> int:
    """The revision that the bundle's own run would have gone back to, checked to be still in Helm's history: the newest
    that worked, which is not the one it was made at where that had failed. Raises TykUpgradeError."""
    revision = _good(info)
    if not revision:
        raise TykUpgradeError(
            f"no revision of {release} had ever worked when bundle {info.id} was made",
            "mend the release with an upgrade; there is nothing to go back to",
        )
    kept = [item.revision for item in helm.history(release.name, release.namespace)]
    if revision not in kept:
        raise TykUpgradeError(
            f"revision {revision} of {release} is no longer in Helm's history (kept: {kept})",
            f"its values and manifest are in the bundle {info.path}",
        )
    return revision


def _good(info: BundleInfo) -> int:
    """By the same rule as the plan's. 0 where none worked; a bundle without a history tells only its own revision."""
    if not any(entry["name"] == HISTORY for entry in info.files):
        return int(info.facts["revision"])
    try:
        history = [Revision(**item) for item in json.loads(contents(info, HISTORY))]
    except (ValueError, TypeError) as error:
        raise TykUpgradeError(
            f"{info.path / HISTORY} is damaged: {error}", "use another bundle: `backup list`"
        ) from error
    return newest_good(history)


def newest_good(history: Iterable[Revision]) -> int:
    """The revision a rollback goes to: the newest that worked; 0 where none did."""
    return max((item.revision for item in history if worked(item)), default=0)


def files_of(info: BundleInfo) -> tuple[EditedFile, ...]:
    """The edits that the bundle's run made to the user's files and that are still there, so that they can be undone.
    A file that somebody changed since, or that the run never touched, stays as it is: `backup restore` is for those."""
    edited = info.facts.get("edited", {})
    found = []
    for entry in info.origins():
        try:
            now = read_file(Path(entry["origin"]), what="values file")
        except NotFound:
            continue
        if now.digest == edited.get(entry["origin"]):
            before = contents(info, entry["name"])
            found.append(EditedFile(entry["origin"], before, now.data, entry["sha256"], ()))
    return tuple(found)


def left_alone(info: BundleInfo) -> tuple[str, ...]:
    """The user's files that differ from the bundle's and are not put back."""
    undone = {edit.file for edit in files_of(info)}
    return tuple(
        entry["origin"]
        for entry in info.origins()
        if entry["origin"] not in undone and _differs(Path(entry["origin"]), entry["sha256"])
    )


def _differs(path: Path, digest: str) -> bool:
    try:
        return read_file(path, what="values file").digest != digest
    except NotFound:
        return True
