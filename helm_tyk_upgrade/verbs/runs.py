"""`helm tyk-upgrade runs`: the journals of earlier runs."""

from __future__ import annotations

import argparse

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.store.journal import damaged_runs, list_runs, open_journal
from helm_tyk_upgrade.store.views import entry_rows, run_rows, run_value
from helm_tyk_upgrade.verbs import flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="show this run step by step")
    flags.add_output(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.planning.resuming import states
    from helm_tyk_upgrade.report.listings import columns, document

    as_json = args.output == "json"
    if args.run:
        journal = open_journal(context.runs_folder, args.run)
        value = run_value(journal.header, journal.entries)
        text = columns(entry_rows(journal.entries), context.masker)
        context.out(document("Run", context.masker, run=value) if as_json else text)
    else:
        headers = list_runs(context.runs_folder)
        found = states(context.runs_folder)
        values = [header.__dict__ | {"state": found.get(header.run, "")} for header in headers]
        text = columns(run_rows(headers, found), context.masker)
        context.out(document("RunList", context.masker, items=values) if as_json else text)
        for damage in damaged_runs(context.runs_folder):
            context.say(f"Left out: {context.masker.text(damage)}")
    return Exit.OK
