"""Which version is taken, by table."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.charts.newest import nearest, newest
from helm_tyk_upgrade.errors import NotFound, UsageError
from helm_tyk_upgrade.model.chart import Catalogued, ChartVersion
from helm_tyk_upgrade.model.version import is_prerelease, newest_first

LISTED = ["6.0.0-alpha.1", "5.3.0", "5.2.0", "5.1.1", "5.1.0", "4.1.1", "4.0.0", "1.0.0-beta1"]


def catalogue(*versions: str, deprecated: tuple[str, ...] = (), flagged: tuple[str, ...] = ()) -> Catalogued:
    return Catalogued(
        "tyk-oss",
        tuple(
            ChartVersion(
                text, prerelease=is_prerelease(text) or text in flagged, deprecated=text in deprecated
            )
            for text in newest_first(list(versions))
        ),
        "Artifact Hub",
    )


@pytest.mark.parametrize(
    ("wanted", "devel", "expected"),
    [
        ("", False, "5.3.0"),
        ("", True, "6.0.0-alpha.1"),
        ("5.1.1", False, "5.1.1"),
        ("v5.1.1", False, "5.1.1"),
        ("6.0.0-alpha.1", False, "6.0.0-alpha.1"),
        ("5.1.x", False, "5.1.1"),
        ("~5.1.0", False, "5.1.1"),
        ("^4", False, "4.1.1"),
        (">=4 <5.2", False, "5.1.1"),
        ("<5 || >=6.0.0-0", False, "6.0.0-alpha.1"),
        (">=6.0.0-0", False, "6.0.0-alpha.1"),
        (">5.0.0", True, "5.3.0"),
        ("=5.2.0", False, "5.2.0"),
    ],
)
def test_the_newest_that_may_be_taken(wanted: str, devel: bool, expected: str) -> None:
    assert newest(catalogue(*LISTED), wanted, devel=devel).version == expected


def test_passed_over_versions_have_reasons() -> None:
    chosen = newest(catalogue(*LISTED, "5.4.0", "5.5.0", deprecated=("5.4.0",), flagged=("5.5.0",)))
    assert chosen.version == "5.3.0"
    assert chosen.passed_over == (
        ("6.0.0-alpha.1", "a prerelease; --devel takes it"),
        ("5.5.0", "a prerelease; --devel takes it"),
        ("5.4.0", "deprecated by its authors"),
    )


def test_an_exact_version_names_the_newer_ones_left_alone() -> None:
    chosen = newest(catalogue(*LISTED), "5.1.1")
    assert [version for version, _reason in chosen.passed_over] == ["6.0.0-alpha.1", "5.3.0", "5.2.0"]


def test_a_deprecated_version_is_taken_when_it_is_asked_for() -> None:
    chosen = newest(catalogue("0.15.0", deprecated=("0.15.0",)), "0.15.0")
    assert "deprecated" in chosen.reason


def test_a_version_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(NotFound) as caught:
        newest(catalogue(*LISTED), "5.1.7")
    assert "5.1.7" in caught.value.message
    assert caught.value.hint == "nearest: 5.1.1, 5.2.0, 6.0.0-alpha.1"


def test_nothing_in_range_names_the_newest() -> None:
    with pytest.raises(NotFound) as caught:
        newest(catalogue(*LISTED), ">=7")
    assert "6.0.0-alpha.1, 5.3.0" in caught.value.hint


def test_only_prereleases_points_at_devel() -> None:
    with pytest.raises(NotFound) as caught:
        newest(catalogue("1.0.0-beta1"))
    assert "--devel" in caught.value.hint


def test_a_range_that_is_none_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="--version"):
        newest(catalogue(*LISTED), "newest, please")


def test_a_release_ahead_of_the_catalogue_stays_where_it_is() -> None:
    chosen = newest(catalogue(*LISTED), current="5.4.0")
    assert chosen.version == "5.4.0"
    assert "ahead" in chosen.reason


def test_an_exact_older_version_is_taken_even_if_the_release_is_ahead() -> None:
    assert newest(catalogue(*LISTED), "4.0.0", current="5.3.0").version == "4.0.0"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("5.2.5", ("5.2.0", "5.3.0", "6.0.0-alpha.1")),
        ("0.1.0", ("1.0.0-beta1", "6.0.0-alpha.1")),
        ("9.0.0", ("6.0.0-alpha.1",)),
    ],
)
def test_nearest(wanted: str, expected: tuple[str, ...]) -> None:
    assert nearest(wanted, LISTED) == expected


def test_nearest_of_nothing_is_nothing() -> None:
    assert nearest("1.0.0", []) == ()
