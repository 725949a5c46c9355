"""What a new chart version means for each value the user sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, Judgement, Override, Path
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.values.paths import dotted, equal, leaves, lookup, type_name

Readable = Callable[[Path], Maybe[bool]]
"""Whether any template of the new chart can read a path; unknown where that cannot be told."""


@dataclass(frozen=True)
class Position:
    """Where an override is written: file, line (from 1) and the comment beside or above it."""

    file: str
    line: int = 0
    comment: str = ""


_NOT_MERGED = Unknown("the values were not merged")


def _not_told(_: Path) -> Maybe[bool]:
    return Unknown("the chart's templates were not read")


def overrides(
    user: Mapping[str, Any],
    old_defaults: Maybe[Mapping[str, Any]],
    new_defaults: Maybe[Mapping[str, Any]],
    effective: Maybe[Mapping[str, Any]],
    positions: Mapping[Path, Position] | None = None,
    *,
    readable: Readable = _not_told,
    renames: Mapping[Path, Path | None] | None = None,
    secret: Iterable[Path] = (),
) -> tuple[Override, ...]:
    """One Override for each leaf of the user's values, in their order.

    Defaults are the chart's own, as Helm coalesces them; effective: what Helm ends up with in the new chart.
    renames: old path -> new path, None where the key was removed; they count where the chart bears them out: it
    has no such key any more, and no template is known to read it. secret: paths of values that were not read (an
    encrypted file, a downloader's URL): never judged.
    """
    hidden = tuple(secret)
    trees = (old_defaults, new_defaults, effective)
    found = []
    for path, yours in leaves(dict(user)):
        if not path:
            continue
        old, new, ends_as = (
            Known(lookup(tree.value, path)) if isinstance(tree, Known) else tree for tree in trees
        )
        if any(path[: len(way)] == way for way in hidden):
            verdict = (Judgement.UNKNOWN, "the value is encrypted or fetched by Helm")
        else:
            verdict = judge(path, yours, old, new, readable, renames or {}, ends_as)
        at = (positions or {}).get(path, Position(""))
        found.append(Override(path, old, new, yours, ends_as, *verdict, at.file, at.line, at.comment))
    return tuple(found)


def judge(
    path: Path,
    yours: Any,
    old: Maybe[Any],
    new: Maybe[Any],
    readable: Readable,
    renames: Mapping[Path, Path | None],
    effective: Maybe[Any] = _NOT_MERGED,
) -> tuple[Judgement, str]:
    """The judgement on one override and the reason in one sentence. effective: what Helm ends up with here.

    Never *dead* without proof: where the templates are free to read the key, it is kept or unknown.
    """
    if isinstance(new, Unknown):
        return Judgement.UNKNOWN, new.reason
    if new.value is ABSENT and (renamed := _renamed(path, renames, readable(path))):
        return renamed
    if yours is None:
        return _judge_null(old, new.value, effective, readable(path))
    if new.value is ABSENT:
        return _judge_without_default(path, readable(path), old)
    if readable(path) == Known(False):
        return Judgement.DEAD, "the chart's templates replace an empty value: the same is rendered without it"
    if _type_changed(yours, old, new.value):
        was = type_name(old.value) if isinstance(old, Known) and old.value is not ABSENT else "unset"
        now = type_name(new.value)
        return (
            Judgement.TYPE_CHANGED,
            f"the chart's default is now a {now} (was {was}), yours a {type_name(yours)}",
        )
    if _covers(yours, new.value):
        return Judgement.REDUNDANT, "the same as the chart's new default"
    return _judge_value(yours, old, new.value)


def _judge_value(yours: Any, old: Maybe[Any], new: Any) -> tuple[Judgement, str]:
    if isinstance(old, Unknown):
        return Judgement.KEPT, f"yours wins; whether the default changed is unknown: {old.reason}"
    if old.value is ABSENT:
        return Judgement.KEPT, "yours wins over a default that this chart version adds"
    if equal(old.value, new):
        return Judgement.KEPT, "yours wins; the default has not changed"
    if equal(yours, old.value):
        return Judgement.STALE_PIN, "the same as the old default, which the chart has changed since"
    return Judgement.STALE_PIN, "the chart has changed this default; yours still wins"


def _judge_null(
    old: Maybe[Any], new: Any, effective: Maybe[Any], readable: Maybe[bool]
) -> tuple[Judgement, str]:
    """A null without a default to remove stays in the values, and a template may show it or test for it: redundant
    only with the proof that none does."""
    if new is not ABSENT and new is not None:
        if isinstance(effective, Known) and effective.value not in (ABSENT, None):
            return (
                Judgement.NULL_NO_LONGER_DELETES,
                "it removes the umbrella's default, but this Helm lets the subchart's own come back "
                "(Helm 3.17 and later remove both)",
            )
        return Judgement.KEPT, "removes the chart's default"
    had = isinstance(old, Known) and old.value not in (ABSENT, None)
    if had:
        return (
            Judgement.NULL_NO_LONGER_DELETES,
            "the default it removed is gone: the templates now see a null",
        )
    if isinstance(old, Unknown):
        return Judgement.UNKNOWN, f"there is no default to remove now; whether there was: {old.reason}"
    if new is None:
        return _judge_null_of_both(effective)
    if isinstance(readable, Unknown):
        return (
            Judgement.UNKNOWN,
            f"there is no default to remove; whether a template reads the null: {readable.reason}",
        )
    if readable.value:
        return Judgement.KEPT, "there is no default to remove, but a template reads the null"
    return Judgement.REDUNDANT, "there is no default to remove"


def _judge_null_of_both(effective: Maybe[Any]) -> tuple[Judgement, str]:
    if isinstance(effective, Known) and effective.value is ABSENT:
        return Judgement.KEPT, "removes the chart's null"
    return Judgement.REDUNDANT, "the same as the chart's new default"


def _judge_without_default(path: Path, readable: Maybe[bool], old: Maybe[Any]) -> tuple[Judgement, str]:
    if isinstance(readable, Unknown):
        return Judgement.UNKNOWN, f"the chart has no such key; whether a template reads it: {readable.reason}"
    had = isinstance(old, Known) and old.value is not ABSENT
    if readable.value and had:
        return Judgement.STALE_PIN, "the chart has removed this default, but a template still reads yours"
    if readable.value:
        return Judgement.KEPT, "no default in the chart, but a template reads it"
    return Judgement.DEAD, "the chart dropped this key" if had else f"no template reads {dotted(path)}"


def _renamed(
    path: Path, renames: Mapping[Path, Path | None], readable: Maybe[bool]
) -> tuple[Judgement, str] | None:
    """Nothing where a template still reads the old key, and no removal without proof that none does."""
    if readable == Known(True):
        return None
    for old, new in renames.items():
        if path[: len(old)] == old and new is not None:
            return Judgement.RENAMED, f"now {dotted((*new, *path[len(old) :]))}"
        if path[: len(old)] == old and readable == Known(False):
            return Judgement.DEAD, f"the chart dropped {dotted(old)}"
    return None


def _type_changed(yours: Any, old: Maybe[Any], new: Any) -> bool:
    """Only where the chart changed its mind: a default of null or "" says nothing about the type it wants."""
    if new is None or new == "" or type_name(yours) == type_name(new):
        return False
    was = old.value if isinstance(old, Known) else ABSENT
    return was is ABSENT or was is None or type_name(was) != type_name(new)


def _covers(yours: Any, new: Any) -> bool:
    """Whether leaving the override out gives the same: an empty map merges into any map."""
    return equal(yours, new) or (yours == {} and isinstance(yours, dict) and isinstance(new, dict))
