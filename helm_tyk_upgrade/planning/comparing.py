"""What has moved since a plan was saved, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from helm_tyk_upgrade.planning.binding import WHOLE, Seals

_DONE = frozenset(("revision", "deployed", "changes", "editedFiles"))
"""What differs once a plan has been carried out."""
_NOT_MOVING = frozenset(("salt", "notFixed", "notBound", "live"))
"""Compared in another way, or not at all."""
_SHOWN = 6
_IMPLIED = {
    "revision": {"deployed", "live"},
    "deployed": {"live"},
    "chart": {"chartDigest"},
    "valuesFiles": {"values"},
}
"""What is no news beside another difference: the name of that -> what it brings with it."""


def moved(saved: dict[str, Any], now: dict[str, Any]) -> dict[str, str]:
    """What differs, by name, in words that name files, keys, objects and fields, never their values; empty when the
    world is as it was planned for. In another cluster nothing sealed can be compared."""
    if saved["cluster"] != now["cluster"]:
        why = (
            "it is another one than the plan was made for"
            if now["cluster"]
            else "which one this is cannot be told (get namespace kube-system)"
        )
        return {"cluster": f"the cluster: {why}"}
    differing = _differing(saved, now)
    told = differing - {name for cause in differing for name in _IMPLIED.get(cause, ())}
    return {name: text for name, text in _words(saved, now).items() if name in told}


def carried_out(saved: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether what differs is what carrying out the plan makes differ, its own edits of files included: somebody's
    other change of a file is none of it."""
    if saved["cluster"] != now["cluster"]:
        return False
    expected = {**saved["valuesFiles"], **saved["editedFiles"]}
    edited = {"values", "valuesFiles"} if saved["editedFiles"] and now["valuesFiles"] == expected else set()
    return _differing(saved, now) <= _DONE | edited


def not_compared(saved: dict[str, Any], now: dict[str, Any]) -> tuple[str, ...]:
    """What a plan says nothing about, in sentences: what is random at each render, what could not be read then or
    now."""
    random = _listed(f"{item} {path}" for item, paths in saved["notFixed"].items() for path in paths)
    return (
        *((f"Not fixed by the plan, new at each render: {random}",) if random else ()),
        *(f"Not compared: {text}" for text in dict.fromkeys((*saved["notBound"], *now["notBound"]))),
    )


def _differing(saved: dict[str, Any], now: dict[str, Any]) -> set[str]:
    found = {name for name in now if name not in _NOT_MOVING and saved.get(name) != now[name]}
    return found | {"live"} if _touched(saved, now) else found


def _touched(saved: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Of the fields that both plans change and could read, those that are otherwise now."""
    return [
        f"{item} {path or WHOLE}"
        for item, paths in saved["live"].items()
        for path, seal in paths.items()
        if now["live"].get(item, {}).get(path, seal) != seal
    ]


def _words(saved: dict[str, Any], now: dict[str, Any]) -> dict[str, str]:
    keys = _listed(_unequal(saved["values"], now["values"]))
    edits = _listed(_unequal(saved["editedFiles"], now["editedFiles"]))
    return {
        "release": f"the plan is for {saved['release']}, this is {now['release']}",
        "revision": f"the release moved from revision {saved['revision']} to {now['revision']}",
        "deployed": f"revision {now['revision']} was deployed anew: {now['deployed'] or 'when is not known'}, at the"
        f" plan {saved['deployed'] or 'when was not known'}",
        "chart": f"the chart is {now['chart']}, planned was {saved['chart']}",
        "chartDigest": f"the archive of {now['chart']} is another one than was reviewed: its digest differs",
        "helmMajor": f"this is Helm {now['helmMajor']}, the plan was made with Helm {saved['helmMajor']}",
        "values": f"values changed since the plan: {keys}",
        "valuesFiles": _files_changed(saved, now, keys),
        "editedFiles": f"edits would come out differently: {edits}",
        "changes": f"object changes differ: {_listed(_fields(saved['changes'], now['changes']))}",
        "live": f"changed in the cluster since the plan: {_listed(_touched(saved, now))}",
    }


def _files_changed(saved: dict[str, Any], now: dict[str, Any], keys: str) -> str:
    files = _listed(_unequal(saved["valuesFiles"], now["valuesFiles"]))
    return f"{files} changed since the plan: {keys or 'comments or layout, no value'}"


def _unequal(saved: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in {**saved, **now} if saved.get(name) != now.get(name)]


def _fields(saved: Seals, now: Seals) -> Iterator[str]:
    for item in {**saved, **now}:
        for path in _unequal(saved.get(item, {}), now.get(item, {})):
            yield f"{item} {path or WHOLE}"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
