"""Versions and ranges: the one home of the semver library.

Ranges are Helm's (Masterminds/semver): comma or space separated comparators, `||`, `^`, `~`, `x` wildcards
and hyphen ranges. https://github.com/Masterminds/semver#checking-version-constraints
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import semver

_NUMBER = r"(?:0|[1-9]\d*)"
_PARTIAL = re.compile(
    rf"v?(?P<major>{_NUMBER}|[xX*])(?:\.(?P<minor>{_NUMBER}|[xX*]))?(?:\.(?P<patch>{_NUMBER}|[xX*]))?"
    r"(?P<pre>-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$"
)
_COMPARATOR = re.compile(r"\s*(=|!=|>=|=>|<=|=<|>|<|~>|~|\^)?\s*([^\s,<>=!~^]+)\s*,?")
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")


@lru_cache(maxsize=4096)
def parse(text: str) -> semver.Version | None:
    """A full semantic version, with or without a leading `v`; None where the text is none."""
    try:
        return semver.Version.parse(text.removeprefix("v"))
    except ValueError:
        return None


def is_version(text: str) -> bool:
    return parse(text) is not None


def is_prerelease(text: str) -> bool:
    version = parse(text)
    return version is not None and version.prerelease is not None


def compare(left: str, right: str) -> int:
    """-1, 0 or 1 by semver precedence. Both must be versions (ValueError otherwise)."""
    a, b = parse(left), parse(right)
    if a is None or b is None:
        raise ValueError(f"not a semantic version: {left if a is None else right}")
    return a.compare(b)


def newest_first(versions: list[str]) -> list[str]:
    """The semantic versions among the texts, highest first; other texts are left out."""
    return sorted(
        filter(is_version, versions), key=lambda text: parse(text) or semver.Version(0), reverse=True
    )


def gateway_version(tag: str) -> str | None:
    """The gateway version an image tag stands for (`v5.13.1` -> `5.13.1`), None for a tag that is no exact
    Tyk version: a company tag, a floating tag such as `v5.13`, a digest."""
    version = parse(tag)
    return str(version) if version is not None else None


@dataclass(frozen=True)
class Interval:
    """The versions between low and high; None is open-ended. `excluded` turns it into its complement (`!=`);
    `names_prerelease`: it was written with a prerelease."""

    low: semver.Version | None = None
    low_included: bool = True
    high: semver.Version | None = None
    high_included: bool = False
    excluded: bool = False
    names_prerelease: bool = False

    def __contains__(self, version: semver.Version) -> bool:
        above = self.low is None or version > self.low or (self.low_included and version == self.low)
        below = self.high is None or version < self.high or (self.high_included and version == self.high)
        return (above and below) != self.excluded


@dataclass(frozen=True)
class Range:
    """A set of versions as Helm's --version understands it: any of the alternatives, all of its intervals."""

    text: str
    alternatives: tuple[tuple[Interval, ...], ...]

    def __contains__(self, text: str) -> bool:
        version = parse(text)
        return version is not None and any(_within(version, intervals) for intervals in self.alternatives)

    def __str__(self) -> str:
        return self.text


def parse_range(text: str) -> Range:
    """Raises ValueError with the part that is not understood."""
    return Range(text, tuple(tuple(_intervals(part)) for part in text.split("||")))


def _within(version: semver.Version, intervals: tuple[Interval, ...]) -> bool:
    # Helm leaves prereleases out unless the range itself names one.
    if version.prerelease and not any(interval.names_prerelease for interval in intervals):
        return False
    return all(version in interval for interval in intervals)


def _intervals(part: str) -> list[Interval]:
    part = _HYPHEN.sub(r">=\1 <=\2", part.strip())
    intervals: list[Interval] = []
    position = 0
    while position < len(part):
        match = _COMPARATOR.match(part, position)
        if match is None:
            raise ValueError(f"not a version range: {part[position:]!r}")
        intervals.append(_interval(match[1] or "=", match[2]))
        position = match.end()
    if not intervals:
        raise ValueError("an empty version range")
    return intervals


def _interval(operator: str, text: str) -> Interval:
    match = _PARTIAL.match(text)
    if match is None:
        raise ValueError(f"not a version: {text!r}")
    written: list[int] = []
    for name in ("major", "minor", "patch"):
        if match[name] is None or match[name] in "xX*":
            break
        written.append(int(match[name]))
    major, minor, patch = (*written, 0, 0, 0)[:3]
    low = semver.Version(major, minor, patch, prerelease=(match["pre"] or "-")[1:] or None)
    return replace(_OPERATORS[operator](low, len(written)), names_prerelease=match["pre"] is not None)


def _after(low: semver.Version, written: int) -> semver.Version | None:
    """The first version beyond what a version with only its first `written` numbers stands for: `5` ->
    6.0.0-0, before all prereleases of 6.0.0."""
    return {0: None, 1: _first(low.bump_major()), 2: _first(low.bump_minor())}.get(written)


def _first(version: semver.Version) -> semver.Version:
    """The lowest prerelease of a version: the next major's prereleases are not in `^5` either."""
    return version.replace(prerelease="0")


def _equal(low: semver.Version, written: int) -> Interval:
    if written == 3:
        return Interval(low, True, low, True)
    return Interval(low, True, _after(low, written))


def _not_equal(low: semver.Version, written: int) -> Interval:
    return replace(_equal(low, written), excluded=True)


def _greater(low: semver.Version, written: int) -> Interval:
    return Interval(low, False) if written == 3 else Interval(_after(low, written))


def _at_most(low: semver.Version, written: int) -> Interval:
    return Interval(high=low, high_included=True) if written == 3 else Interval(high=_after(low, written))


def _tilde(low: semver.Version, written: int) -> Interval:
    return Interval(low, True, _first(low.bump_minor()) if written == 3 else _after(low, written))


def _caret(low: semver.Version, written: int) -> Interval:
    if low.major or written <= 1:
        return Interval(low, True, _first(low.bump_major()) if written else None)
    if low.minor or written == 2:
        return Interval(low, True, _first(low.bump_minor()))
    return Interval(low, True, _first(low.bump_patch()))


_OPERATORS: dict[str, Callable[[semver.Version, int], Interval]] = {
    "=": _equal,
    "!=": _not_equal,
    ">": _greater,
    ">=": lambda low, written: Interval(low),
    "=>": lambda low, written: Interval(low),
    "<": lambda low, written: Interval(high=low),
    "<=": _at_most,
    "=<": _at_most,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}
