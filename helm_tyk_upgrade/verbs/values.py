"""`helm tyk-upgrade values`: what a chart version means for each of your values; no cluster needed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit, UsageError
from helm_tyk_upgrade.verbs import flags

if TYPE_CHECKING:
    from helm_tyk_upgrade.model.values import Proposal, ValuesReport
    from helm_tyk_upgrade.planning.values_only import ValuesRequest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="values files, as -f to helm; default values.yaml here"
    )
    group = parser.add_argument_group("versions and charts")
    group.add_argument(
        "--from",
        dest="start",
        default="",
        metavar="VERSION",
        help="chart version that runs, or its path; default: the one before --to",
    )
    group.add_argument(
        "--to", default="", metavar="VERSION", help="chart version or range; default: newest stable"
    )
    group.add_argument("--chart", default="", metavar="CHART", help="as helm takes it; default tyk-oss")
    flags.add_repository(group)
    group = parser.add_argument_group("values")
    flags.add_sets(group)
    add_edits(parser.add_argument_group("edits"))
    group = parser.add_argument_group("another chart")
    group.add_argument(
        "--translate", action="store_true", help="FILE is of tyk-headless: make a tyk-oss values file of it"
    )
    group.add_argument("--out", default="", metavar="NEW", help="with --translate: where the new file goes")
    flags.add_output(parser, ("text", "json", "markdown", "diff"))


def add_edits(group: argparse._ActionsContainer) -> None:
    group.add_argument("--write", action="store_true", help="edit the files: asks for each edit, see --yes")
    group.add_argument("-y", "--yes", action="store_true", help="take all safe edits without asking")
    group.add_argument(
        "--keep-behaviour", action="store_true", help="with --yes: also those that keep the old behaviour"
    )
    group.add_argument(
        "--remove-redundant", action="store_true", help="propose to remove what only repeats a default"
    )


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.planning.values_only import (
        default_documents,
        gather_values,
        refuse_others,
        with_edits,
    )
    from helm_tyk_upgrade.verbs.accept import chooser, write

    _check(args)
    if args.translate:
        from helm_tyk_upgrade.verbs.translate import translate_file

        return translate_file(args.files, args.out, args.output, context)
    source, documents = default_documents(tuple(args.files))
    facts = gather_values(_request(args, documents, context), source, context)
    if args.write:
        refuse_others(facts.report)
        shown = args.output == "text"
        if shown:
            show(facts.report, context, "text")
        choose = chooser(context, args.yes, args.keep_behaviour, args.remove_redundant, shown=shown)
        report = write(with_edits(facts, choose), context)
        show(report, context, args.output, edits_only=args.output == "text")
        return Exit.OK
    if args.output == "diff":
        report = with_edits(facts, lambda found: _taken(found, args))
    else:
        report = facts.report
    show(report, context, args.output)
    return Exit.OK


def _check(args: argparse.Namespace) -> None:
    """What does not fit together. Raises UsageError."""
    if args.translate and args.write:
        raise UsageError(
            "--translate makes a new file: a tyk-headless release cannot become tyk-oss in place",
            "name the new file with --out; docs/tyk-headless.md tells the way beside the old release",
        )
    ignored = [flag for flag, given in _not_for_translate(args) if given]
    if args.translate and ignored:
        raise UsageError(
            f"--translate does not take {', '.join(ignored)}",
            "translate first; then give the new file to helm tyk-upgrade values with these flags",
        )
    if args.out and not args.translate:
        raise UsageError("--out is for --translate", "the edits of --write go to the values files themselves")
    if args.yes and not args.write:
        raise UsageError("--yes answers the questions of --write", "give both, or neither")


def _not_for_translate(args: argparse.Namespace) -> tuple[tuple[str, object], ...]:
    """The flags of `values` that say nothing to a translation, with what was given."""
    return (
        ("--from", args.start),
        ("--to", args.to),
        ("--chart", args.chart),
        ("--repo", args.repo),
        ("--catalogue", args.catalogue),
        ("--set", args.sets),
        ("--yes", args.yes),
        ("--keep-behaviour", args.keep_behaviour),
        ("--remove-redundant", args.remove_redundant),
    )


def _taken(proposals: tuple[Proposal, ...], args: argparse.Namespace) -> tuple[Proposal, ...]:
    from helm_tyk_upgrade.verbs.accept import without_asking

    return without_asking(proposals, args.keep_behaviour, args.remove_redundant)


def _request(args: argparse.Namespace, documents: tuple[str, ...], context: Context) -> ValuesRequest:
    from helm_tyk_upgrade.model.inputs import Layers
    from helm_tyk_upgrade.planning.values_input import read_once
    from helm_tyk_upgrade.planning.values_only import ValuesRequest

    given: list[str | bytes] = [
        context.streams.stdin.buffer.read() if name == "-" else name for name in documents
    ]
    return ValuesRequest(
        layers=Layers(read_once(given), tuple(args.sets)),
        start=args.start,
        to=args.to,
        chart=args.chart,
        repo=args.repo,
        catalogue=args.catalogue or context.env.get("TYK_UPGRADE_CATALOGUE", ""),
        trust=flags.trust(args),
    )


def show(report: ValuesReport, context: Context, output: str, *, edits_only: bool = False) -> None:
    """The report on standard output, in one of text, json, markdown, diff."""
    from helm_tyk_upgrade.report import values_report

    masker = context.masker
    if output == "json":
        context.out(values_report.as_json(report, masker))
    elif output == "markdown":
        context.out(values_report.as_markdown(report, masker))
    elif output == "diff":
        text = values_report.as_diff(report, masker)
        if text:
            context.out(text)
    else:
        view = values_report.edits_text if edits_only else values_report.as_text
        context.out(view(report, masker, colour=context.color, width=context.width))
    context.streams.stdout.flush()
