"""Which proposals are accepted, and the edits on disk: shared by values and upgrade."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError

if TYPE_CHECKING:
    from helm_tyk_upgrade.model.values import Proposal, ValuesReport
    from helm_tyk_upgrade.planning.accepting import Choose

_ANSWERS = "y: take it, n: leave it (default), a: take all that are left, q: take no more"


def chooser(
    context: Context,
    yes: bool,
    keep_behaviour: bool = False,
    redundant: bool = False,
    *,
    shown: bool = False,
) -> Choose:
    """How proposals are accepted: --yes takes the safe ones, a terminal is asked one by one. shown: the report with the
    proposals stands above the questions already (those that only tidy up are not in it).

    The answer raises TykUpgradeError where there are proposals and nobody can be asked.
    """

    def choose(proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
        if yes:
            return without_asking(proposals, keep_behaviour, redundant)
        offered = [each for each in proposals if redundant or each.kind != "remove redundant"]
        if offered and not context.can_ask:
            raise TykUpgradeError(
                "nothing was written: there is no terminal to ask on which edits to make",
                "give --yes to take all safe edits; -o diff shows them",
            )
        return _ask_each(context, offered, shown)

    return choose


def without_asking(
    proposals: tuple[Proposal, ...], keep_behaviour: bool, redundant: bool
) -> tuple[Proposal, ...]:
    """The safe ones, and those kinds that a flag names."""
    named = {"keep behaviour": keep_behaviour, "remove redundant": redundant}
    return tuple(each for each in proposals if each.safe or (each.edits and named.get(each.kind, False)))


def _ask_each(context: Context, offered: list[Proposal], shown: bool) -> tuple[Proposal, ...]:
    from helm_tyk_upgrade.report.advice_view import proposal_text

    taken: list[Proposal] = []
    for number, proposal in enumerate(offered, start=1):
        brief = shown and proposal.kind != "remove redundant"
        text = proposal_text(proposal, context.masker, width=context.width, brief=brief)
        context.say(text.rstrip())
        answer = _answer(context, f"  take it? ({number} of {len(offered)}) [y/N/a/q/?] ")
        if answer in ("a", "all"):
            return (*taken, *offered[number - 1 :])
        if answer in ("q", "quit"):
            break
        if answer in ("y", "yes"):
            taken.append(proposal)
    return tuple(taken)


def _answer(context: Context, question: str) -> str:
    """Asked again after `?`, which explains the answers."""
    while True:
        context.streams.stderr.write(question)
        context.streams.stderr.flush()
        answer = context.streams.stdin.readline().strip().lower()
        if answer not in ("?", "h", "help"):
            return answer
        context.say(_ANSWERS)


def write(report: ValuesReport, context: Context) -> ValuesReport:
    """Each edited file once, all of them or none, and only if nobody changed one since it was read."""
    from helm_tyk_upgrade.edge.files import Replacement, replace_files

    edited = report.changes.edited_files
    replace_files([Replacement(Path(each.file), each.before, each.after) for each in edited])
    for each in edited:
        context.say(f"Wrote {context.masker.text(each.file)}")
    return replace(report, written=bool(edited))
