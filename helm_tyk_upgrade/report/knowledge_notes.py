"""What is on record about the planned move, and its Go plugins, as notes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from helm_tyk_upgrade.model.knowledge import GoPlugin, GoPlugins, TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.masking import untrusted
from helm_tyk_upgrade.report.notes import Note, Section, Weight

_URGENCY = ("blocks", "warns", "tells")


def knowledge_sections(
    transitions: Maybe[tuple[TransitionFinding, ...]],
    plugins: Maybe[GoPlugins],
    masker: Masker,
    *,
    whole: bool,
) -> tuple[Section, ...]:
    """Both empty where nothing could be found out (see `unlearned`). whole: the records that do not concern this
    release too."""
    return (
        Section("Known about this move", tuple(_transitions(transitions, masker, whole))),
        Section("Go plugins", tuple(_plugins(plugins, masker))),
    )


def _transitions(found: Maybe[tuple[TransitionFinding, ...]], masker: Masker, whole: bool) -> Iterator[Note]:
    """Those that concern this release, then those that may, by severity; the others in one line."""
    if isinstance(found, Unknown):
        return
    listed = sorted(found.value, key=lambda each: _URGENCY.index(each.severity))
    for concerned in (True, None):
        for each in listed:
            if _concerns(each) is concerned:
                yield _transition(each, masker)
    rest = [each for each in listed if _concerns(each) is False]
    if whole:
        yield from (_transition(each, masker) for each in rest)
    elif rest:
        yield Note(
            f"{count(len(rest), 'record')} crossed without concerning this release{_one_way(rest)}", "dim"
        )
    if not listed:
        yield Note("no record on the way", "dim")


def _concerns(found: TransitionFinding) -> bool | None:
    return found.concerns.value if isinstance(found.concerns, Known) else None


def _one_way(found: Iterable[TransitionFinding]) -> str:
    number = sum(each.one_way for each in found)
    return f" ({number} one-way)" if number else ""


def _transition(found: TransitionFinding, masker: Masker) -> Note:
    way = ", ONE-WAY: going back does not undo it" if found.one_way else ""
    text = f"{found.id} ({found.component}{way}): {found.what}"
    below = [*found.evidence]
    if isinstance(found.concerns, Unknown):
        below.append(f"whether it concerns this release is unknown: {found.concerns.reason}")
    below += [f"-> {found.todo}"] if found.todo else []
    below += [f"source: {found.source}"] if found.source else []
    return Note(untrusted(masker, text), _weight(found), tuple(untrusted(masker, line) for line in below))


def _weight(found: TransitionFinding) -> Weight:
    concerns = _concerns(found)
    if concerns is False:
        return "dim"
    if found.severity == "tells":
        return ""
    return "bad" if concerns and found.severity == "blocks" else "warn"


def _plugins(found: Maybe[GoPlugins], masker: Masker) -> Iterator[Note]:
    if isinstance(found, Unknown):
        return
    for plugin in found.value.plugins:
        yield _plugin(plugin, masker)
    if found.value.plugins and found.value.commands:
        commands = tuple(untrusted(masker, command) for command in found.value.commands)
        yield Note(_compile(found.value), "", _lines(found.value.notes, masker), commands)
    if found.value.preflight:
        yield Note("jobs that load them with the planned image: plugins.preflight in plan -o json", "dim")
    for place, times in Counter(found.value.unasked).items():
        again = f" ({times} times)" if times > 1 else ""
        yield Note(untrusted(masker, f"not looked at: {place}{again}"), "warn")
    if not found.value.plugins:
        where = " in what was looked at" if found.value.unasked else ""
        yield Note(f"none found{where}", "warn" if found.value.unasked else "good")


def _compile(found: GoPlugins) -> str:
    if isinstance(found.rebuild, Unknown):
        return "to compile them for the target version:"
    return (
        "compile them anew for the target version:"
        if found.rebuild.value
        else "they fit the target version; else:"
    )


def _lines(texts: Iterable[str], masker: Masker) -> tuple[str, ...]:
    return tuple(untrusted(masker, text) for text in texts)


def _plugin(plugin: GoPlugin, masker: Masker) -> Note:
    doubt = "" if plugin.sure else " (may be one)"
    looked = [f"the target version looks for: {', '.join(plugin.looked_for)}"] if plugin.looked_for else []
    lines = tuple(untrusted(masker, line) for line in (*looked, _presence(plugin)))
    return Note(untrusted(masker, f"{plugin.path}{doubt}, {plugin.where}"), _need(plugin), lines)


def _presence(plugin: GoPlugin) -> str:
    if isinstance(plugin.present, Unknown):
        return f"whether it is there is unknown: {plugin.present.reason}"
    if plugin.present.value:
        return f"there: {', '.join(plugin.present.value)}"
    return "none of them is there" if plugin.looked_for else "no file of it was found"


def _need(plugin: GoPlugin) -> Weight:
    if isinstance(plugin.present, Unknown):
        return "warn"
    return "good" if plugin.present.value else "bad"


def unlearned(
    transitions: Maybe[tuple[TransitionFinding, ...]], plugins: Maybe[GoPlugins], masker: Masker
) -> tuple[tuple[str, str], ...]:
    """What was not found out as a whole: (what, why)."""
    answers: tuple[tuple[str, Maybe[object]], ...] = (("known trouble", transitions), ("Go plugins", plugins))
    return tuple(
        (what, untrusted(masker, answer.reason)) for what, answer in answers if isinstance(answer, Unknown)
    )
