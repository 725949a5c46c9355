"""Whether the API server, asked for every object without storing it, would take the new manifest.

Passes: each object, and each hook that would run, was accepted.
Fails: a policy denies the Deployment, a quota is used up, a field is misspelt or immutable, the cluster lacks a kind.
"""

from __future__ import annotations

from collections.abc import Iterable

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.server import DryRunAnswer
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown
from helm_tyk_upgrade.model.words import count

ID = "server-rejects"
TITLE = "Would the API server take every object of the new manifest?"
DEFAULT = Policy.FAIL
HINT = "change the values that render it, or what rejects it: the upgrade would stop half-way"


def run(facts: Facts, changes: Changes) -> Verdict:
    asked = facts.server.forward
    if isinstance(asked, Unknown):
        return unknown(ID, asked.reason)
    no, unsure = rejected(asked.value), unanswered(asked.value)
    if no:
        objects = sum(answer.accepted == Known(False) for answer in asked.value)
        return failed(ID, f"{count(objects, 'object')} would be rejected: {no[0]}", *no[1:], *unsure)
    if unsure:
        objects = sum(isinstance(answer.accepted, Unknown) for answer in asked.value)
        return unknown(
            ID, f"{count(objects, 'object')} of {len(asked.value)}: {unsure[0]}", *unsure[1:], hint=_NOT_TOLD
        )
    return passed(ID, f"the API server takes all {count(len(asked.value), 'object')}")


_NOT_TOLD = "ask again with an identity that may patch the release's objects"


def rejected(answers: Iterable[DryRunAnswer]) -> tuple[str, ...]:
    """A line for each thing that the server says against an object."""
    return tuple(
        f"{_named(answer)}: {cause}"
        for answer in answers
        if answer.accepted == Known(False)
        for cause in (answer.causes or (answer.reason,))
    )


def unanswered(answers: Iterable[DryRunAnswer]) -> tuple[str, ...]:
    """A line for each object of which the server did not say, those with the same reason in one."""
    by_reason: dict[str, list[str]] = {}
    for answer in answers:
        if isinstance(answer.accepted, Unknown):
            by_reason.setdefault(answer.accepted.reason, []).append(_named(answer))
    return tuple(f"{', '.join(names)}: {reason}" for reason, names in by_reason.items())


def _named(answer: DryRunAnswer) -> str:
    return f"hook {answer.id}" if answer.hook else str(answer.id)
