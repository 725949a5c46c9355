"""What somebody made, outside Helm, of the live fields that a plan changes. Pure: the plan has asked already.

A live field is as the release's revision set it, and that revision is bound by itself, unless the plan found drift or a
field of another manager there. Status, what a webhook injects and what an autoscaler counts are neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.manifests.autoscaling import target
from helm_tyk_upgrade.model.change import ABSENT, Action, FieldChange, ObjectChange, ObjectId
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.targets.server_truth import is_server_side

_REPLICAS = "spec.replicas"
_PLACE = re.compile(r"(?<!ports)\[\d+\]")
"""An item of a list without merge key. Ports have numbers for labels."""


@dataclass(frozen=True)
class Other:
    """A live field that is not as Helm set it: its value, or who manages it."""

    path: str
    live: Any = field(repr=False)
    name: str = ""
    """What the value is known by, for hiding it."""


@dataclass(frozen=True)
class LiveFields:
    """found: object -> field the plan changes -> what is otherwise there, mostly nothing; unknown: what could not be
    read, in sentences."""

    found: Mapping[ObjectId, Mapping[str, tuple[Other, ...]]]
    unknown: tuple[str, ...] = ()


def live_fields(plan: Plan) -> LiveFields:
    """Of the objects that exist, the fields that the plan changes and whose new value is known."""
    drift = plan.server.drift
    changed = [
        change for change in plan.objects.objects if not change.hook and change.action is not Action.ADDED
    ]
    if isinstance(drift, Unknown):
        why = f"the live fields of the {count(len(changed), 'object')} that the plan changes: {drift.reason}"
        return LiveFields({}, (why,) if changed else ())
    others: dict[ObjectId, list[Other]] = {}
    for item in drift.value:
        others.setdefault(item.id, []).append(Other(item.path, item.live, item.name))
    for identity, other in _conflicts(plan):
        others.setdefault(identity, []).append(other)
    scaled, unread = _scaled(plan), _unread(plan, changed)
    found = {
        change.id: {
            one.path: tuple(other for other in others.get(change.id, ()) if overlap(one.path, other.path))
            for one in change.fields
            if not one.random and not (one.path == _REPLICAS and _key(change.id, plan) in scaled)
        }
        for change in changed
        if _key(change.id, plan) not in unread
    }
    return LiveFields(found, (*unread.values(), *_unseen(plan, changed)))


def overlap(path: str, other: str) -> bool:
    """Whether one of two fields is the other or lies in it; no path is the whole object."""
    first, second = (_PLACE.split(text)[0] for text in (path, other))
    longer, shorter = (first, second) if len(first) > len(second) else (second, first)
    return not shorter or (
        longer.startswith(shorter) and longer[len(shorter) : len(shorter) + 1] in ("", ".", "[")
    )


def _conflicts(plan: Plan) -> Iterator[tuple[ObjectId, Other]]:
    """Fields of other managers that a server-side apply would change: also those that Helm never set. A count that an
    autoscaler owns conflicts too; whether that is drift, drift knows."""
    if isinstance(plan.server.forward, Unknown):
        return
    for answer in plan.server.forward.value:
        for conflict in answer.conflicts:
            if conflict.path != _REPLICAS:
                yield answer.id, Other(conflict.path, conflict.manager)


def _scaled(plan: Plan) -> set[tuple[str, str, str]]:
    """What live autoscalers scale: they set the count again after the upgrade."""
    scalers = plan.server.neighbours.autoscalers
    return set() if isinstance(scalers, Unknown) else {target(scaler) for scaler in scalers.value}


def _key(identity: ObjectId, plan: Plan) -> tuple[str, str, str]:
    return identity.kind, identity.namespace or plan.release.namespace, identity.name


def _unread(plan: Plan, changed: list[ObjectChange]) -> dict[tuple[str, str, str], str]:
    """Of the changed objects those that could not be read while others could, each with a sentence."""
    unread = {_key(one.id, plan): one.reason for one in plan.server.unread}
    keys = [(key, change.id) for change in changed if (key := _key(change.id, plan)) in unread]
    return {key: f"the live fields of {identity}: {unread[key]}" for key, identity in keys}


def _unseen(plan: Plan, changed: list[ObjectChange]) -> tuple[str, ...]:
    """Drift is told of fields that the stored manifest has; of others only a server-side apply tells."""
    added = [f"{change.id} {one.path}" for change in changed for one in change.fields if _is_new(one)]
    if not added or is_server_side(plan.release, plan.flags):
        return ()
    more = f" and {len(added) - 3} more" if len(added) > 3 else ""
    return (f"live values of fields that the plan adds: {', '.join(added[:3])}{more}",)


def _is_new(one: FieldChange) -> bool:
    return one.old is ABSENT and not one.random and not one.cosmetic
