"""`helm tyk-upgrade unlock`: show who works on a release, or that nobody does any more; then free it by Helm's own
command, and the lease that was left behind. There is no force: another tool's running upgrade is never broken off."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from helm_tyk_upgrade.context import Context, run_id
from helm_tyk_upgrade.errors import Exit, TykUpgradeError
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.verbs import flags

if TYPE_CHECKING:
    from helm_tyk_upgrade.model.stuck import Advice, Pending
    from helm_tyk_upgrade.targets.release import ReleaseTarget


def add_arguments(parser: argparse.ArgumentParser) -> None:
    flags.add_release(parser)
    flags.add_lock_wait(parser)
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument("--timeout", default="", metavar="DURATION", help="Helm's own time-out (5m0s)")


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.model.stuck import advise
    from helm_tyk_upgrade.planning.release import find_release
    from helm_tyk_upgrade.targets.release import ReleaseTarget
    from helm_tyk_upgrade.targets.stuck import holder_words, pending

    release = find_release(context.helm, context.namespace, args.release)
    target = ReleaseTarget(context, release)
    found = pending(context, context.runs_folder, release)
    if found is None:
        return _free_lease(target, args, context)
    advice = advise(found, holder_words(context, found.holder))
    _show(found, advice, context)
    if advice.action != "free":
        return Exit.BLOCKED
    _agreed(args, context, "Free it with this command?")
    with _locked(target, args, context):
        return _free(release, found, args, context)


def _show(found: Pending, advice: Advice, context: Context) -> None:
    safe = context.masker.text
    context.out(safe(f"{found}."))
    for line in advice.evidence:
        context.out(safe(f"  {line}"))
    heading = {
        "wait": "Not freed",
        "refuse": "Not freed",
        "unknown": "Not freed",
        "resume": "Not freed",
        "free": "It can be freed",
    }[advice.action]
    context.out(safe(f"{heading}: {advice.reason}."))
    if advice.command:
        context.out(safe(f"  -> {advice.command}"))


def _agreed(args: argparse.Namespace, context: Context, question: str) -> None:
    from helm_tyk_upgrade.verbs.ask import confirm

    if not args.yes and not (context.can_ask and confirm(context, question)):
        raise TykUpgradeError("nothing was changed", "give --yes to go on")


def _free(release: Release, found: Pending, args: argparse.Namespace, context: Context) -> int:
    """Once more, whether the release is as it was seen: the question may have been open for long."""
    from helm_tyk_upgrade.applying.cut_off import freed
    from helm_tyk_upgrade.model.inputs import UpgradeFlags

    newest = _newest(release, context)
    if newest != (found.revision, found.status):
        raise TykUpgradeError(
            f"{release} is at revision {newest[0]} ({newest[1]}) by now: nothing was changed", "look again"
        )
    if trouble := freed(context.helm, release, found.to, UpgradeFlags(timeout=args.timeout)):
        raise TykUpgradeError(
            f"{release} was not freed: {trouble}",
            f"helm history {release.name} -n {release.namespace} shows it",
            exit_code=Exit.NOT_HEALTHY,
        )
    revision, status = _newest(release, context)
    context.out(f"{release} is at revision {revision} ({status}), with what revision {found.to} holds.")
    context.out(
        f"  -> helm tyk-upgrade verify {release.name} -n {release.namespace}   (the proof that it works)"
    )
    return Exit.OK


def _newest(release: Release, context: Context) -> tuple[int, str]:
    history = context.helm.history(release.name, release.namespace)
    newest = max(history, key=lambda item: item.revision)
    return newest.revision, newest.status


def _free_lease(target: ReleaseTarget, args: argparse.Namespace, context: Context) -> int:
    """Of a release that Helm can upgrade: the lease alone, where its holder is gone."""
    from helm_tyk_upgrade.model.known import Unknown
    from helm_tyk_upgrade.targets.stuck import holder_words

    release, holder = target.release, target.holder()
    words = context.masker.text(holder_words(context, holder))
    context.out(f"Revision {release.revision} of {release} is {release.status}: Helm can upgrade it.")
    context.out(f"  lease: {words}")
    if isinstance(holder, Unknown):
        raise TykUpgradeError(f"whether a lease holds {release} cannot be told: {words}")
    if holder.value is None:
        context.out("There is nothing to free.")
        return Exit.OK
    if not holder.value.is_late(context.clock.now()) and not args.lock_wait:
        context.out("Not freed: its holder is at work.")
        return Exit.BLOCKED
    _agreed(args, context, "Free the lease?")
    with _locked(target, args, context):
        pass
    context.out(f"The lease of {release} is free; its holder gave no sign of life.")
    return Exit.OK


@contextmanager
def _locked(target: ReleaseTarget, args: argparse.Namespace, context: Context) -> Iterator[None]:
    """The lease while the block runs, free afterwards. Raises TykUpgradeError where somebody holds the release."""
    from helm_tyk_upgrade.applying.locking import take_lock
    from helm_tyk_upgrade.model.known import Unknown

    run = run_id(context.clock)
    taken = take_lock(target, run, context.clock, args.lock_wait, context.say)
    if isinstance(taken, Unknown):
        context.say(f"No lock in the cluster: {context.masker.text(taken.reason)}")
    elif not taken.value.ours:
        who = taken.value.holder.words(context.clock.now()) if taken.value.holder else "somebody"
        raise TykUpgradeError(
            f"{target.release} is held by {who}: nothing was changed",
            "wait for it, here with --lock-wait 10m",
            exit_code=Exit.BLOCKED,
        )
    try:
        yield
    finally:
        _let_go(target, run, context)


def _let_go(target: ReleaseTarget, run: str, context: Context) -> None:
    """How it ended must not be hidden by a lease that ends by itself in a minute."""
    try:
        target.unlock(run)
    except TykUpgradeError as error:
        context.say(f"The lease was not given free: {context.masker.text(error.message)}")
