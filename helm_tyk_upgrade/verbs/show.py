"""Choosing the view of a plan or an outcome."""

from __future__ import annotations

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.model.outcome import Outcome, PodProof, StepResult
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.release import Release


def show_plan(plan: Plan, context: Context, output: str, only: tuple[str, ...] = ()) -> None:
    """The plan on standard output, in one of text, json, markdown; `only`: some of its parts, as text."""
    if output == "json":
        from helm_tyk_upgrade.report.json_v1 import plan_json

        context.out(plan_json(plan, context.masker))
    elif output == "markdown":
        from helm_tyk_upgrade.report.markdown import plan_markdown

        context.out(plan_markdown(plan, context.masker))
    else:
        from helm_tyk_upgrade.report import terminal

        context.out(terminal.plan(plan, context.masker, colour=context.color, width=context.width, only=only))
    # Progress goes to standard error: in a log of both, the plan must stand before what was done about it.
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
