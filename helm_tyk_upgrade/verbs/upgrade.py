"""`helm tyk-upgrade upgrade`: plan, show, confirm, carry out, prove; roll back when it fails."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.verbs import flags, show

if TYPE_CHECKING:
    from helm_tyk_upgrade.model.inputs import Request
    from helm_tyk_upgrade.planning.accepting import Choose


def add_arguments(parser: argparse.ArgumentParser) -> None:
    flags.add_release(parser)
    flags.add_chart(parser)
    flags.add_values(parser)
    flags.add_helm(parser)
    flags.add_proof(parser)
    flags.add_run(parser)
    flags.add_policy(parser)
    flags.add_output(parser, ("text", "json", "markdown"))
    show.add_arguments(parser, parts=False)
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.planning.build import build
    from helm_tyk_upgrade.planning.gather import gather
    from helm_tyk_upgrade.verbs.carry import carry
    from helm_tyk_upgrade.verbs.refuse import refusal

    show.check(args)
    request = flags.request(args, context)
    if request.settings.lock_wait:
        _wait(request, context)
    plan = build(gather(request, context, _choose(args, context)), request)
    if args.output == "text":
        show.show_plan(plan, context, "text", detail=args.show)
    refused = refusal(plan, context)
    if refused is None and not args.yes:
        refused = _not_agreed(plan, context)
    if refused is not None:
        if args.output != "text":  # the document of a run that did not start is its plan
            show.show_plan(plan, context, args.output)
        return refused
    return carry(plan, context, command="upgrade", bundle_dir=args.bundle_dir, output=args.output)


def _wait(request: Request, context: Context) -> None:
    """For a run that holds the release: what it changes is planned with."""
    from helm_tyk_upgrade.applying.locking import wait_until_free
    from helm_tyk_upgrade.planning.release import find_release
    from helm_tyk_upgrade.targets.release import ReleaseTarget

    release = find_release(context.helm, context.namespace, request.release)
    target = ReleaseTarget(context, release)
    wait_until_free(target, context.clock, request.settings.lock_wait, context.say)


def _choose(args: argparse.Namespace, context: Context) -> Choose:
    """Which proposals --write accepts: asked one by one on a terminal, else the safe ones."""
    from helm_tyk_upgrade.planning.accepting import safe_ones
    from helm_tyk_upgrade.verbs.accept import chooser

    return safe_ones if args.yes or not context.can_ask else chooser(context, yes=False)


def _not_agreed(plan: Plan, context: Context) -> int | None:
    """Ask; the exit code where nobody said yes."""
    from helm_tyk_upgrade.verbs.ask import confirm

    if not context.can_ask:
        context.say("Nothing was changed: there is no terminal to ask on. Give --yes to go on.")
        return Exit.ERROR
    if not confirm(context, f"Upgrade {plan.release}?"):
        context.say("Nothing was changed.")
        return Exit.ERROR
    return None
