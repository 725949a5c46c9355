"""`helm tyk-upgrade backup`: make a bundle without upgrading; list, show and restore bundles."""

from __future__ import annotations

import argparse
from pathlib import Path

from helm_tyk_upgrade.context import Context, run_id
from helm_tyk_upgrade.edge.clock import stamp
from helm_tyk_upgrade.edge.files import FileBytes, private_folder, read_file, sha256, write_atomic
from helm_tyk_upgrade.errors import Exit, NotFound, TykUpgradeError
from helm_tyk_upgrade.store.bundle import (
    BundleInfo,
    contents,
    damaged_bundles,
    find_bundle,
    list_bundles,
    verify,
    write_bundle,
)
from helm_tyk_upgrade.store.views import bundle_file_rows, bundle_rows, bundle_value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="the bundles, newest first")
    show = actions.add_parser("show", help="what a bundle holds")
    restore = actions.add_parser("restore", help="put the values files back to the bytes they had")
    for each in (show, restore):
        each.add_argument("bundle", metavar="BUNDLE", help="its id, or the beginning of it")
    restore.add_argument("--check", action="store_true", help="only compare: write nothing")
    restore.add_argument(
        "--to", default="", metavar="DIR", help="write the files into a folder instead of their places"
    )
    restore.add_argument("--yes", action="store_true", help="do not ask")
    for each in (parser, listing, show, restore):
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


def run(args: argparse.Namespace, context: Context) -> int:
    store = context.bundle_folder(args.bundle_dir)
    if args.action == "list":
        return _list(args, context, store)
    if args.action == "show":
        return _show(args, context, find_bundle(store, args.bundle))
    if args.action == "restore":
        return _restore(args, context, find_bundle(store, args.bundle))
    return _make(args, context, store)


def _make(args: argparse.Namespace, context: Context, store: Path) -> int:
    from helm_tyk_upgrade.model.inputs import Layers
    from helm_tyk_upgrade.planning.release import find_release
    from helm_tyk_upgrade.planning.values_input import locate, read_files
    from helm_tyk_upgrade.targets.release import ReleaseTarget

    release = find_release(context.helm, context.namespace, args.release)
    target = ReleaseTarget(context, release)
    _, layers = locate(Layers(tuple(args.values)), None, None)
    found = target.bundle_contents(read_files(layers.documents))
    info = write_bundle(
        store,
        bundle_id=run_id(context.clock),
        namespace=release.namespace,
        release=release.name,
        time=stamp(context.clock.now()),
        files=found.files,
        facts=found.facts,
    )
    _print_bundle(args, context, info)
    for missing in found.missing:
        context.say(f"Not in the bundle: {missing}")
    return Exit.OK


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


def _show(args: argparse.Namespace, context: Context, info: BundleInfo) -> int:
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


def _restore(args: argparse.Namespace, context: Context, info: BundleInfo) -> int:
    verify(info)
    differing = [entry for entry in info.origins() if not _same(entry, args.to)]
    if args.check or not differing:
        for entry in info.origins():
            state = "differs" if entry in differing else "is the same"
            context.out(f"{context.masker.text(_place(entry, args.to).as_posix())} {state}")
        return Exit.CHANGES_PENDING if differing else Exit.OK
    places = ", ".join(str(_place(entry, args.to)) for entry in differing)
    if not args.yes and not _confirmed(context, places):
        raise TykUpgradeError(f"not restored: {places}", "give --yes, or --check to compare only")
    for number, entry in enumerate(differing, start=1):
        _put_back(context, info, entry, _place(entry, args.to), number)
    return Exit.OK


def _put_back(context: Context, info: BundleInfo, entry: dict[str, str], place: Path, number: int) -> None:
    """The bytes that are there go nowhere: they may be edits that exist in no other place."""
    _make_folder(place.parent)
    try:
        now = read_file(place, what="values file")
    except NotFound:
        now = None
    kept = _keep(context, now, number) if now is not None else ""
    digest = now.digest if now is not None else None
    write_atomic(place, contents(info, entry["name"]), mode=int(entry["mode"], 8), expected_digest=digest)
    context.out(f"restored {context.masker.text(str(place))}")
    if kept:
        context.say(f"The bytes that were there are in {context.masker.text(kept)}")


def _keep(context: Context, now: FileBytes, number: int) -> str:
    folder = private_folder(private_folder(context.state_folder / "replaced") / run_id(context.clock))
    place = folder / f"{number:02d}-{now.path.name}"
    write_atomic(place, now.data, mode=0o600)
    return str(place)


def _place(entry: dict[str, str], folder: str) -> Path:
    """In another folder by the name in the bundle (`01-values.yaml`): two files may both be a values.yaml."""
    return Path(folder) / Path(entry["name"]).name if folder else Path(entry["origin"])


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TykUpgradeError(f"cannot make the folder {folder}: {error.strerror}") from error


def _same(entry: dict[str, str], folder: str) -> bool:
    try:
        return sha256(_place(entry, folder).read_bytes()) == entry["sha256"]
    except FileNotFoundError:
        return False
    except OSError as error:
        raise TykUpgradeError(f"{_place(entry, folder)} cannot be read: {error.strerror}") from error


def _confirmed(context: Context, places: str) -> bool:
    from helm_tyk_upgrade.verbs.ask import confirm

    return context.can_ask and confirm(context, f"Overwrite {places}?")
