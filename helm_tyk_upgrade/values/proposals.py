"""What may be done about the overrides: edits with a reason, a risk and a source. Decided here, made elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, Judgement, Override, Path
from helm_tyk_upgrade.model.secrets import printable
from helm_tyk_upgrade.model.values import KeyEdit, Moved, Proposal, Risk
from helm_tyk_upgrade.model.version import compare, is_version
from helm_tyk_upgrade.values.basis import Basis, proposal, set_by_flag
from helm_tyk_upgrade.values.foreign import chart_meant, is_foreign
from helm_tyk_upgrade.values.keeping import keeping
from helm_tyk_upgrade.values.migrate import migrations
from helm_tyk_upgrade.values.paths import dotted, equal, leaves, lookup
from helm_tyk_upgrade.values.probable import misspelled

_WHOLE_TREE = "a whole part of the file would go: is it meant for another chart?"


def propose(basis: Basis) -> tuple[Proposal, ...]:
    """The proposals, the surest first: renames, removals, then what is only offered."""
    return (
        *_renames(basis),
        *_dead(basis),
        *_guessed(basis),
        *keeping(basis),
        *_redundant(basis),
    )


def _renames(basis: Basis) -> Iterator[Proposal]:
    renamed = [each.path for each in basis.overrides if each.judgement is Judgement.RENAMED]
    for moved in basis.moved:
        if moved.new and any(path[: len(moved.old)] == moved.old for path in renamed):
            risk, why = _risk_of(basis, moved)
            yield _rename(basis, moved.old, moved.new, str(moved), risk, why)


def _risk_of(basis: Basis, moved: Moved) -> tuple[Risk, str]:
    """None where the running chart still reads the old name. Where it does not, the rename would switch on a value
    that has had no effect until now."""
    if is_version(basis.start) and compare(basis.start, moved.since) < 0:
        return Risk.NONE, ""
    return (
        Risk.REVIEW,
        f"chart {basis.start} ignores the old name already: this would put the value into effect",
    )


def _guessed(basis: Basis) -> Iterator[Proposal]:
    for old, new in basis.guesses.items():
        risk = "a guess by name and type: look it up in the chart's values"
        source = f"the values of {basis.chart}, compared"
        yield _rename(basis, old, new, source, Risk.REVIEW, risk, optional=True)


def _rename(
    basis: Basis, old: Path, new: Path, source: str, risk: Risk, why: str, optional: bool = False
) -> Proposal:
    reason = f"{dotted(old)} is {'probably ' if optional else ''}{dotted(new)} now"
    edits: list[KeyEdit] = []
    by_hand = set_by_flag(basis, old)
    there = lookup(basis.given, new)
    if there is not ABSENT and not equal(there, lookup(basis.given, old)):
        by_hand = f"{dotted(new)} has another value already: keep the one you mean"
    for file in basis.editable:
        for found in migrations(file.values, {old: new}):
            by_hand = by_hand or (found.reason if found.action == "manual" else "")
            to = new if found.action == "move" else ()
            edits.append(KeyEdit(file.name, "move" if to else "delete", old, to, found.value))
    return proposal("rename", old, reason, risk, source, edits, by_hand, why, optional)


def _dead(basis: Basis) -> Iterator[Proposal]:
    dead = {each.path: each for each in basis.overrides if each.judgement is Judgement.DEAD}
    done: list[Path] = []
    foreign = _risk_of_removals(basis)
    for path, override in dead.items():
        if lookup(basis.new_defaults, path) is not ABSENT:
            yield _without_effect(basis, override)
            continue
        top = _topmost(path, dead, basis)
        if top in done:
            continue
        done.append(top)
        known = next((str(moved) for moved in basis.moved if path[: len(moved.old)] == moved.old), "")
        source = known or f"the templates of {basis.chart}"
        reason = override.reason if top == path else f"nothing below {dotted(top)} is read"
        whole = not known and len(top) == 1 and isinstance(lookup(basis.given, top), dict)
        meant = None if known else misspelled(path, basis.new_defaults)
        typo = f"perhaps {dotted(meant)} is meant: look it up in the chart's values" if meant else ""
        why = foreign or typo or (_WHOLE_TREE if whole else "")
        risk = Risk.REVIEW if why else Risk.NONE
        removal = _removal(basis, "remove dead", top, reason, risk, source, optional=False)
        yield replace(removal, risk_reason=why)


def _risk_of_removals(basis: Basis) -> str:
    """Why no removal is safe, empty where one may be. Where nearly nothing is read, the file is hardly one of many
    slips of the pen: it is another chart's, or of a chart that has this one as a dependency."""
    if not is_foreign(basis.overrides, basis.moved):
        return ""
    chart = chart_meant(basis.overrides, basis.moved, basis.new_defaults)
    if chart:
        return f"looks like values of {chart}: --chart {chart}"
    return f"{basis.chart} reads hardly any of these values: are they of another chart?"


def _without_effect(basis: Basis, override: Override) -> Proposal:
    """A value that the templates replace: taking it out changes nothing, but its author meant something by it."""
    source = f"the templates of {basis.chart}"
    why = "the value has no effect: if it is meant, it has to be given in another way"
    removal = _removal(
        basis, "remove dead", override.path, override.reason, Risk.REVIEW, source, optional=True
    )
    return replace(removal, risk_reason=why)


def _topmost(path: Path, dead: Mapping[Path, Override], basis: Basis) -> Path:
    """The highest key that the new chart does not have and below which everything given is dead."""
    for depth in range(1, len(path)):
        above = path[:depth]
        if lookup(basis.new_defaults, above) is ABSENT and all(
            (*above, *below) in dead for below, _ in leaves(lookup(basis.given, above))
        ):
            return above
    return path


def _redundant(basis: Basis) -> Iterator[Proposal]:
    """Not the empty maps that stand for nothing: many people keep them as a place to write."""
    for override in basis.overrides:
        if override.judgement is Judgement.REDUNDANT and override.file:
            source, reason = f"the default values of {basis.chart}", override.reason
            removal = _removal(
                basis, "remove redundant", override.path, reason, Risk.NONE, source, optional=True
            )
            yield _with_what_is_below(basis, override, removal)


def _with_what_is_below(basis: Basis, override: Override, removal: Proposal) -> Proposal:
    """A redundant value can hide another one of a lower layer, which would take effect without it."""
    for file in basis.files:
        if file.defines(override.path) and not equal(lookup(file.values, override.path), override.yours):
            by_hand = f"{file.name} gives another value, which would take effect: decide where it belongs"
            return replace(removal, edits=(), by_hand=printable(by_hand))
    if basis.unread:
        why = "a layer that is no local file may give another value, which would take effect"
        return replace(removal, risk=Risk.REVIEW, risk_reason=why)
    return removal


def _removal(
    basis: Basis, kind: Any, path: Path, reason: str, risk: Risk, source: str, *, optional: bool
) -> Proposal:
    edits = [KeyEdit(file.name, "delete", path) for file in basis.editable if file.defines(path)]
    by_hand = set_by_flag(basis, path)
    return proposal(kind, path, reason, risk, source, edits, by_hand, "", optional)
