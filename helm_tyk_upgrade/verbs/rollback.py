"""`helm tyk-upgrade rollback`: back to the revision and values files a run started from, then the proof."""

from __future__ import annotations

import argparse
from pathlib import Path

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.store.bundle import BundleInfo, find_bundle, list_bundles
from helm_tyk_upgrade.verbs import flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    flags.add_release(parser)
    parser.add_argument(
        "--bundle",
        default="",
        metavar="BUNDLE",
        help="the bundle of the run to undo; default: newest of before",
    )
    parser.add_argument("--bundle-dir", default="", metavar="DIR", help="where bundles are kept")
    parser.add_argument(
        "--rollout-timeout", type=flags.duration, default=300.0, metavar="DURATION", help="default 5m"
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    flags.add_proof(parser)
    flags.add_output(parser, ("text", "json", "markdown"))


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.applying.run import WayBack
    from helm_tyk_upgrade.model.known import Known
    from helm_tyk_upgrade.planning.gateway_facts import version_in
    from helm_tyk_upgrade.planning.release import find_release
    from helm_tyk_upgrade.planning.way_back import files_of, revision_of
    from helm_tyk_upgrade.verbs.ask import confirm
    from helm_tyk_upgrade.verbs.carry import carry_back

    release = find_release(context.helm, context.namespace, args.release)
    info = _bundle(context.bundle_folder(args.bundle_dir), release, args.bundle)
    revision, files = revision_of(context.helm, release, info), files_of(info)
    context.say(
        f"Rolling {release} back from revision {release.revision} to {revision} ({info.facts['chart']})."
    )
    for file in files:
        context.say(f"Restoring {context.masker.text(file.file)} from bundle {info.id}.")
    if not args.yes and not (context.can_ask and confirm(context, "Go on?")):
        raise TykUpgradeError("nothing was changed", "give --yes to go on")
    stored = context.helm.stored(release.name, release.namespace, revision)
    expected = Known(args.expect_version.removeprefix("v")) if args.expect_version else None
    return carry_back(
        WayBack(revision, files, expected or version_in(stored.manifest)),
        release,
        context,
        settings=_settings(args),
        to_chart=str(info.facts["chart"]),
        bundle_dir=args.bundle_dir,
        output=args.output,
    )


def _settings(args: argparse.Namespace) -> RunSettings:
    return RunSettings(
        rollout_timeout=args.rollout_timeout,
        proof_timeout=args.proof_timeout,
        consecutive=args.consecutive,
        interval=args.interval,
    )


def _bundle(store: Path, release: Release, wanted: str) -> BundleInfo:
    """The one that is named, else the newest from before the present revision: `backup` makes bundles too."""
    if wanted:
        info = find_bundle(store, wanted)
        if (info.namespace, info.release) != (release.namespace, release.name):
            raise UsageError(
                f"bundle {info.id} is one of {info.namespace}/{info.release}, not of {release}",
                "`helm tyk-upgrade backup list` shows whose each is",
            )
        return info
    for info in list_bundles(store, release.namespace, release.name):
        if int(info.facts["revision"]) < release.revision:
            return info
    raise NotFound(
        f"there is no bundle of {release} from before revision {release.revision} in {store}",
        f"helm rollback {release.name} -n {release.namespace} goes back without one; "
        "--bundle-dir names another folder",
    )
