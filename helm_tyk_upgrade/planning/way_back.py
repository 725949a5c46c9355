"""Where a rollback goes, from a bundle."""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.edge.files import read_file
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.helm.client import Helm
from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.store.bundle import BundleInfo, contents


def revision_of(helm: Helm, release: Release, info: BundleInfo) -> int:
    """The revision that the bundle was made at, checked to be still in Helm's history. Raises TykUpgradeError."""
    revision = int(info.facts["revision"])
    kept = [item.revision for item in helm.history(release.name, release.namespace)]
    if revision not in kept:
        raise TykUpgradeError(
            f"revision {revision} of {release} is no longer in Helm's history (kept: {kept})",
            f"its values and manifest are in the bundle {info.path}",
        )
    return revision


def files_of(info: BundleInfo) -> tuple[EditedFile, ...]:
    """The user's files of the bundle that differ from what is there now, as edits that can be undone. A file that
    is gone by now cannot be put back in place of nothing: `backup restore` does that."""
    found = []
    for entry in info.origins():
        try:
            now = read_file(Path(entry["origin"]), what="values file")
        except NotFound:
            continue
        if now.digest != entry["sha256"]:
            before = contents(info, entry["name"])
            found.append(EditedFile(entry["origin"], before, now.data, entry["sha256"], ()))
    return tuple(found)
