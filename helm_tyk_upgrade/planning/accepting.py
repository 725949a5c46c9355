"""Which proposals a run makes part of its plan, and the bytes of the values files with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.model.values import Proposal
from helm_tyk_upgrade.values.apply import apply

Choose = Callable[[tuple[Proposal, ...]], tuple[Proposal, ...]]
"""Takes the proposals that can be made, answers with the accepted ones."""


@dataclass(frozen=True)
class Accepted:
    """The files that accepted proposals change, and those that helmyaml refused to make."""

    edited: tuple[EditedFile, ...] = ()
    refused: tuple[tuple[Proposal, str], ...] = ()


def safe_ones(proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """Those that change no object: what is accepted without being asked."""
    return tuple(proposal for proposal in proposals if proposal.safe)


def accept(
    proposals: Iterable[Proposal], files: Iterable[ValuesFile], choose: Choose, helm_major: int
) -> Accepted:
    makeable = tuple(proposal for proposal in proposals if proposal.edits)
    chosen = choose(makeable)
    edited, refused = apply(chosen, {file.path: file.data for file in files}, helm_major)
    return Accepted(edited, refused)


def with_edits(files: Iterable[ValuesFile], edited: Iterable[EditedFile]) -> tuple[ValuesFile, ...]:
    """The files as they will be: further edits start from these bytes."""
    after = {each.file: each.after for each in edited}
    return tuple(replace(file, data=after.get(file.path, file.data)) for file in files)


def joined(first: Iterable[EditedFile], then: Iterable[EditedFile]) -> tuple[EditedFile, ...]:
    """Two rounds of edits as one: each file once, from the bytes that were read to the last ones."""
    found = {each.file: each for each in first}
    for each in then:
        before = found.get(each.file)
        found[each.file] = each if before is None else _joined(before, each)
    return tuple(found.values())


def _joined(before: EditedFile, then: EditedFile) -> EditedFile:
    return replace(before, after=then.after, edits=(*before.edits, *then.edits))
