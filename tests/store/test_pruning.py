"""Which bundles may go: a table of what keeps one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.store.bundle import BundleInfo, list_bundles
from helm_tyk_upgrade.store.pruning import judge, remove
from tests.store.test_bundle import write


def bundle(day: int, revision: int) -> BundleInfo:
    name = f"202611{day:02}"
    return BundleInfo(
        name, "apis", "tyk", f"2026-11-{day:02}T12:00:00Z", Path(name), (), {"revision": revision}
    )


MONTH = [bundle(day, day // 2) for day in range(2, 12)]
"""Ten bundles, two of each revision 1 to 5."""


def going(
    keep: int = 1,
    before: int | None = None,
    needed: tuple[int, ...] = (),
    revision: Maybe[int] = Known(5),  # noqa: B008 - a frozen record
) -> list[int]:
    """The days of the bundles that go, newest first."""
    limit = None if before is None else datetime(2026, 11, before, tzinfo=timezone.utc)
    names = [f"202611{day:02}" for day in needed]
    judged = judge(MONTH, keep=keep, before=limit, needed=names, revision=revision)
    return [int(item.bundle.id[-2:]) for item in judged if not item.stays]


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        (going(keep=10), []),
        (going(keep=8), [3, 2]),
        (going(keep=1), [10, 8, 7, 6, 5, 4, 3, 2]),  # 11 is the newest, 9 the way back from revision 5
        (going(keep=1, revision=Known(2)), [10, 9, 8, 7, 6, 5, 4, 2]),  # 3 is the only kind from before
        (going(keep=1, revision=Known(1)), [10, 9, 8, 7, 6, 5, 4, 3, 2]),
        (going(keep=1, before=6), [5, 4, 3, 2]),
        (going(keep=9, before=30), [2]),
        (going(keep=1, needed=(2, 8)), [10, 7, 6, 5, 4, 3]),
        (going(keep=1, revision=Unknown("no cluster")), [10, 8, 6, 4, 2]),
    ],
)
def test_what_goes(gone: list[int], expected: list[int]) -> None:
    assert gone == expected


@pytest.mark.parametrize("facts", [{"command": "rollback"}, {"imported": True}])
@pytest.mark.parametrize("revision", [Known(3), Unknown("no cluster")])
def test_what_rollback_takes_only_by_name_is_no_way_back(
    facts: dict[str, object], revision: Maybe[int]
) -> None:
    """Run 1 to 2, our rollback to 3: the first bundle is the only way back."""
    other = replace(bundle(3, 2), facts={"revision": 2, **facts})
    judged = judge([bundle(2, 2), other, bundle(4, 3)], keep=1, before=None, needed=(), revision=revision)
    assert [bool(item.stays) for item in judged] == [True, False, True]


def test_each_that_stays_has_its_reason() -> None:
    judged = judge(MONTH, keep=3, before=None, needed=["20261102"], revision=Known(5))
    assert {item.bundle.id[-2:]: item.stays for item in judged if item.stays} == {
        "11": "the newest",
        "10": "one of the newest 3",
        "09": "the way back from revision 5",
        "02": "an unfinished run needs it",
    }


def test_the_only_bundle_never_goes() -> None:
    assert [item.stays for item in judge(MONTH[:1], keep=1, before=None, needed=(), revision=Known(9))] != [
        ""
    ]
    assert judge([], keep=1, before=None, needed=(), revision=Known(9)) == ()


def test_a_time_that_cannot_be_read_is_not_old() -> None:
    odd = [bundle(11, 5), BundleInfo("20261101", "apis", "tyk", "once", Path(), (), {})]
    late = datetime(2026, 12, 1, tzinfo=timezone.utc)
    judged = judge(odd, keep=1, before=late, needed=(), revision=Known(0))
    assert judged[1].stays == "not old enough"


def test_a_removed_bundle_is_gone(tmp_path: Path) -> None:
    info, other = write(tmp_path, bundle_id="20261101"), write(tmp_path, bundle_id="20261102")
    remove(info)
    assert list_bundles(tmp_path) == [other]
    assert list(info.path.parent.iterdir()) == [other.path]
    with pytest.raises(TykUpgradeError, match="cannot be removed"):
        remove(info)
