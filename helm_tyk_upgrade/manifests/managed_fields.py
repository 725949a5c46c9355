"""Who set a field, and when: `metadata.managedFields` of a live object, as the API server keeps it.

Format: FieldsV1 of https://kubernetes.io/docs/reference/using-api/server-side-apply/: `f:NAME` a field, `k:{...}` a
list item by its keys, `v:VALUE` an item of a set; an empty map is everything below.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.manifests.split import mapping, maps

Place = tuple[str | Mapping[str, Any], ...]
"""The way to a field in one object: keys, and list items as they are."""


@dataclass(frozen=True)
class Owner:
    """One manager of a field. subresource: `scale` for kubectl scale and for autoscalers; time: RFC 3339."""

    manager: str
    operation: str
    subresource: str
    time: str

    @property
    def autoscaler(self) -> bool:
        """The HorizontalPodAutoscaler's controller changes replicas as this one; nobody else scales under its name."""
        return self.manager == "kube-controller-manager" and self.subresource == "scale"


def owners(live: Mapping[str, Any], place: Place) -> tuple[Owner, ...]:
    """All managers that own the field, or what holds it as a whole; the latest first."""
    entries = maps(mapping(live.get("metadata")).get("managedFields"))
    found = [_owner(entry) for entry in entries if _owns(entry.get("fieldsV1"), place)]
    return tuple(sorted(found, key=lambda owner: owner.time, reverse=True))


def by_name(live: Mapping[str, Any], manager: str) -> Owner | None:
    """The latest entry of a manager, whatever it owns."""
    entries = maps(mapping(live.get("metadata")).get("managedFields"))
    found = [_owner(entry) for entry in entries if entry.get("manager") == manager]
    return max(found, key=lambda owner: owner.time, default=None)


def place_of(steps: Sequence[str | int], value: Any) -> Place:
    """The steps into a value with each list index replaced by the item there; nothing where the value has no such."""
    return tuple(_walked(steps, value))


def _walked(steps: Sequence[str | int], value: Any) -> Iterator[str | Mapping[str, Any]]:
    for step in steps:
        if isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
            # Items that are no maps have no entries of their own: their list is owned as a whole.
            if not isinstance(value, Mapping):
                return
            yield value
        elif isinstance(value, Mapping) and isinstance(step, str):
            yield step
            value = value.get(step)
        else:
            return


def _owner(entry: Mapping[str, Any]) -> Owner:
    return Owner(
        str(entry.get("manager") or ""),
        str(entry.get("operation") or ""),
        str(entry.get("subresource") or ""),
        str(entry.get("time") or ""),
    )


def _owns(tree: Any, place: Place) -> bool:
    if not isinstance(tree, Mapping):
        return False
    if not place:
        return True
    step, *rest = place
    below = tree.get(f"f:{step}") if isinstance(step, str) else _item(tree, step)
    if below is None:
        return False
    return not below or _owns(below, tuple(rest))


def _item(tree: Mapping[str, Any], item: Mapping[str, Any]) -> Any:
    """The entry whose keys the item has; a key that the server defaulted (a port's protocol) may be left out."""
    for key, below in tree.items():
        if key.startswith("k:") and _fits(mapping(_json(key[2:])), item):
            return below
    return None


def _fits(keys: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    return any(name in item for name in keys) and all(
        item.get(name, value) == value for name, value in keys.items()
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {}
