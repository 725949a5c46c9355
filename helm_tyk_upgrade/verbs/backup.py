"""`helm tyk-upgrade backup`: a bundle without an upgrade; and everything that is done with bundles."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from helm_tyk_upgrade.context import Context, run_id
from helm_tyk_upgrade.edge.clock import stamp
from helm_tyk_upgrade.errors import Exit, TykUpgradeError
from helm_tyk_upgrade.store.bundle import (
    BundleFile,
    BundleInfo,
    damaged_bundles,
    find_bundle,
    list_bundles,
    verify,
    write_bundle,
)
from helm_tyk_upgrade.store.pruning import KEEP
from helm_tyk_upgrade.store.views import bundle_file_rows, bundle_rows, bundle_value
from helm_tyk_upgrade.verbs import flags

if TYPE_CHECKING:
    Actions = argparse._SubParsersAction[argparse.ArgumentParser]

_CHART = "release/chart.tgz"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    made = [parser, *(add(actions) for add in (_list_flags, _show_flags, _diff_flags, _restore_flags))]
    made += [add(actions) for add in (_export_flags, _import_flags, _prune_flags)]
    for each in made:
        # No default of its own: an action's default would win over what was given before its name.
        each.add_argument(
            "--bundle-dir", default=argparse.SUPPRESS, metavar="DIR", help="where bundles are kept"
        )
        each.add_argument(
            "-o", "--output", choices=("text", "json"), default=argparse.SUPPRESS, help="default text"
        )
    parser.set_defaults(bundle_dir="", output="text")
    parser.add_argument("--release", default="", metavar="RELEASE")
    parser.add_argument(
        "-f",
        "--values",
        action="append",
        default=[],
        metavar="FILE",
        help="values file to keep; default: values.yaml in this folder",
    )
    group = parser.add_argument_group("the running chart, kept too where it can be had")
    group.add_argument("--chart", default="", metavar="CHART", help="REPO/NAME, oci://..., or a path")
    flags.add_repository(group)


_BUNDLE = "its id, or the beginning of it"


def _list_flags(actions: Actions) -> argparse.ArgumentParser:
    return actions.add_parser("list", help="the bundles, newest first")


def _show_flags(actions: Actions) -> argparse.ArgumentParser:
    show = actions.add_parser("show", help="what a bundle holds")
    show.add_argument("bundle", metavar="BUNDLE", help=_BUNDLE)
    return show


def _diff_flags(actions: Actions) -> argparse.ArgumentParser:
    diff = actions.add_parser("diff", help="a bundle and what is true now, or two bundles")
    diff.add_argument("bundle", metavar="BUNDLE", help=_BUNDLE)
    diff.add_argument("other", nargs="?", default="", metavar="BUNDLE", help="default: what is true now")
    diff.add_argument(
        "--detailed-exitcode", action="store_true", help="2 where they differ, 6 where that cannot be told"
    )
    return diff


def _restore_flags(actions: Actions) -> argparse.ArgumentParser:
    restore = actions.add_parser("restore", help="put the values files back to the bytes they had")
    restore.add_argument("bundle", metavar="BUNDLE", help=_BUNDLE)
    restore.add_argument(
        "--check", action="store_true", help="only compare, API definitions too: write nothing"
    )
    restore.add_argument(
        "--to", default="", metavar="DIR", help="write the files into a folder instead of their places"
    )
    restore.add_argument("--yes", action="store_true", help="do not ask")
    return restore


def _export_flags(actions: Actions) -> argparse.ArgumentParser:
    export = actions.add_parser("export", help="a bundle as one file; it holds secrets")
    export.add_argument("bundle", metavar="BUNDLE", help=_BUNDLE)
    export.add_argument("file", metavar="FILE.tgz", help="must not exist yet")
    return export


def _import_flags(actions: Actions) -> argparse.ArgumentParser:
    found = actions.add_parser("import", help="a bundle that was exported, into this machine's store")
    found.add_argument("file", metavar="FILE.tgz")
    return found


def _prune_flags(actions: Actions) -> argparse.ArgumentParser:
    prune = actions.add_parser("prune", help="remove old bundles, never one that is still needed")
    prune.add_argument("--release", default="", metavar="RELEASE", help="only of this one; default: of all")
    prune.add_argument(
        "--keep",
        type=flags.positive,
        default=KEEP,
        metavar="N",
        help=f"newest of each release; default {KEEP}",
    )
    prune.add_argument(
        "--older-than", type=_age, default=None, metavar="AGE", help="only older ones: 30d, 12h; default: any"
    )
    prune.add_argument("--yes", action="store_true", help="do not ask")
    return prune


def _age(text: str) -> float:
    """A Go duration, or days, which Go has not: `30d`. In seconds."""
    days = text.removesuffix("d")
    return float(days) * 86400 if days != text and days.isdigit() else flags.duration(text)


def run(args: argparse.Namespace, context: Context) -> int:
    store = context.bundle_folder(args.bundle_dir)
    actions: dict[str, Callable[[argparse.Namespace, Context, Path], int]] = {
        "list": _list,
        "show": _show,
        "diff": _diff,
        "restore": _restore,
        "export": _export,
        "import": _import,
        "prune": _prune,
    }
    return actions.get(args.action, _make)(args, context, store)


def _make(args: argparse.Namespace, context: Context, store: Path) -> int:
    from helm_tyk_upgrade.model.inputs import Layers
    from helm_tyk_upgrade.planning.release import find_release
    from helm_tyk_upgrade.planning.values_input import locate, read_files
    from helm_tyk_upgrade.targets.release import ReleaseTarget

    release = find_release(context.helm, context.namespace, args.release)
    target = ReleaseTarget(context, release)
    _, layers = locate(Layers(tuple(args.values)), None, None)
    found = target.bundle_contents(read_files(layers.documents))
    chart, facts, missing = _chart(args, context, release.chart, release.chart_version)
    info = write_bundle(
        store,
        bundle_id=run_id(context.clock),
        namespace=release.namespace,
        release=release.name,
        time=stamp(context.clock.now()),
        files=[*found.files, *chart],
        facts={**found.facts, **facts},
    )
    _print_bundle(args, context, info)
    for reason in (*found.missing, *missing):
        context.say(f"Not in the bundle: {context.masker.text(reason)}")
    return Exit.OK


def _chart(
    args: argparse.Namespace, context: Context, chart: str, version: str
) -> tuple[list[BundleFile], dict[str, str], list[str]]:
    """The archive of the version that runs, for the day when it can no longer be downloaded; what the bundle tells of
    it, and why it is not there."""
    from helm_tyk_upgrade.charts.source import source_of
    from helm_tyk_upgrade.edge.files import read_file
    from helm_tyk_upgrade.planning.chart_facts import Wanted, find_target

    catalogue = args.catalogue or context.env.get("TYK_UPGRADE_CATALOGUE", "")
    try:
        source = source_of(chart, given=args.chart, repo=args.repo)
        archive = find_target(context, Wanted(source, version, version, catalogue, flags.trust(args))).archive
        if (archive.name, archive.version) != (chart, version):
            return (
                [],
                {},
                [f"the chart: {archive.path} is {archive.name} {archive.version}, not {chart} {version}"],
            )
        if not Path(archive.path).is_file():
            return [], {"chart_digest": archive.digest}, [f"the chart: {archive.path} is a folder"]
        data = read_file(Path(archive.path), what="chart", limit=100 << 20).data
    except TykUpgradeError as error:
        return [], {}, [f"the chart {chart} {version}: {error.message}"]
    return [BundleFile(_CHART, data)], {"chart_digest": archive.digest}, []


def _list(args: argparse.Namespace, context: Context, store: Path) -> int:
    from helm_tyk_upgrade.report.listings import columns, document

    bundles = list_bundles(store)
    if args.output == "json":
        context.out(document("BundleList", context.masker, items=[bundle_value(info) for info in bundles]))
    else:
        context.out(columns(bundle_rows(bundles), context.masker))
    for damage in damaged_bundles(store):
        context.say(f"Left out: {context.masker.text(damage)}")
    return Exit.OK


def _show(args: argparse.Namespace, context: Context, store: Path) -> int:
    info = find_bundle(store, args.bundle)
    verify(info)
    _print_bundle(args, context, info)
    return Exit.OK


def _print_bundle(args: argparse.Namespace, context: Context, info: BundleInfo) -> None:
    from helm_tyk_upgrade.report.listings import columns, document

    if args.output == "json":
        context.out(document("Bundle", context.masker, bundle=bundle_value(info)))
        return
    context.out(f"bundle {info.id} of {info.namespace}/{info.release}, {info.time}\n{info.path}\n")
    context.out(columns(bundle_file_rows(info), context.masker))
    for reason in info.facts.get("left_out", []):
        context.out(context.masker.text(f"left out: {reason}"))


def _diff(args: argparse.Namespace, context: Context, store: Path) -> int:
    from helm_tyk_upgrade.verbs.bundle_diff import diff

    other = find_bundle(store, args.other) if args.other else None
    return diff(context, find_bundle(store, args.bundle), other, args.output, detailed=args.detailed_exitcode)


def _restore(args: argparse.Namespace, context: Context, store: Path) -> int:
    from helm_tyk_upgrade.verbs.bundle_restore import restore

    return restore(context, find_bundle(store, args.bundle), check=args.check, to=args.to, yes=args.yes)


def _export(args: argparse.Namespace, context: Context, store: Path) -> int:
    from helm_tyk_upgrade.store.archive import export_bundle

    digest = export_bundle(find_bundle(store, args.bundle), Path(args.file))
    context.out(f"{digest}  {context.masker.text(args.file)}")
    context.say("It holds secrets: values, manifests, what the gateway keeps. Whoever has the file has them.")
    return Exit.OK


def _import(args: argparse.Namespace, context: Context, store: Path) -> int:
    from helm_tyk_upgrade.store.archive import import_bundle

    _print_bundle(args, context, import_bundle(store, Path(args.file)))
    return Exit.OK


def _prune(args: argparse.Namespace, context: Context, store: Path) -> int:
    from helm_tyk_upgrade.verbs.bundle_prune import prune

    return prune(
        context,
        store,
        release=args.release,
        keep=args.keep,
        older_than=args.older_than,
        yes=args.yes,
        output=args.output,
    )
