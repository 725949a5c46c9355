"""What keeps a plan from being carried out, whoever asked for it: shared by upgrade and apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helm_tyk_upgrade.errors import Exit

if TYPE_CHECKING:
    from helm_tyk_upgrade.context import Context
    from helm_tyk_upgrade.model.plan import Plan


def refusal(plan: Plan, context: Context) -> int | None:
    """The exit code with which the command ends here, its reason said; None where the run may start."""
    if plan.nothing_to_do:
        context.say("Nothing to do: chart, values and objects are up to date.")
        return Exit.OK
    if plan.blocking:
        for verdict in plan.blocking:
            context.say(f"Blocked by {verdict.check}: {context.masker.text(verdict.reason)}")
        context.say("Nothing was changed.")
        return Exit.BLOCKED
    if context.ci and plan.values_changes.edited_files:
        context.say(
            "Blocked: the values file would be edited, and in CI that belongs in a commit. The patch:"
        )
        context.say(_patch(plan, context))
        return Exit.BLOCKED
    return None


def _patch(plan: Plan, context: Context) -> str:
    from helm_tyk_upgrade.report.text_diff import unified

    edited = plan.values_changes.edited_files
    return "\n".join(
        line for file in edited for line in unified(file.file, file.before, file.after, context.masker)
    )
