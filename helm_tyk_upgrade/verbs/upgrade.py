"""`helm tyk-upgrade upgrade`: plan, show, confirm, carry out, prove; roll back when it fails."""

from __future__ import annotations

import argparse

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.verbs import flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    flags.add_release(parser)
    flags.add_chart(parser)
    flags.add_values(parser)
    flags.add_helm(parser)
    flags.add_proof(parser)
    flags.add_run(parser)
    flags.add_policy(parser)
    flags.add_output(parser, ("text", "json", "markdown"))
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.planning.build import build
    from helm_tyk_upgrade.planning.gather import gather
    from helm_tyk_upgrade.verbs.carry import carry
    from helm_tyk_upgrade.verbs.show import show_plan

    request = flags.request(args, context)
    plan = build(gather(request, context), request)
    if args.output == "text":
        show_plan(plan, context, "text")
    refusal = _refusal(plan, context, args.yes)
    if refusal is not None:
        return refusal
    return carry(plan, context, command="upgrade", bundle_dir=args.bundle_dir, output=args.output)


def _refusal(plan: Plan, context: Context, yes: bool) -> int | None:
    """The exit code where the run must not start, with the reason said."""
    from helm_tyk_upgrade.verbs.ask import confirm

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
    if yes:
        return None
    if not context.can_ask:
        context.say("Nothing was changed: there is no terminal to ask on. Give --yes to go on.")
        return Exit.ERROR
    if not confirm(context, f"Upgrade {plan.release}?"):
        context.say("Nothing was changed.")
        return Exit.ERROR
    return None


def _patch(plan: Plan, context: Context) -> str:
    from helm_tyk_upgrade.report.text_diff import unified

    edited = plan.values_changes.edited_files
    return "\n".join(
        line for file in edited for line in unified(file.file, file.before, file.after, context.masker)
    )
