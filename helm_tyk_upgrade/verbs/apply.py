"""`helm tyk-upgrade apply FILE`: a saved plan exactly, or a refusal that names what moved."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit, UsageError
from helm_tyk_upgrade.model.inputs import Layers, Request
from helm_tyk_upgrade.verbs import flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="made by plan --out; the file is the approval, nothing is asked"
    )
    flags.add_sets(parser)
    flags.add_helm(parser)
    flags.add_proof(parser)
    flags.add_run(parser)
    flags.add_output(parser, ("text", "json", "markdown"))
    parser.add_argument("--ca-file", default="", metavar="FILE", help="CA bundle for HTTPS")


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.planning.build import build
    from helm_tyk_upgrade.planning.gather import gather
    from helm_tyk_upgrade.planning.planfile import bound, moved, read_plan
    from helm_tyk_upgrade.verbs.carry import carry
    from helm_tyk_upgrade.verbs.refuse import refusal
    from helm_tyk_upgrade.verbs.show import show_plan

    saved = read_plan(args.file)
    context.env["HELM_NAMESPACE"] = saved["request"]["namespace"]
    request = _request(saved["request"], args)
    plan = build(gather(request, context), request)
    differences = moved(saved["bound"], bound(plan))
    if differences:
        if plan.nothing_to_do:
            context.say("Nothing to do: the release is as the plan wants it.")
            return Exit.OK
        context.say("Refused: the world is not the one this plan was made for. Nothing was changed.")
        for difference in differences:
            context.say(f"  {context.masker.text(difference)}")
        context.say("  -> make a new plan and have it reviewed")
        return Exit.ERROR
    if args.output == "text":
        show_plan(plan, context, "text")
    refused = refusal(plan, context)
    if refused is not None:
        return refused
    return carry(plan, context, command="apply", bundle_dir=args.bundle_dir, output=args.output)


def _request(saved: dict[str, Any], args: argparse.Namespace) -> Request:
    """The request the plan was made from, with this command's flags for the run."""
    from helm_tyk_upgrade.planning.planfile import set_names

    given = set_names(tuple(args.sets))
    if given != saved["sets"]:
        wanted = ", ".join(saved["sets"]) or "none"
        raise UsageError(
            f"the plan was made with these flags, to be given again: {wanted}",
            "their values are not in the plan",
        )
    return Request(
        release=saved["release"],
        version=saved["version"],
        gateway_version=saved["gatewayVersion"],
        chart=saved["chart"],
        repo=saved["repo"],
        catalogue=saved["catalogue"],
        trust=replace(flags.no_trust(), ca_file=args.ca_file),
        layers=Layers(tuple(saved["values"]), tuple(args.sets)),
        keep_release_values=bool(saved["keepReleaseValues"]),
        write=bool(saved["write"]),
        policies=tuple(saved["policies"]),
        flags=flags.upgrade_flags(args),
        settings=flags.run_settings(args),
    )
