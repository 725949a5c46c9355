"""What a client-side apply makes of a live object: Helm's three-way merge, on parsed objects.

Helm (3, and 4 where the release is not server-side applied) sends the difference between the live object and the new
manifest, and deletes what the stored manifest sets and the new one does not; what neither sets stays as it is
(pkg/kube/client.go, createPatch; k8s.io/apimachinery strategicpatch.CreateThreeWayMergePatch). Tried on Kubernetes
1.34 with 3.19.0: a field that is the same in both manifests but was changed live is set back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.manifests import mergekeys
from helm_tyk_upgrade.manifests.fields import same

_RETAIN_KEYS = frozenset(("strategy", "volumes"))
"""Fields that are one of several alternatives: what the manifest does not name goes (patchStrategy retainKeys)."""


def three_way(stored: Any, new: Any, live: Any, name: str = "") -> Any:
    """The live value after the apply. name: the key it is found under."""
    if isinstance(new, Mapping) and isinstance(live, Mapping):
        return _maps(stored if isinstance(stored, Mapping) else {}, new, live, name)
    if isinstance(new, list) and isinstance(live, list):
        return _lists(stored if isinstance(stored, list) else [], new, live, name)
    return new


def _maps(stored: Mapping[str, Any], new: Mapping[str, Any], live: Mapping[str, Any], name: str) -> Any:
    # A manifest's null is no value: the API server never stores one.
    wanted = {key: value for key, value in new.items() if value is not None}
    kept = {} if name in _RETAIN_KEYS else {key: live[key] for key in live if key not in {*stored, *new}}
    return kept | {
        key: three_way(stored.get(key), value, live.get(key), key) for key, value in wanted.items()
    }


def _lists(stored: list[Any], new: list[Any], live: list[Any], name: str) -> list[Any]:
    """Lists with a merge key item by item, all others as a whole."""
    labels = mergekeys.labels(name, stored, new, live)
    if labels is None:
        return new
    before, there = dict(zip(labels[0], stored, strict=True)), dict(zip(labels[2], live, strict=True))
    inside = name if name in _RETAIN_KEYS else ""
    merged = [
        three_way(before.get(label), item, there.get(label), inside)
        for label, item in zip(labels[1], new, strict=True)
    ]
    return merged + [item for label, item in there.items() if label not in {*labels[0], *labels[1]}]


def merge_patch(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON merge patch (RFC 7386) from one object to the other; lists are sent whole."""
    patch: dict[str, Any] = {key: None for key in live if key not in wanted}
    for key, value in wanted.items():
        present = live.get(key)
        if isinstance(value, Mapping) and isinstance(present, Mapping):
            below = merge_patch(present, value)
            if below:
                patch[key] = below
        elif key not in live or not same(present, value):
            patch[key] = value
    return patch
