"""From a bundle: the revision that Helm still has, and the files that differ by now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.release import Revision
from helm_tyk_upgrade.planning.way_back import files_of, left_alone, newest_good, revision_of
from helm_tyk_upgrade.store.bundle import BundleFile
from tests.applying.build import RELEASE, scene
from tests.store.test_bundle import write


def test_a_revision_that_helm_still_has_is_gone_back_to(tmp_path: Path) -> None:
    here, info = scene(tmp_path), write(tmp_path / "b")
    here.helm.history((3, "superseded"), (4, "deployed"))
    assert revision_of(here.context.helm, RELEASE, info) == 3


def test_a_revision_that_helm_dropped_is_named_with_what_is_left(tmp_path: Path) -> None:
    here, info = scene(tmp_path), write(tmp_path / "b")
    here.helm.history((4, "superseded"), (5, "deployed"))
    with pytest.raises(TykUpgradeError, match=r"revision 3 .* \(kept: \[4, 5\]") as caught:
        revision_of(here.context.helm, RELEASE, info)
    assert str(info.path) in caught.value.hint


@pytest.mark.parametrize(
    ("description", "revision"),
    [('Upgrade "tyk" failed: no', 3), ('Rollback "tyk" failed: no', 3), ("Mend what failed: 7", 4)],
)
def test_what_helm_says_failed_never_worked_whatever_its_status(description: str, revision: int) -> None:
    history = [
        Revision(3, "superseded", "c", "", "Install complete"),
        Revision(4, "superseded", "c", "", description),
        Revision(5, "failed", "c", "", 'Rollback "tyk" failed: no'),
    ]
    assert newest_good(history) == revision


def kept_history(*states: tuple[int, str]) -> BundleFile:
    items = [
        {"revision": number, "status": status, "chart": "c", "updated": "", "description": ""}
        for number, status in states
    ]
    return BundleFile("release/history.json", json.dumps(items).encode())


def test_a_bundle_goes_where_its_own_run_would_have_gone(tmp_path: Path) -> None:
    """Revision 5 failed before the run: neither way back leads to it."""
    here = scene(tmp_path)
    history = kept_history((3, "superseded"), (4, "deployed"), (5, "failed"))
    info = write(tmp_path / "b", history)
    here.helm.history((4, "superseded"), (5, "failed"), (6, "failed"))
    assert revision_of(here.context.helm, RELEASE, info) == 4


def test_a_release_that_never_worked_has_no_way_back(tmp_path: Path) -> None:
    here, info = scene(tmp_path), write(tmp_path / "b", kept_history((1, "failed")))
    here.helm.history((1, "failed"), (2, "failed"))
    with pytest.raises(TykUpgradeError, match="had ever worked"):
        revision_of(here.context.helm, RELEASE, info)


def test_a_history_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    info = write(tmp_path / "b", BundleFile("release/history.json", b"[{}]"))
    with pytest.raises(TykUpgradeError, match=r"history\.json is damaged"):
        revision_of(scene(tmp_path).context.helm, RELEASE, info)


def test_only_what_the_run_edited_and_nobody_changed_since_is_put_back(tmp_path: Path) -> None:
    names = ("edited", "mended", "untouched", "gone")
    files = {name: tmp_path / f"{name}.yaml" for name in names}
    kept = [BundleFile(f"values/{name}.yaml", b"a: 1\n", str(path)) for name, path in files.items()]
    edited = {str(files[name]): sha256(b"a: 2\n") for name in ("edited", "mended", "gone")}
    info = write(tmp_path / "b", *kept, facts={"revision": 3, "edited": edited})
    files["edited"].write_bytes(b"a: 2\n")
    files["mended"].write_bytes(b"a: 3  # by hand, after the run\n")
    files["untouched"].write_bytes(b"a: 4  # not the run's doing\n")
    (edit,) = files_of(info)
    assert (edit.file, edit.before, edit.after) == (str(files["edited"]), b"a: 1\n", b"a: 2\n")
    assert set(left_alone(info)) == {str(files[name]) for name in ("mended", "untouched", "gone")}
