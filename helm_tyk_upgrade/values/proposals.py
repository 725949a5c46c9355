"""What may be done about the overrides: edits with a reason, a risk and a source. Decided here, made elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, Judgement, Override, Path
from helm_tyk_upgrade.model.values import Behaviour, KeyEdit, Moved, Proposal, Risk
from helm_tyk_upgrade.model.version import compare, is_version
from helm_tyk_upgrade.values.migrate import migrations
from helm_tyk_upgrade.values.paths import dotted, equal, leaves, lookup
from helm_tyk_upgrade.values.places import Places

_FOREIGN = 3
"""So many overrides, all of them dead, are taken for the values of another chart."""
_UNEDITED = "its value is in no file that can be edited here"


@dataclass(frozen=True)
class Basis:
    """What proposals are made from. overrides: judged; guesses: dead path -> the key that it probably is now; moved and
    behaviours: what is known of the chart; given: the user's values merged; sets: the keys given by --set flags;
    files: the local values files, lowest precedence first; chart: name and version, for the source; start: the chart
    version that runs."""

    overrides: Sequence[Override]
    guesses: Mapping[Path, Path]
    moved: Sequence[Moved]
    behaviours: Sequence[Behaviour]
    given: Mapping[str, Any] = field(repr=False)
    new_defaults: Mapping[str, Any] = field(repr=False)
    effective: Mapping[str, Any] = field(repr=False)
    files: Sequence[Places]
    sets: Sequence[str] = ()
    chart: str = ""
    start: str = ""

    @property
    def editable(self) -> list[Places]:
        """sops files are never edited; of several documents it is not certain which one is meant."""
        return [file for file in self.files if not file.encrypted and file.documents < 2]


def propose(basis: Basis) -> tuple[Proposal, ...]:
    """The proposals, the surest first: renames, removals, then what is only offered."""
    return (
        *_renames(basis),
        *_dead(basis),
        *_guessed(basis),
        *_behaviours(basis),
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
    by_hand = _set_by_flag(basis, old)
    there = lookup(basis.given, new)
    if there is not ABSENT and not equal(there, lookup(basis.given, old)):
        by_hand = f"{dotted(new)} has another value already: keep the one you mean"
    for file in basis.editable:
        for found in migrations(file.values, {old: new}):
            by_hand = by_hand or (found.reason if found.action == "manual" else "")
            to = new if found.action == "move" else ()
            edits.append(KeyEdit(file.name, "move" if to else "delete", old, to, found.value))
    return _proposal("rename", old, reason, risk, source, edits, by_hand, why, optional)


def _proposal(
    kind: Any,
    path: Path,
    reason: str,
    risk: Risk,
    source: str,
    edits: Sequence[KeyEdit],
    by_hand: str,
    risk_reason: str,
    optional: bool,
) -> Proposal:
    """Edits only where nothing has to be done by hand: half of a change would be worse than none."""
    if not edits:
        by_hand = by_hand or _UNEDITED
    kept = () if by_hand else tuple(edits)
    return Proposal(kind, path, reason, risk, source, kept, risk_reason, by_hand, optional)


def _dead(basis: Basis) -> Iterator[Proposal]:
    dead = {each.path: each for each in basis.overrides if each.judgement is Judgement.DEAD}
    done: list[Path] = []
    risk, why = _risk_of_removals(basis, dead)
    for path, override in dead.items():
        if lookup(basis.new_defaults, path) is not ABSENT:
            yield _without_effect(basis, override)
            continue
        top = _topmost(path, dead, basis)
        if top in done:
            continue
        done.append(top)
        source = next(
            (str(moved) for moved in basis.moved if path[: len(moved.old)] == moved.old),
            f"the templates of {basis.chart}",
        )
        reason = override.reason if top == path else f"nothing below {dotted(top)} is read any more"
        removal = _removal(basis, "remove dead", top, reason, risk, source, optional=False)
        yield replace(removal, risk_reason=why)


def _risk_of_removals(basis: Basis, dead: Mapping[Path, Override]) -> tuple[Risk, str]:
    """Where nothing at all is read, the file is hardly one of many slips of the pen: it is another chart's, or of a
    chart that has this one as a dependency. Emptying it would be no help."""
    if len(basis.overrides) >= _FOREIGN and len(dead) == len(basis.overrides):
        return Risk.REVIEW, f"{basis.chart} reads none of these values: are they of another chart?"
    return Risk.NONE, ""


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
            yield _removal(basis, "remove redundant", override.path, reason, Risk.NONE, source, optional=True)


def _removal(
    basis: Basis, kind: Any, path: Path, reason: str, risk: Risk, source: str, *, optional: bool
) -> Proposal:
    edits = [KeyEdit(file.name, "delete", path) for file in basis.editable if file.defines(path)]
    by_hand = _set_by_flag(basis, path)
    return _proposal(kind, path, reason, risk, source, edits, by_hand, "", optional)


def _set_by_flag(basis: Basis, path: Path) -> str:
    name = dotted(path)
    if any(key == name or key.startswith((f"{name}.", f"{name}[")) for key in basis.sets):
        return f"a --set gives {name}: change the flag"
    return ""


def _behaviours(basis: Basis) -> Iterator[Proposal]:
    dead = [each.path for each in basis.overrides if each.judgement is Judgement.DEAD]
    for behaviour in basis.behaviours:
        if any(lookup(basis.given, path) is not ABSENT and path not in dead for path in behaviour.unless):
            continue
        edits = [*_kept_values(basis, behaviour), *_kept_items(basis, behaviour)]
        if edits:
            by_hand = "" if all(edit.file for edit in edits) else _UNEDITED
            yield _proposal(
                "keep behaviour",
                edits[0].path,
                f"{behaviour.what}. This keeps {behaviour.keeps}",
                Risk.BEHAVIOUR,
                behaviour.source,
                edits,
                by_hand,
                behaviour.risk,
                optional=True,
            )


def _kept_values(basis: Basis, behaviour: Behaviour) -> Iterator[KeyEdit]:
    """Only what the user does not set, and what the new chart has a place for."""
    for path, value in behaviour.sets:
        place = lookup(basis.effective, path[:-1])
        unset = lookup(basis.given, path) is ABSENT
        if unset and isinstance(place, dict) and not equal(lookup(basis.effective, path), value):
            yield KeyEdit(_place_of(basis, path), "set", path, (), value)


def _kept_items(basis: Basis, behaviour: Behaviour) -> Iterator[KeyEdit]:
    for path, item in behaviour.items:
        now = lookup(basis.effective, path)
        if not isinstance(now, list) or any(_named(each) == item["name"] for each in now):
            continue
        file = _place_of(basis, path)
        if any(each.name == file and each.defines(path) for each in basis.editable):
            yield KeyEdit(file, "append", path, (), item)
        else:  # a list of the user's replaces the chart's: what it had goes on
            yield KeyEdit(file, "set", path, (), [*now, item])


def _named(item: Any) -> Any:
    return item.get("name") if isinstance(item, dict) else None


def _place_of(basis: Basis, path: Path) -> str:
    """The file that an edit belongs to: the last one that defines the key, else the last one."""
    names = [file.name for file in basis.editable if file.defines(path)]
    return names[-1] if names else basis.editable[-1].name if basis.editable else ""
