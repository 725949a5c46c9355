"""Choosing the view of a plan or an outcome, and the flags that say how much of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.report.detail import PARTS, WORDS, Detail, parse_detail, parse_parts

if TYPE_CHECKING:
    from helm_tyk_upgrade.model.outcome import Outcome, PodProof, StepResult
    from helm_tyk_upgrade.model.plan import Plan
    from helm_tyk_upgrade.model.release import Release

T = TypeVar("T")
_OVERVIEW = Detail()


def add_arguments(parser: argparse.ArgumentParser, *, parts: bool) -> None:
    """--show, and where `parts` --only."""
    parser.add_argument(
        "--show",
        type=_checked(parse_detail),
        default=Detail(),
        metavar="WHAT",
        help=f"whole instead of folded: {', '.join(WORDS)}, objects=KIND/NAME",
    )
    if parts:
        parser.add_argument(
            "--only",
            type=_checked(parse_parts),
            default=(),
            metavar="PARTS",
            help=f"show only these, ask only for these: {', '.join(PARTS)}",
        )


def _checked(parse: Callable[[str], T]) -> Callable[[str], T]:
    """As argparse wants it: the words of the error are shown as they are."""

    def checked(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return checked


def check(args: argparse.Namespace) -> None:
    """Raises UsageError for flags that do not fit together."""
    if getattr(args, "only", ()) and getattr(args, "out", ""):
        raise UsageError("--out keeps a whole plan, --only asks for parts", "leave one of the two out")
    if args.show != Detail() and args.output != "text":
        raise UsageError("--show is for -o text", "json is always whole; markdown folds its details")


def show_plan(
    plan: Plan,
    context: Context,
    output: str,
    only: tuple[str, ...] = (),
    detail: Detail = _OVERVIEW,
) -> None:
    """The plan on standard output, in one of text, json, markdown; only: which of its parts, except in json, where what
    was not asked is said to be unknown; detail: how much of them as text."""
    if output == "json":
        from helm_tyk_upgrade.report.json_v1 import plan_json

        context.out(plan_json(plan, context.masker))
    elif output == "markdown":
        from helm_tyk_upgrade.report.markdown import plan_markdown

        context.out(plan_markdown(plan, context.masker, only))
    else:
        from helm_tyk_upgrade.report import terminal

        colour, width = context.color, context.width
        context.out(terminal.plan(plan, context.masker, colour=colour, width=width, only=only, detail=detail))
    # Progress goes to standard error: in a log of both, the plan must stand before what was done about it.
    context.streams.stdout.flush()


def show_approved(plan: Plan, context: Context) -> None:
    """Of a plan that was reviewed before no more than what it comes to now, on standard output."""
    from helm_tyk_upgrade.report import terminal

    context.out(terminal.approved(plan, context.masker, colour=context.color, width=context.width))
    context.streams.stdout.flush()


def show_outcome(outcome: Outcome, context: Context, output: str) -> None:
    """How the run ended, on standard output."""
    if output == "json":
        from helm_tyk_upgrade.report.json_v1 import outcome_json

        context.out(outcome_json(outcome, context.masker))
    elif output == "markdown":
        from helm_tyk_upgrade.report.markdown import outcome_markdown

        context.out(outcome_markdown(outcome, context.masker))
    else:
        from helm_tyk_upgrade.report import terminal

        context.out(terminal.outcome(outcome, context.masker, colour=context.color, width=context.width))


def show_proof(
    release: Release, proofs: tuple[PodProof, ...], result: StepResult, context: Context, output: str
) -> None:
    """The proof of each pod, and what it comes to."""
    if output == "json":
        from helm_tyk_upgrade.report.json_v1 import verification_json

        context.out(verification_json(release, proofs, result, context.masker))
        return
    from helm_tyk_upgrade.report import terminal

    for proof in proofs:
        title, colour, width = f"{release}: pod {proof.pod}", context.color, context.width
        context.out(terminal.verdicts(title, proof.verdicts, context.masker, colour=colour, width=width))
    context.out(f"{result.status.value}: {context.masker.text(result.reason)}")
