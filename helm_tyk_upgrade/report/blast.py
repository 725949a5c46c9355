"""What an upgrade touches, in words: objects, pods, capacity. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from helm_tyk_upgrade.model.change import Action, ManifestChanges, WorkloadImpact
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.verdict import Status, Verdict
from helm_tyk_upgrade.model.words import count

AVAILABILITY = "availability"
"""The check that says whether capacity falls to zero and how many requests will be lost."""


def blast_radius(changes: ManifestChanges) -> str:
    """`3 objects changed, 1 added, 1 removed, 12 unchanged; 2 hooks changed; 1 workload with 2 new pods`."""
    objects = [change for change in changes.objects if not change.hook]
    numbers = {action: sum(change.action is action for change in objects) for action in Action}
    text = f"{count(numbers[Action.CHANGED], 'object')} changed, {numbers[Action.ADDED]} added"
    text += f", {numbers[Action.REMOVED]} removed, {changes.unchanged} unchanged"
    hooks = len(changes.objects) - len(objects)
    text += f"; {count(hooks, 'hook')} changed" if hooks else ""
    restarting = [impact for impact in changes.impact if impact.after != Known(0)]
    if not restarting:
        return text
    return f"{text}; {count(len(restarting), 'workload')} with {_pods(restarting)}"


def _pods(restarting: list[WorkloadImpact]) -> str:
    known = [impact.after.value for impact in restarting if isinstance(impact.after, Known)]
    if not known:
        return "new pods"
    more = "at least " if len(known) < len(restarting) else ""
    return more + count(sum(known), "new pod")


def describe_impact(impact: WorkloadImpact) -> str:
    """What happens to one workload's pods, and the room they need while both generations run."""
    if impact.after == Known(0):
        return f"{impact.id}: all pods stop (was {_number(impact.before)})"
    was = "" if impact.before == impact.after else f" (was {_number(impact.before)})"
    text = f"{impact.id}: {_number(impact.after)} new {'pod' if impact.after == Known(1) else 'pods'}{was}"
    if impact.surge != Known(0):
        text += f", up to {_number(impact.surge)} more than now while it rolls"
    asks = [amount for amount in (_cpu(impact.cpu), _memory(impact.memory)) if amount]
    return text + (f"; each asks for {' and '.join(asks)}" if asks else "; none asks for CPU or memory")


def _number(value: Maybe[int]) -> str:
    return str(value.value) if isinstance(value, Known) else f"an unknown number of ({value.reason})"


def _cpu(millicores: int) -> str:
    return f"{millicores}m CPU" if millicores else ""


def _memory(size: int) -> str:
    return f"{size / 2**20:.0f} MiB" if size else ""


def availability(verdicts: Iterable[Verdict]) -> Verdict | None:
    """What the check of that name says of capacity and lost requests; None where it says nothing."""
    for verdict in verdicts:
        if verdict.check == AVAILABILITY and verdict.status is not Status.NOT_APPLICABLE:
            return verdict
    return None
