"""Everything that can be said about the user's values without asking anybody any more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from helm_tyk_upgrade.helmyaml import UnreadableYaml
from helm_tyk_upgrade.model.change import ABSENT, Judgement, NewDefault, Override, Path
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.secrets import printable
from helm_tyk_upgrade.model.values import Behaviour, FileWarning, Moved, Proposal
from helm_tyk_upgrade.values import compare
from helm_tyk_upgrade.values.basis import Basis
from helm_tyk_upgrade.values.cautions import cautions
from helm_tyk_upgrade.values.components import component_of, switched_off
from helm_tyk_upgrade.values.dead import is_empty, reader, template_texts
from helm_tyk_upgrade.values.foreign import chart_meant, is_foreign
from helm_tyk_upgrade.values.overrides import Position, overrides
from helm_tyk_upgrade.values.paths import dotted, equal, leaves, lookup
from helm_tyk_upgrade.values.places import Places, chart_comment
from helm_tyk_upgrade.values.probable import misspelled, probable
from helm_tyk_upgrade.values.proposals import propose

Values = Mapping[str, Any]
OTHER_CHART = "another chart"
"""The kind of warning that --write takes for a no."""


@dataclass(frozen=True)
class Question:
    """What is judged, all answers of the world included.

    given: the user's values merged; files: the local values files, name and bytes, lowest precedence first; sets:
    keys that --set flags give; hidden: paths whose values were not read; reads: whether any template reads a key
    that the new chart has no default for; chart: the new chart, where it could be read; start: the version that runs;
    unread: whether Helm is given layers that are no local files.
    """

    given: Values = field(repr=False)
    old_defaults: Maybe[Values] = field(repr=False)
    new_defaults: Maybe[Values] = field(repr=False)
    effective: Maybe[Values] = field(repr=False)
    files: Sequence[tuple[str, bytes]] = field(repr=False)
    helm_major: int = 3
    chart: ChartFiles | None = field(default=None, repr=False)
    sets: Sequence[str] = ()
    hidden: Sequence[Path] = ()
    reads: Mapping[Path, Maybe[bool]] = field(default_factory=dict)
    moved: Sequence[Moved] = ()
    behaviours: Sequence[Behaviour] = ()
    start: str = ""
    unread: bool = False


@dataclass(frozen=True)
class Judged:
    overrides: tuple[Override, ...]
    new_defaults: tuple[NewDefault, ...]
    proposals: tuple[Proposal, ...]
    warnings: tuple[FileWarning, ...]


def judge(question: Question) -> Judged:
    """The overrides with their places, the new defaults with the chart's own comments, what may be done, and what to
    beware of. Raises UnreadableYaml, naming the file, for a values file that Helm cannot read."""
    files = [Places(name, data, question.helm_major) for name, data in question.files]
    hidden = (*question.hidden, *encrypted_paths(files))
    found = overrides(
        question.given,
        question.old_defaults,
        question.new_defaults,
        question.effective,
        positions(question.given, files, question.sets),
        readable=partial(_readable, question.reads),
        renames={moved.old: moved.new for moved in question.moved},
        secret=hidden,
    )
    found = tuple(_replaced(question, override) for override in found)
    guesses = _guesses(question, found)
    written = chart_places(question.chart) if question.chart else {}
    off = _off(question)
    found = tuple(_misspelled(question, _with_guess(override, guesses)) for override in found)
    found = tuple(_explained(override, written, off) for override in found)
    return Judged(
        overrides=found,
        new_defaults=_new_defaults(question, written, off),
        proposals=_proposals(question, found, guesses, files),
        warnings=(
            *_of_another_chart(question, found),
            *(warning for file in files for warning in cautions(file)),
        ),
    )


def _of_another_chart(question: Question, found: Sequence[Override]) -> Iterator[FileWarning]:
    """Only where it is known which one is meant: a few slips of the pen are no other chart."""
    new = question.new_defaults
    if question.files and isinstance(new, Known) and is_foreign(found, question.moved):
        chart = chart_meant(found, question.moved, new.value)
        if chart:
            text = f"looks like values of {chart}, hardly any of which this chart reads: --chart {chart}"
            yield FileWarning(question.files[-1][0], 0, OTHER_CHART, printable(text))


def encrypted_paths(files: Iterable[Places]) -> tuple[Path, ...]:
    """The keys of files that sops encrypted, `sops` itself among them: their text is no value."""
    return tuple(path for file in files if file.encrypted for path, _ in leaves(file.values))


def positions(given: Values, files: Sequence[Places], sets: Sequence[str] = ()) -> dict[Path, Position]:
    """Where each leaf of the merged values comes from: the --set flag that gives it, else the last file that says
    something there. None for a value that no file gives (standard input, a URL)."""
    found = {}
    for path, value in leaves(dict(given)):
        name = dotted(path)
        if any(name == key or key.startswith((f"{name}.", f"{name}[")) for key in sets):
            found[path] = Position("--set")
            continue
        for file in reversed(files):
            if file.defines(path):
                if not file.encrypted and not equal(lookup(file.values, path), value):
                    break  # another layer above the file gives it
                found[path] = Position(file.name, file.line(path), file.comment(path))
                break
    return found


def _readable(reads: Mapping[Path, Maybe[bool]], path: Path) -> Maybe[bool]:
    return reads.get(path, Unknown("the chart's templates were not read"))


def _replaced(question: Question, override: Override) -> Override:
    """A dead empty value with what the templates' `default` makes of it."""
    dead, new, effective = override.judgement is Judgement.DEAD, question.new_defaults, question.effective
    if not (dead and is_empty(override.yours) and question.chart and isinstance(new, Known)):
        return override
    find = reader(
        template_texts(question.chart), new.value, effective.value if isinstance(effective, Known) else None
    )
    instead = find.instead(override.path)
    if not instead:
        return override
    yours = json.dumps(override.yours)
    reason = f"the template's `default {instead}` replaces {yours}: the same is rendered without it"
    return replace(override, reason=reason)


