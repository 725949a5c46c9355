"""`backup prune`: bundles that nobody will go back to are removed, after they were named and agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit, TykUpgradeError
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.store import intents
from helm_tyk_upgrade.store.bundle import BundleInfo, contents, list_bundles
from helm_tyk_upgrade.store.journal import ENDED, open_journal
from helm_tyk_upgrade.store.pruning import Judged, judge, remove


def prune(
    context: Context,
    store: Path,
    *,
    release: str,
    keep: int,
    older_than: float | None,
    yes: bool,
    output: str,
) -> int:
    """Of each release with bundles (of the one named, in the namespace at hand). older_than: seconds."""
    bundles = list_bundles(store, context.namespace if release else "", release)
    before = context.clock.now() - timedelta(seconds=older_than) if older_than is not None else None
    needed = needed_by_runs(context.runs_folder, list_bundles(store))
    judged = [
        item
        for group in _by_release(bundles)
        for item in judge(
            group, keep=keep, before=before, needed=needed, revision=_revision(context, group[0])
        )
    ]
    _show(context, judged, output)
    gone = [item.bundle for item in judged if not item.stays]
    if not gone:
        return Exit.OK
    if not yes and not _confirmed(context, gone):
        raise TykUpgradeError(f"nothing was removed: {count(len(gone), 'bundle')} would be", "give --yes")
    for info in gone:
        remove(info)
        context.say(f"removed {context.masker.text(str(info.path))}")
    return Exit.OK


def _by_release(bundles: Sequence[BundleInfo]) -> list[list[BundleInfo]]:
    groups: dict[tuple[str, str], list[BundleInfo]] = {}
    for info in bundles:
        groups.setdefault((info.namespace, info.release), []).append(info)
    return list(groups.values())


def _revision(context: Context, info: BundleInfo) -> Maybe[int]:
    try:
        return Known(context.helm.release(info.release, info.namespace).revision)
    except TykUpgradeError as error:
        return Unknown(error.message)


def needed_by_runs(runs: Path, bundles: Sequence[BundleInfo]) -> frozenset[str]:
    """The bundles of runs that have not come to their end on this machine, and those which such a rollback goes back
    to. A run whose record cannot be read is not known to have ended."""
    found: set[str] = set()
    for info in bundles:
        if (runs / info.id).exists() and not _ended(runs, info.id):
            found |= {info.id, _goes_back_to(info)}
    return frozenset(found - {""})


def _ended(runs: Path, run: str) -> bool:
    try:
        entries = open_journal(runs, run).entries
    except TykUpgradeError:
        return False
    return bool(entries) and entries[-1].event == ENDED


def _goes_back_to(info: BundleInfo) -> str:
    try:
        return Path(intents.decode(contents(info, intents.NAME)).way_back.bundle).name
    except TykUpgradeError:  # a bundle without an intent goes back to none
        return ""


def _show(context: Context, judged: Sequence[Judged], output: str) -> None:
    from helm_tyk_upgrade.report.listings import columns, document

    if output == "json":
        items = [
            {"id": item.bundle.id, "namespace": item.bundle.namespace, "release": item.bundle.release}
            | {"remove": not item.stays, "reason": item.stays}
            for item in judged
        ]
        context.out(document("BundlePruning", context.masker, items=items))
        return
    rows = [
        (item.bundle.id, item.bundle.namespace, item.bundle.release, item.bundle.time, item.stays or "goes")
        for item in judged
    ]
    heading = ("BUNDLE", "NAMESPACE", "RELEASE", "TIME", "STAYS BECAUSE")
    context.out(columns([heading, *rows], context.masker))


def _confirmed(context: Context, gone: Sequence[BundleInfo]) -> bool:
    from helm_tyk_upgrade.verbs.ask import confirm

    return context.can_ask and confirm(context, f"Remove {count(len(gone), 'bundle')} for good?")
