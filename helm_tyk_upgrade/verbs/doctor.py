"""`helm tyk-upgrade doctor`: whether an upgrade could work from here, each answer with a hint. Changes nothing."""

from __future__ import annotations

import argparse

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.verbs import flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--catalogue", default="", metavar="URL", help="Artifact Hub to ask ($TYK_UPGRADE_CATALOGUE)"
    )
    parser.add_argument("--ca-file", default="", metavar="FILE", help="CA bundle for HTTPS")
    parser.add_argument("--bundle-dir", default="", metavar="DIR", help="where bundles would be kept")
    flags.add_output(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.model.verdict import Status
    from helm_tyk_upgrade.planning.doctor import examine
    from helm_tyk_upgrade.report import json_v1, terminal

    override = args.catalogue or context.env.get("TYK_UPGRADE_CATALOGUE", "")
    found = examine(context, override=override, ca_file=args.ca_file, bundle_dir=args.bundle_dir)
    if args.output == "json":
        context.out(json_v1.verdicts_json("Doctor", found, context.masker))
    else:
        title = f"Namespace {context.masker.text(context.namespace)}"
        context.out(
            terminal.verdicts(title, found, context.masker, colour=context.color, width=context.width)
        )
    return Exit.BLOCKED if any(verdict.status is Status.FAIL for verdict in found) else Exit.OK