def _guesses(question: Question, found: Iterable[Override]) -> dict[Path, Path]:
    old, new = question.old_defaults, question.new_defaults
    if not isinstance(new, Known):
        return {}
    before = old.value if isinstance(old, Known) else {}
    known = [moved.old for moved in question.moved]
    guesses = {}
    for override in found:
        if (
            override.judgement is Judgement.DEAD
            and not _has_default(override)
            and not any(override.path[: len(each)] == each for each in known)
        ):
            guess = probable(override.path, override.yours, question.given, before, new.value)
            if guess:
                guesses[override.path] = guess
    return guesses


def _misspelled(question: Question, override: Override) -> Override:
    """A dead value below a map whose name nearly is that of another one."""
    new = question.new_defaults
    if override.judgement is not Judgement.DEAD or _has_default(override) or not isinstance(new, Known):
        return override
    known = [moved.old for moved in question.moved]
    if any(override.path[: len(old)] == old for old in known):
        return override
    meant = misspelled(override.path, new.value)
    if not meant:
        return override
    return replace(override, reason=f"{override.reason}; did you mean {dotted(meant)}?")


def _has_default(override: Override) -> bool:
    return isinstance(override.new_default, Known) and override.new_default.value is not ABSENT


def _with_guess(override: Override, guesses: Mapping[Path, Path]) -> Override:
    guess = guesses.get(override.path)
    if guess is None:
        return override
    reason = f"{override.reason}; probably {dotted(guess)} now (same type, similar name: look it up)"
    return replace(override, judgement=Judgement.RENAMED, reason=reason)


def _off(question: Question) -> tuple[Path, ...]:
    chart, effective = question.chart, question.effective
    return switched_off(chart, effective.value) if chart and isinstance(effective, Known) else ()


def _explained(override: Override, written: Mapping[str, Places], off: tuple[Path, ...]) -> Override:
    """The chart's own words about the key; where it has none, the user's stay."""
    reason, component = override.reason, component_of(override.path, off)
    if component and override.judgement in (Judgement.KEPT, Judgement.STALE_PIN):
        reason += f"; no effect now: {dotted(component)} is switched off"
    comment = chart_comment(written, override.path) or override.comment
    return replace(override, reason=reason, comment=comment)


def _new_defaults(
    question: Question, written: Mapping[str, Places], off: tuple[Path, ...]
) -> tuple[NewDefault, ...]:
    """Not those of components that are switched off: they take no effect."""
    old, new, effective = question.old_defaults, question.new_defaults, question.effective
    if not (isinstance(old, Known) and isinstance(new, Known) and isinstance(effective, Known)):
        return ()
    found = tuple(
        each
        for each in compare.new_defaults(old.value, new.value, effective.value)
        if not _shadowed(each.path, new.value)
        and not component_of(each.path, off)
        and not _given(question.given, each.path)
    )
    return tuple(replace(each, comment=chart_comment(written, each.path)) for each in found)


def _given(given: Values, path: Path) -> bool:
    """Whether the user says something there or, with a list or a null, above: the default takes no effect then."""
    for depth in range(1, len(path) + 1):
        value = lookup(given, path[:depth])
        if value is ABSENT:
            return False
        if not isinstance(value, dict):
            return True
    return True


def _shadowed(path: Path, new: Values) -> bool:
    """A subchart's own default below `global` that the umbrella's `global` overrides."""
    return path[1:2] == ("global",) and lookup(new, path[1:]) is not ABSENT


def chart_places(chart: ChartFiles) -> dict[str, Places]:
    """The values.yaml files of a chart and its subcharts by folder. One that cannot be read has no comments."""
    found = {}
    for path, data in chart.files.items():
        folder, _, name = path.rpartition("/")
        if name == "values.yaml" and "templates" not in folder.split("/"):
            try:
                found[folder] = Places(path, data, 4)
            except UnreadableYaml:
                continue
    return found


def _proposals(
    question: Question, found: Sequence[Override], guesses: Mapping[Path, Path], files: Sequence[Places]
) -> tuple[Proposal, ...]:
    new, effective, chart = question.new_defaults, question.effective, question.chart
    if not (isinstance(new, Known) and isinstance(effective, Known)):
        return ()
    return propose(
        Basis(
            overrides=found,
            guesses=guesses,
            moved=question.moved,
            behaviours=question.behaviours,
            given=question.given,
            new_defaults=new.value,
            effective=effective.value,
            files=files,
            sets=question.sets,
            chart=f"{chart.name} {chart.version}" if chart else "the new chart",
            start=question.start,
            unread=question.unread,
        )
    )
