"""`helm tyk-upgrade apply FILE`: a saved plan exactly, or a refusal that names what moved."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit, UsageError
from helm_tyk_upgrade.model.inputs import Layers, Request, RunSettings
from helm_tyk_upgrade.verbs import flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="made by plan --out; the file is the approval, nothing is asked"
    )
    flags.add_sets(parser)
    times = parser.add_argument_group("times and places; everything else is as planned")
    times.add_argument("--timeout", default=None, metavar="DURATION", help="Helm's own time-out")
    for name in ("--rollout-timeout", "--proof-timeout", "--interval"):
        times.add_argument(
            name, type=flags.duration, default=None, metavar="DURATION", help="default: as planned"
        )
    times.add_argument(
        "--bundle-dir", default="", metavar="DIR", help="where bundles are kept ($TYK_UPGRADE_BUNDLE_DIR)"
    )
    flags.add_lock_wait(times)
    flags.add_output(parser, ("text", "json", "markdown"))
    parser.add_argument("--ca-file", default="", metavar="FILE", help="CA bundle for HTTPS")


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.planning.binding import bound_again
    from helm_tyk_upgrade.planning.build import build
    from helm_tyk_upgrade.planning.comparing import carried_out, moved, not_compared
    from helm_tyk_upgrade.planning.gather import gather
    from helm_tyk_upgrade.planning.planfile import read_plan, refuse_stale
    from helm_tyk_upgrade.verbs.carry import carry
    from helm_tyk_upgrade.verbs.refuse import refusal
    from helm_tyk_upgrade.verbs.show import show_approved

    saved = read_plan(args.file)
    refuse_stale(saved, context.clock.now(), args.file)
    context.env["HELM_NAMESPACE"] = saved["request"]["namespace"]
    request = _request(saved["request"], args)
    plan = build(gather(request, context), request)
    now = bound_again(plan, saved["bound"])
    differences = moved(saved["bound"], now)
    if differences:
        if plan.nothing_to_do and carried_out(saved["bound"], now):
            context.say("Nothing to do: the release is as the plan wants it.")
            return Exit.OK
        context.say("Refused: the world is not the one this plan was made for. Nothing was changed.")
        for difference in differences.values():
            context.say(f"  {context.masker.text(difference)}")
        context.say("  -> make a new plan and have it reviewed")
        return Exit.ERROR
    for text in not_compared(saved["bound"], now):
        context.say(context.masker.text(text))
    if args.output == "text":
        show_approved(plan, context)
    refused = refusal(plan, context)
    if refused is not None:
        return refused
    return carry(plan, context, command="apply", bundle_dir=args.bundle_dir, output=args.output)


def _request(saved: dict[str, Any], args: argparse.Namespace) -> Request:
    """The request the plan was made from: flags and settings too are part of what was reviewed. Only times are this
    command's own."""
    from helm_tyk_upgrade.planning.planfile import flags_of, set_names, settings_of

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
        flags=replace(flags_of(saved), **_given(args, "timeout")),
        settings=_settings(settings_of(saved), args),
    )


def _settings(planned: RunSettings, args: argparse.Namespace) -> RunSettings:
    given = _given(args, "rollout_timeout", "proof_timeout", "interval")
    if args.ca_file:
        given["ca_file"] = args.ca_file
    return replace(planned, lock_wait=args.lock_wait, **given)


def _given(args: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Of these flags the ones that were given."""
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}
