"""A run that was cut off: which one, what it set out to do, and whether it can still go on. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.model.chart import ChartArchive
from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.store import intents
from helm_tyk_upgrade.store.bundle import BundleInfo, contents, read_bundle
from helm_tyk_upgrade.store.intents import KeptRun
from helm_tyk_upgrade.store.journal import (
    ENDED,
    Journal,
    RunHeader,
    is_at_work,
    list_runs,
    open_journal,
    reopen,
)


@dataclass(frozen=True)
class CutOff:
    """journal: locked by this process; kept: what the run set out to do; stopped: the step it was cut off in, empty
    between two; bundles: the folder that its bundle is in."""

    journal: Journal
    kept: KeptRun
    stopped: str
    bundles: Path


def find_cut_off(context: Context, run: str, release: str) -> CutOff:
    """The named run, or the newest that was cut off of the release (of the namespace, where none is named).

    Raises NotFound, UsageError where several could be meant, TykUpgradeError where a process is still at it, where it
    has ended, or where it had not changed anything yet.
    """
    name = run or _newest(context, release)
    journal = reopen(context.runs_folder, name)
    entries = journal.entries
    if _ended(entries):
        raise UsageError(f"run {name} has come to its end", f"`helm tyk-upgrade runs {name}` shows how")
    bundle = _bundle_of(entries)
    if not bundle:
        raise UsageError(
            f"run {name} was cut off before its backup was made: it has changed nothing",
            f"start it again: helm tyk-upgrade {journal.header.command}",
        )
    info = read_bundle(Path(bundle))
    kept = intents.decode(contents(info, intents.NAME))
    return CutOff(journal, _with_chart(kept, info, context), _open_step(entries), info.path.parents[2])


def states(runs: Path) -> dict[str, str]:
    """Of each run, oldest first: `ended`, `at work` or `cut off`."""
    return {header.run: _state(runs, header) for header in list_runs(runs)}


def _state(runs: Path, header: RunHeader) -> str:
    if _ended(open_journal(runs, header.run).entries):
        return "ended"
    return "at work" if is_at_work(runs, header.run) else "cut off"


def _newest(context: Context, release: str) -> str:
    state = states(context.runs_folder)
    found = [
        header
        for header in list_runs(context.runs_folder)
        if state.get(header.run) == "cut off"
        and header.namespace == context.namespace
        and release in ("", header.release)
    ]
    if not found:
        raise NotFound(
            f"no run of {release or 'a release'} in namespace {context.namespace} was cut off",
            "`helm tyk-upgrade runs` lists all runs of this machine; -n names the namespace",
        )
    if len({header.release for header in found}) > 1:
        names = ", ".join(f"{header.run} ({header.release})" for header in found)
        raise UsageError(f"several runs were cut off: {names}", "name one of them")
    return found[-1].run


def _ended(entries: tuple[Entry, ...]) -> bool:
    return bool(entries) and entries[-1].event == ENDED


def _bundle_of(entries: tuple[Entry, ...]) -> str:
    results = [entry.result for entry in entries if entry.step == "backup" and entry.result is not None]
    return str(results[-1].fact("bundle", "")) if results else ""


def _open_step(entries: tuple[Entry, ...]) -> str:
    """The step that began and has no end."""
    if not entries or entries[-1].event == "end":
        return ""
    return entries[-1].step


def _with_chart(kept: KeptRun, info: BundleInfo, context: Context) -> KeptRun:
    """The archive where it was, if it is still the same; else the bundle's copy. A chart in a folder is taken as it is
    there."""
    intent = kept.intent
    if intent is None:
        return kept
    path = Path(intent.archive.path)
    if path.is_dir() or (path.is_file() and sha256(path.read_bytes()) == intent.archive.digest):
        return kept
    copy = info.path / intents.CHART
    if sha256(contents(info, intents.CHART)) != intent.archive.digest:
        raise TykUpgradeError(
            f"the chart of the run is in {path} no more, and {copy} is another one",
            "helm tyk-upgrade rollback goes back",
        )
    archive: ChartArchive = replace(intent.archive, path=str(copy))
    return replace(kept, intent=replace(intent, archive=archive))
