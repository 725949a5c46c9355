"""What can be seen of a release that reads pending-*: who works on it, or whether nobody does. Changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.events import moment
from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.hold import Holder
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.pods import Rollout
from helm_tyk_upgrade.model.release import Release, Revision, worked
from helm_tyk_upgrade.model.stuck import Advice, Pending, advise
from helm_tyk_upgrade.store.journal import ENDED, Journal, is_at_work, list_runs, open_journal
from helm_tyk_upgrade.targets.release import ReleaseTarget
from helm_tyk_upgrade.targets.rollouts import workload_refs

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

WATCH = 10.0
"""Seconds between the two looks: a rollout that gets on changes something in that time."""
_NANOSECONDS = re.compile(r"(\.\d{6})\d+")
_ACTIVE_HOOKS = {"Job": ("batch/v1", "active"), "Pod": ("v1", "phase")}


@dataclass(frozen=True)
class Look:
    """state: what must change where somebody is at work; unfinished: what is not complete, in words."""

    state: Mapping[str, object]
    unfinished: tuple[str, ...]


def stuck(context: Doors, runs: Path, release: Release, *, watch: float = WATCH) -> Advice | None:
    """What to do about a release that is pending; None where it is not. runs: the folder of this machine's journals;
    watch: seconds for which workloads and lease are watched. Raises TykUpgradeError where Helm cannot be asked."""
    found = pending(context, runs, release, watch=watch)
    return None if found is None else advise(found, holder_words(context, found.holder))


def holder_words(context: Doors, holder: Maybe[Holder | None]) -> str:
    if isinstance(holder, Unknown):
        return f"unknown ({holder.reason})"
    return "nobody holds it" if holder.value is None else holder.value.words(context.clock.now())


def pending(context: Doors, runs: Path, release: Release, *, watch: float = WATCH) -> Pending | None:
    """The evidence; see stuck()."""
    history = context.helm.history(release.name, release.namespace)
    newest = max(history, key=lambda item: item.revision)
    if not newest.status.startswith("pending-"):
        return None
    stored, target = context.helm.stored(release.name, release.namespace), ReleaseTarget(context, release)
    working, cut_off = _our_run(runs, release, newest.revision)
    first, before = _looked(context, stored.manifest, stored.hooks, release.namespace), target.holder()
    alive = _in_time(before, context.clock.now())
    if not alive and not working:
        context.clock.sleep(_long_enough(before, watch))
    last, holder = _looked(context, stored.manifest, stored.hooks, release.namespace), target.holder()
    return Pending(
        release=release.name,
        namespace=release.namespace,
        revision=newest.revision,
        status=newest.status,
        age=_age(newest, context.clock.now()),
        holder=holder,
        alive=alive or _changed(before, holder),
        moving=_moving(first, last),
        unfinished=last if isinstance(last, Unknown) else Known(last.value.unfinished),
        good=max((item.revision for item in history if worked(item)), default=0),
        run=cut_off,
        working=working,
        owner=target.owner(stored.manifest),
    )


def _age(newest: Revision, now: datetime) -> Maybe[float]:
    """By our clock against that of the machine that Helm ran on."""
    try:
        written = moment(_NANOSECONDS.sub(r"\1", newest.updated))
    except ValueError:
        written = None
    if written is None:
        return Unknown(f"Helm wrote {newest.updated!r}")
    age = (now - written).total_seconds()
    if age < -1:
        return Unknown(f"it was written in the future ({newest.updated}): two clocks disagree")
    return Known(max(0.0, age))


def _in_time(holder: Maybe[Holder | None], now: datetime) -> bool:
    return isinstance(holder, Known) and holder.value is not None and not holder.value.is_late(now)


def _changed(before: Maybe[Holder | None], after: Maybe[Holder | None]) -> bool:
    """Whether a holder gave a sign of life while we watched."""
    if isinstance(before, Unknown) or isinstance(after, Unknown) or after.value is None:
        return False
    return before.value is None or before.value.version != after.value.version


def _long_enough(holder: Maybe[Holder | None], watch: float) -> float:
    """A holder whose clock is behind looks dead; it is given the time for a sign of life."""
    if isinstance(holder, Known) and holder.value is not None:
        return max(watch, 1.5 * holder.value.seconds / 4)
    return watch


def _looked(context: Doors, manifest: str, hooks: str, namespace: str) -> Maybe[Look]:
    state: dict[str, object] = {}
    unfinished: list[str] = []
    try:
        for ref in workload_refs(manifest, namespace):
            try:
                rollout = observe_rollout(context.cluster, ref)
            except NotFound:
                state[str(ref)] = None
                unfinished.append(f"{ref}, which is not there")
                continue
            state[str(ref)] = _state(rollout)
            if not rollout.complete:
                unfinished.append(f"{ref} ({rollout.reason})")
        running = _running_hooks(context, hooks, namespace)
    except TykUpgradeError as error:
        return Unknown(error.message)
    return Known(Look(state, (*running, *unfinished)))


def _state(rollout: Rollout) -> object:
    """What a rollout that gets on changes. A pod that crashes again and again gets nowhere."""
    found, pods = rollout.workload, (*rollout.new_pods, *rollout.old_pods)
    steady = frozenset((pod.uid, pod.deleting, pod.ready and not pod.restarts) for pod in pods)
    return found.generation, found.observed_generation, found.revision_hash, steady


def _running_hooks(context: Doors, hooks: str, namespace: str) -> tuple[str, ...]:
    """Jobs and Pods of hooks that run: Helm waits for them, with or without --wait."""
    found = []
    for item in split(hooks):
        kind, name = item.id.kind, item.id.name
        if kind not in _ACTIVE_HOOKS:
            continue
        version, field = _ACTIVE_HOOKS[kind]
        try:
            live = context.cluster.get(version, kind, name, item.id.namespace or namespace)
        except NotFound:
            continue
        value = (live.get("status") or {}).get(field)
        if value and value not in ("Succeeded", "Failed"):
            found.append(f"hook {kind} {name}, which runs")
    return tuple(found)


def _moving(before: Maybe[Look], after: Maybe[Look]) -> Maybe[tuple[str, ...]]:
    if isinstance(before, Unknown):
        return before
    if isinstance(after, Unknown):
        return after
    one, other = before.value.state, after.value.state
    return Known(
        tuple(f"{name} changed while it was watched" for name in other if one.get(name) != other[name])
    )


def _our_run(runs: Path, release: Release, revision: int) -> tuple[str, str]:
    """(the run that is carried out on this machine, the run that was cut off at this revision); empty for none."""
    for header in reversed(list_runs(runs)):
        if (header.namespace, header.release) != (release.namespace, release.name):
            continue
        try:
            journal = open_journal(runs, header.run)
        except TykUpgradeError:
            continue  # damaged: it cannot be resumed either
        if journal.entries and journal.entries[-1].event == ENDED:
            return "", ""  # what came after the newest run of ours is not ours
        if is_at_work(runs, header.run):
            return header.run, ""
        return "", header.run if _made(journal, revision) else ""
    return "", ""


def _made(journal: Journal, revision: int) -> bool:
    """Whether the revision can be one of the run's: each beginning of these steps may have made one, and the upgrade
    another before that, to free the release."""
    begun = [entry.step for entry in journal.entries if entry.event == "begin"]
    most = 2 * begun.count("upgrade") + begun.count("rollback")
    return journal.header.from_revision < revision <= journal.header.from_revision + most
