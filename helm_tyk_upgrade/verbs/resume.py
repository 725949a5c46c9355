"""`helm tyk-upgrade resume`: go on with a run that was cut off, on this machine or another, from where its journal
ends."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.verbs import flags

if TYPE_CHECKING:
    from helm_tyk_upgrade.planning.resuming import CutOff, Found
    from helm_tyk_upgrade.targets.release import ReleaseTarget


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="default: the one that was cut off")
    parser.add_argument("--release", default="", metavar="NAME", help="of this release")
    flags.add_lock_wait(parser)
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    flags.add_output(parser, ("text", "json", "markdown"))


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.planning.resuming import find_cut_off
    from helm_tyk_upgrade.targets.release import ReleaseTarget
    from helm_tyk_upgrade.verbs.ask import confirm
    from helm_tyk_upgrade.verbs.carry import carry_on
    from helm_tyk_upgrade.verbs.state_folder import use_writable

    if note := use_writable(context):
        context.say(note)
    found = find_cut_off(context, args.run, args.release)
    release = found.kept.release
    context.masker.learn_tree(context.helm.stored(release.name, release.namespace).values)
    for line in _told(found):
        context.say(context.masker.text(line))
    if not args.yes and not (context.can_ask and confirm(context, "Go on?")):
        raise TykUpgradeError("nothing was changed", "give --yes to go on; `rollback` goes back instead")
    target = ReleaseTarget(context, release)
    _take_lock(target, found, args, context)
    return carry_on(_taken(found, target, context), target, context, output=args.output)


def _told(found: Found) -> list[str]:
    header, entries = found.header, found.entries
    where = f"in step {found.stopped}" if found.stopped else "between two steps"
    lines = [
        f"Run {header.run}: {header.command} of {found.kept.release} from {header.from_chart} to {header.to_chart}.",
        f"It was cut off {where} at {entries[-1].time}.",
    ]
    if found.unasked:
        lines.append(f"Whether another machine went on with it cannot be found out: {found.unasked}")
    return lines + (_told_of_record(found) if found.record is not None else [])


def _told_of_record(found: Found) -> list[str]:
    from helm_tyk_upgrade.planning.moved import not_here

    lines = [
        "Another machine had it last: what it set out to do is read from its record in the cluster.",
        "API definitions and the gateway's configuration are only in the bundle on that machine.",
    ]
    if found.record is not None and found.record.left_out:
        lines.append(f"The record was too small for: {', '.join(found.record.left_out)}")
    return lines + [
        f"Not in this folder, so its edit is not written here: {name}" for name in not_here(found.kept)
    ]


def _take_lock(target: ReleaseTarget, found: Found, args: argparse.Namespace, context: Context) -> None:
    """The lease again, before anything is done. Raises TykUpgradeError where somebody holds it."""
    from helm_tyk_upgrade.applying.locking import take_lock
    from helm_tyk_upgrade.model.known import Unknown

    taken = take_lock(target, found.header.run, context.clock, args.lock_wait, context.say)
    if isinstance(taken, Unknown):
        if not args.run:
            _check_nobody_elses(found, taken.reason, context)
        context.say(f"No lock in the cluster: {context.masker.text(taken.reason)}")
        return
    holder = taken.value.holder
    who = holder.words(context.clock.now()) if holder else "somebody"
    if not taken.value.ours:
        raise TykUpgradeError(f"{found.kept.release} is held by {who}", "wait for it: --lock-wait 10m")
    if holder is not None:
        context.say(f"The lease is taken over from {context.masker.text(who)}, which gives no sign of life.")


def _check_nobody_elses(found: Found, reason: str, context: Context) -> None:
    """Without the lease nothing tells whether another machine is still at a run that its record shows open. Raises
    UsageError: whoever names the run has looked."""
    from helm_tyk_upgrade.errors import UsageError
    from helm_tyk_upgrade.model.known import Known
    from helm_tyk_upgrade.planning.elsewhere import recorded

    listed = recorded(context, found.kept.release.name)
    others = [found.header.run] if found.record is not None else []
    if isinstance(listed, Known):
        others += [
            item.header.run
            for item in listed.value
            if not item.ended and item.header.run not in (found.header.run, *others)
        ]
    if others:
        raise UsageError(
            f"another machine may still be at run {others[0]} of {found.kept.release}: its record is open, and the "
            f"lock cannot be asked for: {reason}",
            f"when nobody is, name the run: helm tyk-upgrade resume {found.header.run}",
        )


def _taken(found: Found, target: ReleaseTarget, context: Context) -> CutOff:
    """The run on this machine; where that fails, nobody holds the release."""
    from helm_tyk_upgrade.planning.resuming import take

    try:
        return take(found, context)
    except TykUpgradeError:
        target.unlock(found.header.run)
        raise
