"""Which items of two lists are the same item: Kubernetes' merge keys, and the order of the rest.

Source of the keys: `x-kubernetes-patch-merge-key` and `x-kubernetes-list-map-keys` of the API's OpenAPI
document; `volumeClaimTemplates` and a CRD's `versions` have none there, but people know their items by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

NAME = (("name",),)
PORTS = (("containerPort", "protocol"), ("port", "protocol"), ("name",))
_DEFAULTS = {"protocol": "TCP"}
_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "containers": NAME,
    "initContainers": NAME,
    "ephemeralContainers": NAME,
    "env": NAME,
    "volumes": NAME,
    "volumeMounts": (("mountPath",),),
    "volumeDevices": (("devicePath",),),
    "ports": PORTS,
    "imagePullSecrets": NAME,
    "secrets": NAME,
    "hostAliases": (("ip",),),
    "topologySpreadConstraints": (("topologyKey", "whenUnsatisfiable"),),
    "resourceClaims": NAME,
    "ownerReferences": (("uid",),),
    "conditions": (("type",),),
    "webhooks": NAME,
    "versions": NAME,
    "volumeClaimTemplates": (("metadata.name",),),
}

Pair = tuple[int, int]


def labels(field: str, *lists: list[Any]) -> tuple[list[str], ...] | None:
    """For each list, the label of each item by the field's merge key; None where the lists have no usable key
    (then items are matched by place). A repeated label gets its count: `A`, `A #2`."""
    for keys in _KEYS.get(field, ()):
        named = [[_label(item, keys) for item in items] for items in lists]
        if all(label is not None for column in named for label in column):
            return tuple(_counted([label or "" for label in column]) for column in named)
    return None


def _label(item: Any, keys: tuple[str, ...]) -> str | None:
    if not isinstance(item, dict):
        return None
    first, *more = keys
    value = _lookup(item, first)
    if isinstance(value, (dict, list)) or value is None or value == "":
        return None
    parts = [str(value)]
    for key in more:
        default = _DEFAULTS.get(key)
        extra = item.get(key, default)
        if extra != default:
            parts.append(str(extra))
    return "/".join(parts)


def _lookup(item: dict[str, Any], key: str) -> Any:
    value: Any = item
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _counted(column: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    counted = []
    for label in column:
        seen[label] = seen.get(label, 0) + 1
        counted.append(label if seen[label] == 1 else f"{label} #{seen[label]}")
    return counted


def pair_by_label(old: list[str], new: list[str]) -> list[Pair]:
    """(old index, new index) of the items with the same label, by new index."""
    places = {label: index for index, label in enumerate(old)}
    return [(places[label], index) for index, label in enumerate(new) if label in places]


def pair_by_place(old: list[Any], new: list[Any], same: Callable[[Any, Any], bool]) -> list[Pair]:
    """(old index, new index) for lists without a key: equal ends are kept, what is between is matched by
    place, so that one item put in the middle shows as one item added."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and same(old[head], new[head]):
        head += 1
    tail = 0
    while tail < shorter - head and same(old[-1 - tail], new[-1 - tail]):
        tail += 1
    between = range(head, shorter - tail)
    ends = [(len(old) - back, len(new) - back) for back in range(tail, 0, -1)]
    return [(index, index) for index in (*range(head), *between)] + ends


def longest_rise(order: Sequence[int]) -> frozenset[int]:
    """The items of a longest part of an order that already rises: those that need not move."""
    runs: list[list[int]] = [[]]
    for item in order:
        below = [run for run in runs if not run or run[-1] < item]
        runs.append([*_longest(below), item])
    return frozenset(_longest(runs))


def _longest(runs: list[list[int]]) -> list[int]:
    return max(runs, key=lambda run: len(run))
