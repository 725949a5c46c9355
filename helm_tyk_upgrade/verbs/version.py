"""`helm tyk-upgrade version`."""

from __future__ import annotations

import argparse

from helm_tyk_upgrade import __version__
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, context: Context) -> int:
    if args.output == "json":
        import json

        context.out(json.dumps({"apiVersion": "tyk-upgrade/v1", "kind": "Version", "version": __version__}))
    else:
        context.out(__version__)
    return Exit.OK
