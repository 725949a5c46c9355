"""Whether Go plugins must be compiled anew before the upgrade.

Passes: no API names a Go plugin, and every place where one could be named was looked at.
Passes: API orders names auth.so, and auth_v5.13.1_linux_amd64.so is mounted beside it already.
Fails: API orders names auth.so, and the gateway goes from 5.8.6 to 5.13.1: every version needs its own build.
"""

from __future__ import annotations

from collections.abc import Iterator

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.knowledge import GoPlugin, GoPlugins
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown
from helm_tyk_upgrade.model.words import count

ID = "go-plugins"
TITLE = "Must Go plugins be compiled anew?"
DEFAULT = Policy.WARN
HINT = "compile them with the commands shown, put the files beside the old ones, then upgrade (docs/go-plugins.md)"
_NO_COMMAND = (
    "compile them for the new gateway, put the files beside the old ones, then upgrade (docs/go-plugins.md)"
)
_LOOK = "look there yourself for plugins of Go: docs/go-plugins.md says what to do about each"


def run(facts: Facts, changes: Changes) -> Verdict:
    if isinstance(facts.plugins, Unknown):
        return unknown(ID, facts.plugins.reason, hint=_LOOK)
    found = facts.plugins.value
    if not found.plugins:
        if found.unasked:
            return unknown(
                ID,
                f"none found, but not everything could be looked at: {found.unasked[0]}",
                *found.unasked[1:],
                hint=_LOOK,
            )
        return passed(ID, "no Go plugin found")
    sure = [plugin for plugin in found.plugins if plugin.sure]
    return _sure(len(sure), found) if sure else _perhaps(found)


def _sure(number: int, found: GoPlugins) -> Verdict:
    named = count(number, "Go plugin")
    if isinstance(found.rebuild, Unknown):
        return unknown(ID, f"{named}, and {found.rebuild.reason}", *_evidence(found), hint=_hint(found))
    if not found.rebuild.value:
        return passed(
            ID, f"{named}; the gateway version stays, so they need no new build", *map(_line, found.plugins)
        )
    missing = [plugin for plugin in found.plugins if plugin.sure and not _ready(plugin)]
    if not missing:
        return _ready_as_far_as_seen(f"{named}, each with a file for the new version", found)
    reason = f"{count(len(missing), 'Go plugin')} must be compiled for the new gateway"
    return failed(ID, reason, *_evidence(found), hint=_hint(found))


def _ready_as_far_as_seen(seen: str, found: GoPlugins) -> Verdict:
    """A pass only where no place was left out and nothing that may be a plugin lacks its file."""
    perhaps = [plugin for plugin in found.plugins if not plugin.sure and not _ready(plugin)]
    if perhaps:
        reason = f"{seen}; {perhaps[0].where} may be another, and a file for it was not found"
        return unknown(ID, reason, *_evidence(found), hint=_hint(found))
    if found.unasked:
        reason = f"{seen}, but not everything could be looked at: {found.unasked[0]}"
        return unknown(ID, reason, *_evidence(found), hint=_LOOK)
    return passed(ID, seen, *_evidence(found))


def _perhaps(found: GoPlugins) -> Verdict:
    if found.rebuild == Known(False):
        return passed(
            ID, "the gateway version stays, so no plugin needs a new build", *map(_line, found.plugins)
        )
    return unknown(
        ID, "there may be Go plugins, and they would need a new build", *_evidence(found), hint=_hint(found)
    )


def _hint(found: GoPlugins) -> str:
    return HINT if found.commands else _NO_COMMAND


def _ready(plugin: GoPlugin) -> bool:
    """Whether files for exactly the planned version are there, for every platform; the exact name says no version."""
    if isinstance(plugin.present, Unknown):
        return False
    wanted = {_platform(name) for name in plugin.looked_for if name != plugin.path}
    return bool(wanted) and wanted <= {
        _platform(name) for name in plugin.present.value if name != plugin.path
    }


def _platform(name: str) -> str:
    """`linux_arm64` of `auth_v5.13.1_linux_arm64.so`."""
    return "_".join(name.removesuffix(".so").split("_")[-2:])


def _evidence(found: GoPlugins) -> Iterator[str]:
    """Of the notes only what happens without a new build: the others are told beside the plugins."""
    yield from map(_line, found.plugins)
    yield from found.commands
    yield from found.notes[:1]
    yield from (f"not looked at: {place}" for place in found.unasked)


def _line(plugin: GoPlugin) -> str:
    path = f" names {plugin.path}" if plugin.path else ""
    looked_for = f"; looked for: {', '.join(plugin.looked_for)}" if plugin.looked_for else ""
    return (
        f"{plugin.where}{path}{'' if plugin.sure else ' (perhaps a Go plugin)'}{looked_for}; {_seen(plugin)}"
    )


def _seen(plugin: GoPlugin) -> str:
    if isinstance(plugin.present, Unknown):
        return f"whether it is there is unknown: {plugin.present.reason}"
    return f"there: {', '.join(plugin.present.value) or 'none of them'}"
