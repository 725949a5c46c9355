"""`helm tyk-upgrade rollback`: back to the revision and values files a run started from, then the proof."""

from __future__ import annotations

import argparse
from pathlib import Path

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.clock import stamp
from helm_tyk_upgrade.errors import Exit, NotFound, TykUpgradeError
from helm_tyk_upgrade.model.inputs import RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.known import Maybe
from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.verdict import Policy
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.store.journal import ENDED, Journal
from helm_tyk_upgrade.store.records import reachable
from helm_tyk_upgrade.verbs import flags

LOSS = "apis-in-emptydir"
"""The check of an upgrade that is asked here too."""


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
    parser.add_argument(
        "--restore-apis",
        action="store_true",
        help="post saved API definitions and policies to the pods again",
    )
    flags.add_lock_wait(parser)
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    group = parser.add_argument_group("passed to helm rollback")
    group.add_argument("--timeout", default="", metavar="DURATION", help="Helm's own time-out (5m0s)")
    group.add_argument("--history-max", type=int, default=None, metavar="N")
    group.add_argument("--no-hooks", action="store_true")
    flags.add_policy(parser)
    flags.add_proof(parser)
    flags.add_output(parser, ("text", "json", "markdown"))


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.model.intent import WayBack
    from helm_tyk_upgrade.model.known import Known
    from helm_tyk_upgrade.planning.gateway_facts import version_in
    from helm_tyk_upgrade.planning.release import find_release
    from helm_tyk_upgrade.planning.undoing import to_undo
    from helm_tyk_upgrade.planning.way_back import files_of, left_alone, revision_of
    from helm_tyk_upgrade.verbs.ask import confirm
    from helm_tyk_upgrade.verbs.carry import carry_back
    from helm_tyk_upgrade.verbs.state_folder import use_writable

    release = find_release(context.helm, context.namespace, args.release)
    if note := use_writable(context):
        context.say(note)
    undoing = to_undo(context, release, context.bundle_folder(args.bundle_dir), args.bundle)
    info = undoing.bundle
    for line in undoing.notes:
        context.say(context.masker.text(line))
    unchanged = int(info.facts["revision"]) == release.revision
    chart = context.masker.text(str(info.facts.get("chart", "its chart is not told")))
    revision = release.revision if unchanged else revision_of(context.helm, release, info)
    edits = files_of(info)
    files = tuple(file for file in edits if not undoing.fetched or reachable(Path(file.file)))
    if not unchanged and (refused := _refused(args, context, release)) is not None:
        return refused
    context.say(
        f"{release} is still at revision {revision}: only values files are put back."
        if unchanged
        else f"Rolling {release} back from revision {release.revision} to {revision} ({chart})."
    )
    for file in files:
        context.say(f"Restoring {context.masker.text(file.file)} from bundle {info.id}.")
    for name in (*left_alone(info), *(file.file for file in edits if file not in files)):
        why = "it is not here" if undoing.fetched else "the run did not edit it, or somebody changed it since"
        context.say(f"Leaving {context.masker.text(name)}: {why}.")
    if not args.yes and not (context.can_ask and confirm(context, "Go on?")):
        raise TykUpgradeError("nothing was changed", "give --yes to go on")
    stored = context.helm.stored(release.name, release.namespace, revision)
    expected = Known(args.expect_version.removeprefix("v")) if args.expect_version else None
    undone = undoing.journal(context)
    code = carry_back(
        WayBack(revision, files, expected or version_in(stored.manifest), _helm_flags(args), str(info.path)),
        release,
        context,
        settings=_settings(args),
        to_chart=chart,
        bundle_dir=args.bundle_dir,
        output=args.output,
    )
    if undone is not None and code != Exit.ERROR:  # what was gone back from cannot be gone on with
        _end(undone, context)
    return code


def _end(undone: Journal, context: Context) -> None:
    """In the journal and in the cluster's record, so that no machine goes on with it."""
    from helm_tyk_upgrade.verbs.carry import record_in_cluster

    undone.append(Entry(len(undone.entries) + 1, "", ENDED, stamp(context.clock.now())))
    record = record_in_cluster(undone, context)
    if record is not None and (trouble := record.follow()):
        context.say(
            f"The record of run {undone.header.run} in the cluster is behind: {context.masker.text(trouble)}"
        )


def _settings(args: argparse.Namespace) -> RunSettings:
    return RunSettings(
        rollout_timeout=args.rollout_timeout,
        proof_timeout=args.proof_timeout,
        consecutive=args.consecutive,
        interval=args.interval,
        restore_apis=args.restore_apis,
        lock_wait=args.lock_wait,
    )


def _helm_flags(args: argparse.Namespace) -> UpgradeFlags:
    return UpgradeFlags(
        timeout=args.timeout,
        history_max=args.history_max,
        passed=("--no-hooks",) if args.no_hooks else (),
    )


def _refused(args: argparse.Namespace, context: Context, release: Release) -> int | None:
    """The exit code where definitions would be lost with the present pods and nobody agreed to that. What could not
    be found out is said; it does not keep anybody from leaving a broken release."""
    from helm_tyk_upgrade.checks import parse_policies
    from helm_tyk_upgrade.model.known import Unknown

    policy = parse_policies(list(args.policy)).get(LOSS, Policy.FAIL)
    if args.restore_apis or policy is Policy.IGNORE:
        return None
    lost = _at_stake(context, release)
    if isinstance(lost, Unknown):
        context.say(
            f"{LOSS} is unknown: {context.masker.text(lost.reason)}; --restore-apis posts what a bundle has"
        )
        return None
    if not lost.value:
        return None
    context.say(f"{LOSS}: {count(len(lost.value), 'definition')} in an emptyDir would be lost:")
    for words in lost.value:
        context.say(f"  {context.masker.text(words)}")
    if policy is Policy.WARN:
        return None
    context.say(f"Nothing was changed. Give --restore-apis, or --policy {LOSS}=warn to lose them.")
    return Exit.BLOCKED


def _at_stake(context: Context, release: Release) -> Maybe[tuple[str, ...]]:
    from helm_tyk_upgrade.model.known import Known, Unknown
    from helm_tyk_upgrade.targets.definitions import at_stake
    from helm_tyk_upgrade.targets.release import ReleaseTarget

    stored = context.helm.stored(release.name, release.namespace)
    try:
        return at_stake(ReleaseTarget(context, release).read_baseline(stored.manifest))
    except NotFound:  # no gateway, or none that runs
        return Known(())
    except TykUpgradeError as error:
        return Unknown(error.message)
