"""`helm tyk-upgrade plan`: everything an upgrade would do, and whether it can work. Changes nothing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit, UsageError
from helm_tyk_upgrade.verbs import flags, show

if TYPE_CHECKING:
    from helm_tyk_upgrade.model.inputs import Offline, Request
    from helm_tyk_upgrade.model.plan import Plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    flags.add_release(parser)
    flags.add_chart(parser)
    flags.add_offline(parser)
    flags.add_values(parser)
    flags.add_helm(parser)
    flags.add_proof(parser)
    flags.add_run(parser)
    flags.add_policy(parser)
    flags.add_output(parser, ("text", "json", "markdown"))
    parser.add_argument("--out", default="", metavar="FILE", help="keep the plan for `apply`")
    parser.add_argument(
        "--valid-for",
        type=flags.duration,
        default=7 * 24 * 3600.0,
        metavar="DURATION",
        help="how long apply takes the kept plan (default: 168h, a week)",
    )
    show.add_arguments(parser, parts=True)
    parser.add_argument(
        "--detailed-exitcode", action="store_true", help="exit 2 when there is something to do"
    )


def run(args: argparse.Namespace, context: Context) -> int:
    show.check(args)
    request, offline = flags.request(args, context), flags.offline(args)
    plan = _offline(args, request, context, offline) if offline else _plan(args, request, context)
    show.show_plan(plan, context, args.output, only=args.only, detail=args.show)
    if args.out:
        from datetime import timedelta

        from helm_tyk_upgrade.planning.planfile import write_plan

        saved = write_plan(plan, request, args.out, context, timedelta(seconds=args.valid_for))
        context.say(
            f"Wrote {args.out}, good until {saved['validUntil']}; carry it out with: apply {args.out}"
        )
        for text in saved["bound"]["notBound"]:
            context.say(f"Not bound by it: {context.masker.text(text)}")
        if context.ci and plan.values_changes.edited_files:
            context.say("In CI apply edits no values file: commit the edits above, then make the plan again.")
    if plan.blocking and not plan.nothing_to_do:
        return Exit.BLOCKED
    return Exit.CHANGES_PENDING if args.detailed_exitcode and not plan.nothing_to_do else Exit.OK


def _plan(args: argparse.Namespace, request: Request, context: Context) -> Plan:
    from helm_tyk_upgrade.planning.gather import gather

    gathered = gather(request, context, only=args.only)
    from helm_tyk_upgrade.planning.build import build  # gather has loaded it meanwhile

    return build(gathered, request)


def _offline(args: argparse.Namespace, request: Request, context: Context, offline: Offline) -> Plan:
    if args.out:
        raise UsageError(
            "--out keeps a plan to be applied, and with --kube-version no cluster is asked what it would change",
            "leave one of the two out",
        )
    from helm_tyk_upgrade.planning.offline import plan_offline

    return plan_offline(request, context, offline, args.only)
