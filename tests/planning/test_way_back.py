"""From a bundle: the revision that Helm still has, and the files that differ by now."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.planning.way_back import files_of, revision_of
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


def test_only_files_that_differ_are_put_back(tmp_path: Path) -> None:
    same, changed, gone = (tmp_path / name for name in ("same.yaml", "changed.yaml", "gone.yaml"))
    kept = [BundleFile(f"values/0{number}-x.yaml", b"a: 1\n", str(path)) for number, path in
            enumerate((same, changed, gone))]  # fmt: skip
    info = write(tmp_path / "b", *kept, BundleFile("release/manifest.yaml", b"kind: Pod\n"))
    same.write_bytes(b"a: 1\n")
    changed.write_bytes(b"a: 2\n")
    (edit,) = files_of(info)
    assert (edit.file, edit.before, edit.after) == (str(changed), b"a: 1\n", b"a: 2\n")
    assert edit.digest_before == sha256(b"a: 1\n")
