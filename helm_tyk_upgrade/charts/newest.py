"""Which chart version to take. Pure policy; versions come newest first from a catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from helm_tyk_upgrade.errors import NotFound, UsageError
from helm_tyk_upgrade.model.chart import Catalogued, ChartVersion, Chosen
from helm_tyk_upgrade.model.version import (
    Range,
    compare,
    is_prerelease,
    is_version,
    newest_first,
    parse_range,
)


def newest(catalogued: Catalogued, wanted: str = "", *, devel: bool = False, current: str = "") -> Chosen:
    """The version to upgrade to.

    wanted: empty for the newest stable one, an exact version (taken even if deprecated or a prerelease), or a
    range in Helm's syntax. devel admits prereleases. current is the running version; an answer older than
    it is given only when asked for exactly. Raises NotFound with the nearest versions, or UsageError for a
    range that is none.
    """
    if wanted and is_version(wanted):
        return _exact(catalogued, wanted)
    accepted = _range(wanted) if wanted else None
    passed_over: list[tuple[str, str]] = []
    for version in catalogued.versions:
        reason = _against(version, accepted, wanted, devel)
        if not reason:
            return _not_backwards(version, catalogued, wanted, current, tuple(passed_over))
        passed_over.append((version.version, reason))
    raise _nothing(catalogued, wanted, devel)


def _against(version: ChartVersion, accepted: Range | None, wanted: str, devel: bool) -> str:
    """Why a version is not taken; empty when it may be. With a range, --devel changes nothing (as in Helm): a
    range that names a prerelease admits them."""
    if accepted is not None and version.version not in accepted:
        return f"not in {wanted}"
    named = accepted is not None and is_prerelease(version.version)
    if version.prerelease and not (devel or named):
        return "a prerelease; --devel takes it"
    return "deprecated by its authors" if version.deprecated else ""


def _range(wanted: str) -> Range:
    try:
        return parse_range(wanted)
    except ValueError as error:
        raise UsageError(
            f"--version {wanted}: {error}", "give a version (5.3.0) or a range (>=5.1 <6, ^5.2, 5.x)"
        ) from error


def _exact(catalogued: Catalogued, wanted: str) -> Chosen:
    for version in catalogued.versions:
        if compare(version.version, wanted) == 0:
            newer = [item for item in catalogued.versions if compare(item.version, version.version) > 0]
            why = "you asked for it" + (", though it is deprecated" if version.deprecated else "")
            return Chosen(
                version.version, why, tuple((item.version, f"you asked for {wanted}") for item in newer)
            )
    near = nearest(wanted, [version.version for version in catalogued.versions])
    raise NotFound(
        f"chart {catalogued.name} has no version {wanted} ({catalogued.source})",
        f"nearest: {', '.join(near)}" if near else "no version of it is known",
    )


def _not_backwards(
    version: ChartVersion,
    catalogued: Catalogued,
    wanted: str,
    current: str,
    passed_over: tuple[tuple[str, str], ...],
) -> Chosen:
    if current and is_version(current) and compare(version.version, current) < 0:
        known = any(compare(item.version, current) == 0 for item in catalogued.versions)
        what = "newest that may be taken" if known else f"newest known to {catalogued.source}"
        return Chosen(current, f"the release is ahead of {version.version}, the {what}", passed_over)
    return Chosen(version.version, f"newest in {wanted}" if wanted else "newest stable version", passed_over)


def _nothing(catalogued: Catalogued, wanted: str, devel: bool) -> NotFound:
    listed = ", ".join(version.version for version in catalogued.versions[:5])
    what = f"in {wanted}" if wanted else "that is stable and not deprecated"
    hint = f"newest: {listed}" if listed else "the catalogue lists none at all"
    if not devel and any(version.prerelease for version in catalogued.versions):
        hint += "; --devel admits prereleases"
    return NotFound(f"chart {catalogued.name} has no version {what} ({catalogued.source})", hint)


def nearest(wanted: str, versions: Sequence[str], count: int = 3) -> tuple[str, ...]:
    """The versions around one that does not exist: the next below, the next above, and the newest."""
    ordered = newest_first(list(versions))
    below = next((text for text in ordered if compare(text, wanted) < 0), None)
    above = next((text for text in reversed(ordered) if compare(text, wanted) > 0), None)
    found = [text for text in (below, above, ordered[0] if ordered else None) if text is not None]
    return tuple(dict.fromkeys(found))[:count]
