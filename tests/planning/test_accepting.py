"""Which proposals become part of a plan, and two rounds of edits as one."""

from __future__ import annotations

from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.model.values import KeyEdit, Proposal, Risk
from helm_tyk_upgrade.planning.accepting import accept, joined, safe_ones, with_edits
from helm_tyk_upgrade.planning.edits import edit_value

DATA = b"old: 1\nimage: {tag: a}\nx: 1 # kept\n"
FILE = ValuesFile("v.yaml", DATA, sha256(DATA), 0o644)
RENAME = Proposal(
    "rename", ("old",), "why", Risk.NONE, "s", (KeyEdit("v.yaml", "move", ("old",), ("new",), 1.0),)
)
REVIEW = Proposal("rename", ("x",), "why", Risk.REVIEW, "s", (KeyEdit("v.yaml", "delete", ("x",)),))
BY_HAND = Proposal("rename", ("x",), "why", Risk.NONE, "s", (), by_hand="two values")


def test_only_what_changes_no_object_is_taken_unasked() -> None:
    assert safe_ones((RENAME, REVIEW, BY_HAND)) == (RENAME,)


def test_what_needs_a_person_is_not_even_offered() -> None:
    offered: list[tuple[Proposal, ...]] = []

    def none(found: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
        offered.append(found)
        return ()

    assert accept((RENAME, BY_HAND), [FILE], none, 3).edited == ()
    assert offered == [(RENAME,)]


def test_two_rounds_of_edits_are_one_edit_of_the_bytes_that_were_read() -> None:
    first = accept((RENAME,), [FILE], safe_ones, 3)
    (later,) = with_edits([FILE], first.edited)
    second = edit_value(later, ("image", "tag"), "b", "gateway", 3)
    (whole,) = joined(first.edited, (second,))
    assert (whole.before, whole.digest_before) == (DATA, FILE.digest)
    assert whole.after == b"new: 1\nimage: {tag: b}\nx: 1 # kept\n"
    assert [edit.path for edit in whole.edits] == [("old",), ("image", "tag")]


def test_files_of_one_round_only_stay_as_they_are() -> None:
    first = accept((RENAME,), [FILE], safe_ones, 3)
    assert joined(first.edited, ()) == first.edited
    assert joined((), first.edited) == first.edited
    assert with_edits([FILE], ()) == (FILE,)
