"""`helm tyk-upgrade runs`: the journals of earlier runs, of this machine and, as the cluster has them, of others."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit, NotFound
from helm_tyk_upgrade.store.journal import (
    RunHeader,
    damaged_runs,
    has_ended,
    is_at_work,
    list_runs,
    open_journal,
)
from helm_tyk_upgrade.store.views import entry_rows, run_rows, run_value
from helm_tyk_upgrade.verbs import flags

if TYPE_CHECKING:
    from helm_tyk_upgrade.model.outcome import Entry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="show this run step by step")
    flags.add_output(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    return _show(args, context) if args.run else _list(args, context)


def _list(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.model.known import Known, Unknown
    from helm_tyk_upgrade.planning.elsewhere import recorded
    from helm_tyk_upgrade.planning.resuming import states
    from helm_tyk_upgrade.report.listings import columns, document

    headers, state = list_runs(context.runs_folder), states(context.runs_folder)
    away = recorded(context)
    for item in away.value if isinstance(away, Known) else ():
        name = item.header.run
        if name not in state:
            headers.append(item.header)
            state[name] = "elsewhere, ended" if item.ended else "elsewhere, not ended"
        elif item.ended and state[name] == "cut off":
            state[name] = "ended elsewhere"
    headers.sort(key=lambda header: header.run)
    if args.output == "json":
        values = [header.__dict__ | {"state": state.get(header.run, "")} for header in headers]
        context.out(document("RunList", context.masker, items=values))
    else:
        context.out(columns(run_rows(headers, state), context.masker))
    for damage in damaged_runs(context.runs_folder):
        context.say(f"Left out: {context.masker.text(damage)}")
    if isinstance(away, Unknown):
        reason = context.masker.text(away.reason)
        context.say(f"Only runs of this machine: the cluster cannot be asked: {reason}")
    return Exit.OK


def _show(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.report.listings import columns, document

    header, entries = _found(args.run, context)
    if args.output == "json":
        context.out(document("Run", context.masker, run=run_value(header, entries)))
    else:
        context.out(columns(entry_rows(entries), context.masker))
    return Exit.OK


def _found(run: str, context: Context) -> tuple[RunHeader, tuple[Entry, ...]]:
    """The journal of this machine, else the cluster's record; that too where another machine went on."""
    from helm_tyk_upgrade.errors import TykUpgradeError
    from helm_tyk_upgrade.planning.elsewhere import run_elsewhere, same_run

    try:
        journal = open_journal(context.runs_folder, run)
    except NotFound as missing:
        record, _ = run_elsewhere(context, run, missing)
        context.say("From its record in the cluster: another machine began it.")
        return record.header, record.entries
    if not has_ended(journal.entries) and not is_at_work(context.runs_folder, run):
        try:
            gone_on = same_run(context, journal.header, journal.entries)
        except TykUpgradeError as error:
            context.say(
                f"Whether another machine went on cannot be found out: {context.masker.text(error.message)}"
            )
            gone_on = None
        if gone_on is not None:
            context.say("From its record in the cluster: another machine went on with it.")
            return gone_on[0].header, gone_on[0].entries
    return journal.header, journal.entries
