"""Which revisions are a run's own: a table of what its journal may end with."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.planning.own_revisions import own_revisions
from helm_tyk_upgrade.store.journal import RunHeader

HEADER = RunHeader("r", "upgrade", "apis", "tyk", 3, "tyk-oss-2.2.0", "tyk-oss-5.3.0", "t", "1")


def begin(step: str) -> Entry:
    return Entry(1, step, "begin", "t")


def end(step: str, **facts: object) -> Entry:
    return Entry(2, step, "end", "t", StepResult(StepStatus.DONE, "", tuple(facts.items())))


UP, BACK = begin("upgrade"), begin("rollback")


@pytest.mark.parametrize(
    ("entries", "own"),
    [
        ((), [3]),
        ((begin("write_values"),), [3]),
        ((UP, end("upgrade", changed=True, revision=4)), [4]),
        ((UP, end("upgrade", changed=True, revision=4), BACK), [4, 5]),  # cut off in it, or came to its end
        ((UP,), [3, 4, 5]),  # killed: made none, one, or one to free the release and one more
        ((UP, UP, end("upgrade", revision=6)), [6]),
        ((UP, end("upgrade", changed=False)), [3]),  # somebody else was there before
        ((UP, end("upgrade", changed=False, revision=0)), [3]),
        ((UP, UP, end("upgrade", changed=False)), [3, 4, 5, 6, 7]),  # the first beginning may have made some
        ((UP, end("upgrade", changed=True, revision="4")), [3, 4, 5]),
    ],
)
def test_what_a_run_can_have_left(entries: tuple[Entry, ...], own: list[int]) -> None:
    assert list(own_revisions(HEADER, entries)) == own
