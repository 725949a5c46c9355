"""A key that nothing reads any more and one that is new: probably the same under another name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher, get_close_matches
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, Path
from helm_tyk_upgrade.model.secrets import is_secret_name
from helm_tyk_upgrade.values.paths import lookup, type_name

_LIKELY = 0.8
"""Below this, pairs of real renames and of unrelated keys are mixed."""
_AHEAD = 0.03
"""How far the best must be before the second: else nobody can tell which one is meant."""


def probable(
    path: Path, yours: Any, user: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Path | None:
    """The key of the new chart that a dead override most probably means, None where none stands out.

    Candidates have the same type and are not set by the user. For a key that the old chart had, they are those
    that the new chart adds; for one that it never had (a slip of the pen), those beside it.
    """
    if any(is_secret_name(str(step)) or step == "secrets" for step in path):
        return None  # one secret put in the place of another is worse than one that is missing
    known_before = lookup(old, path) is not ABSENT
    scores = sorted(
        ((_likeness(path, found), found) for found in _candidates(path, yours, new)
         if lookup(user, found) is ABSENT and (not known_before or lookup(old, found) is ABSENT)),
        key=lambda pair: pair[0],
        reverse=True,
    )  # fmt: skip
    if not known_before:
        scores = [pair for pair in scores if pair[1][:-1] == path[:-1]]
    if not scores or scores[0][0] < _LIKELY:
        return None
    return scores[0][1] if len(scores) == 1 or scores[0][0] - scores[1][0] >= _AHEAD else None


def misspelled(path: Path, new: Mapping[str, Any]) -> Path | None:
    """The path with its first unknown key, one that other keys stand below, spelled as a key beside it is; None where
    none is near. Nobody has to be sure: what may be a slip of the pen is not removed unasked."""
    for depth in range(1, len(path)):
        if lookup(new, path[:depth]) is not ABSENT:
            continue
        beside = lookup(new, path[: depth - 1])
        names = (
            [name for name, value in beside.items() if isinstance(value, dict)]
            if isinstance(beside, dict)
            else []
        )
        near = get_close_matches(str(path[depth - 1]), names, n=1, cutoff=_LIKELY)
        return (*path[: depth - 1], near[0], *path[depth:]) if near else None
    return None


def _candidates(path: Path, yours: Any, new: Mapping[str, Any]) -> Iterator[Path]:
    for found, value in _nodes(new, ()):
        if type_name(value) == type_name(yours) and found != path:
            yield found


def _nodes(tree: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, tree
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _nodes(value, (*path, key))


def _likeness(one: Path, other: Path) -> float:
    """0 to 1: the last keys count half, those above them most of the rest."""
    last = _ratio(one[-1:], other[-1:])
    if last < 0.6:
        return 0.0
    return 0.5 * last + 0.3 * _ratio(one[-2:-1], other[-2:-1]) + 0.2 * _ratio(one, other)


def _ratio(one: Path, other: Path) -> float:
    left, right = (" ".join(map(str, path)).lower() for path in (one, other))
    return SequenceMatcher(None, left, right, autojunk=False).ratio()
