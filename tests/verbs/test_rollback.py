"""Which bundle a rollback goes back to."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.errors import NotFound, UsageError
from helm_tyk_upgrade.verbs.rollback import _bundle
from tests.applying.build import RELEASE
from tests.store.test_bundle import write


def test_the_newest_bundle_from_before_the_present_revision_is_taken(tmp_path: Path) -> None:
    for day, revision in ((20, 1), (21, 2), (22, 3)):  # the last one was made by `backup` after the upgrade
        write(tmp_path, bundle_id=f"202611{day}", facts={"revision": revision})
    write(tmp_path, bundle_id="20261123", release="other", facts={"revision": 1})
    assert RELEASE.revision == 3
    assert _bundle(tmp_path, RELEASE, "").id == "20261121"


def test_a_named_bundle_is_taken_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, bundle_id="20261120", facts={"revision": 1})
    write(tmp_path, bundle_id="20261121", facts={"revision": 2})
    assert _bundle(tmp_path, RELEASE, "20261120").facts["revision"] == 1


def test_a_bundle_of_another_release_is_refused(tmp_path: Path) -> None:
    write(tmp_path, bundle_id="20261120", release="other")
    with pytest.raises(UsageError, match="one of apis/other, not of apis/tyk"):
        _bundle(tmp_path, RELEASE, "2026")


@pytest.mark.parametrize("revisions", [[], [3], [3, 4]])
def test_without_one_from_before_helms_own_rollback_is_named(tmp_path: Path, revisions: list[int]) -> None:
    for revision in revisions:
        write(tmp_path, bundle_id=f"2026112{revision}", facts={"revision": revision})
    with pytest.raises(NotFound, match="no bundle of apis/tyk from before revision 3") as caught:
        _bundle(tmp_path, RELEASE, "")
    assert "helm rollback tyk -n apis" in caught.value.hint
