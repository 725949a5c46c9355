"""`helm tyk-upgrade resume`: go on with a run that was cut off, from where its journal ends."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.verbs import flags

if TYPE_CHECKING:
    from helm_tyk_upgrade.planning.resuming import CutOff
    from helm_tyk_upgrade.targets.release import ReleaseTarget


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="default: the one that was cut off")
    parser.add_argument("--release", default="", metavar="NAME", help="of this release")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    flags.add_output(parser, ("text", "json", "markdown"))


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.planning.resuming import find_cut_off
    from helm_tyk_upgrade.targets.release import ReleaseTarget
    from helm_tyk_upgrade.verbs.ask import confirm
    from helm_tyk_upgrade.verbs.carry import carry_on

    cut = find_cut_off(context, args.run, args.release)
    release = cut.kept.release
    context.masker.learn_tree(context.helm.stored(release.name, release.namespace).values)
    for line in _told(cut):
        context.say(line)
    if not args.yes and not (context.can_ask and confirm(context, "Go on?")):
        raise TykUpgradeError("nothing was changed", "give --yes to go on; `rollback` goes back instead")
    target = ReleaseTarget(context, release)
    _take_lock(target, cut, context)
    return carry_on(cut, target, context, output=args.output)


def _told(cut: CutOff) -> list[str]:
    header, entries = cut.journal.header, cut.journal.entries
    where = f"in step {cut.stopped}" if cut.stopped else "between two steps"
    return [
        f"Run {header.run}: {header.command} of {cut.kept.release} from {header.from_chart} to {header.to_chart}.",
        f"It was cut off {where} at {entries[-1].time}.",
    ]


def _take_lock(target: ReleaseTarget, cut: CutOff, context: Context) -> None:
    """The lease again, before anything is done. Raises TykUpgradeError where somebody holds it."""
    from helm_tyk_upgrade.model.known import Unknown

    held = target.lock(cut.journal.header.run)
    if isinstance(held, Unknown):
        context.say(f"No lock in the cluster: {context.masker.text(held.reason)}")
    elif held.value:
        raise TykUpgradeError(
            f"{cut.kept.release} is held by {held.value}",
            "wait for it: a holder that gives no sign of life for a minute loses the release",
        )
