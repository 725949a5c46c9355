"""Proposals that keep the old behaviour where a new default changes what the gateway does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, Judgement, Path
from helm_tyk_upgrade.model.values import Behaviour, KeyEdit, Proposal, Risk
from helm_tyk_upgrade.values.basis import UNEDITED, Basis, proposal, set_by_flag
from helm_tyk_upgrade.values.paths import dotted, equal, lookup


def keeping(basis: Basis) -> Iterator[Proposal]:
    """One proposal for each behaviour about which the user has not decided yet."""
    for behaviour in basis.behaviours:
        if any(_decided(basis, path) for path in behaviour.unless):
            continue
        edits = [*_kept_values(basis, behaviour), *_kept_items(basis, behaviour)]
        if edits:
            yield proposal(
                "keep behaviour",
                edits[0].path,
                f"{behaviour.what}. This keeps {behaviour.keeps}",
                Risk.BEHAVIOUR,
                behaviour.source,
                edits,
                _by_hand(basis, behaviour, edits),
                behaviour.risk,
                optional=True,
            )


def _decided(basis: Basis, path: Path) -> bool:
    """Whether the user gives the key with effect, or the list above it has an item of that name."""
    above = lookup(basis.given, path[:-1])
    if isinstance(above, list):
        return any(_named(item) == path[-1] for item in above)
    return lookup(basis.given, path) is not ABSENT and not _is_dead(basis, path)


def _is_dead(basis: Basis, path: Path) -> bool:
    return any(each.path == path and each.judgement is Judgement.DEAD for each in basis.overrides)


def _by_hand(basis: Basis, behaviour: Behaviour, edits: list[KeyEdit]) -> str:
    for edit in edits:
        by_hand = set_by_flag(basis, edit.path)
        if by_hand:
            return by_hand
    for path, item in behaviour.items:
        if lookup(basis.given, path) is not ABSENT and not _list_file(basis, path):
            return f"add {item['name']} to {dotted(path)} where that list is given: {UNEDITED}"
    return "" if all(edit.file for edit in edits) else UNEDITED


def _kept_values(basis: Basis, behaviour: Behaviour) -> Iterator[KeyEdit]:
    """Only what the user does not set with effect, and what the new chart has a place for."""
    for path, value in behaviour.sets:
        place = lookup(basis.effective, path[:-1])
        free = lookup(basis.given, path) is ABSENT or _is_dead(basis, path)
        if free and isinstance(place, dict) and not equal(lookup(basis.effective, path), value):
            yield KeyEdit(_place_of(basis, path), "set", path, (), value)


def _kept_items(basis: Basis, behaviour: Behaviour) -> Iterator[KeyEdit]:
    """A list of the user's replaces the chart's: what the chart's had goes on. What another layer gives is never
    copied into a file: it would be without effect there, and it may hold secrets."""
    for path, item in behaviour.items:
        now = lookup(basis.effective, path)
        if not isinstance(now, list) or any(_named(each) == item["name"] for each in now):
            continue
        if lookup(basis.given, path) is ABSENT:
            yield KeyEdit(_place_of(basis, path), "set", path, (), [*now, item])
        else:
            yield KeyEdit(_list_file(basis, path), "append", path, (), item)


def _list_file(basis: Basis, path: Path) -> str:
    """The editable file whose list is the one that takes effect: nothing above it gives the key. Empty where there is
    none."""
    giving = [file for file in basis.files if file.defines(path)]
    top = giving[-1] if giving else None
    if top is None or top not in basis.editable or _flag_covers(basis, path):
        return ""
    return top.name if equal(lookup(top.values, path), lookup(basis.given, path)) else ""


def _flag_covers(basis: Basis, path: Path) -> bool:
    """Whether a --set gives the list, a part of it, or (--set-json) a map around it."""
    above = {dotted(path[:depth]) for depth in range(1, len(path))}
    return bool(set_by_flag(basis, path)) or not above.isdisjoint(basis.sets)


def _named(item: Any) -> Any:
    return item.get("name") if isinstance(item, dict) else None


def _place_of(basis: Basis, path: Path) -> str:
    """The file that an edit belongs to: the last one that defines the key, else the last one."""
    names = [file.name for file in basis.editable if file.defines(path)]
    return names[-1] if names else basis.editable[-1].name if basis.editable else ""
