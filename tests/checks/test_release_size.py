"""The record that fits, the one that may not, and the one that does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helm_tyk_upgrade.checks import release_size
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.server import LiveNeighbours, ServerTruth
from helm_tyk_upgrade.model.verdict import Status
from tests.checks.build import changes
from tests.checks.kubernetes import found, is_unknown_without


@pytest.mark.parametrize(
    ("size", "status", "words"),
    [
        (20_000, Status.PASS, "about 20 KiB of 1024 KiB"),
        (900 << 10, Status.PASS, "about 900 KiB"),
        ((900 << 10) + 1, Status.UNKNOWN, "about 901 KiB; 1024 KiB fit"),
        (1 << 20, Status.UNKNOWN, "about 1024 KiB"),
        ((1 << 20) + 1, Status.FAIL, "would have about 1025 KiB"),
    ],
)
def test_sizes(size: int, status: Status, words: str) -> None:
    verdict = release_size.run(found(record_bytes=Known(size)), changes())
    assert verdict.status is status
    assert words in verdict.reason
    assert verdict.evidence == ("the present one has 20 KiB",)


def test_where_the_present_record_is_not_known_the_new_one_still_counts() -> None:
    unseen = ServerTruth(neighbours=LiveNeighbours(release_bytes=Unknown("forbidden")))
    given = replace(found(record_bytes=Known(2 << 20)), server=unseen)
    verdict = release_size.run(given, changes())
    assert (verdict.status, verdict.evidence) == (Status.FAIL, ("present: forbidden",))


def test_without_an_answer_it_is_unknown() -> None:
    assert is_unknown_without(release_size, "record_bytes")
