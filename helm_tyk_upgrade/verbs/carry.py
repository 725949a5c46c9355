"""From what was agreed to, to the outcome: shared by upgrade, apply and rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helm_tyk_upgrade import __version__
from helm_tyk_upgrade.context import Context, run_id
from helm_tyk_upgrade.edge.clock import stamp
from helm_tyk_upgrade.errors import Exit, TykUpgradeError
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.known import Maybe, Unknown
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.release import Release

if TYPE_CHECKING:
    from pathlib import Path

    from helm_tyk_upgrade.applying.record import ClusterRecord
    from helm_tyk_upgrade.model.intent import Intent, WayBack
    from helm_tyk_upgrade.planning.resuming import CutOff
    from helm_tyk_upgrade.store.intents import KeptRun
    from helm_tyk_upgrade.store.journal import Journal, RunHeader
    from helm_tyk_upgrade.targets.release import ReleaseTarget


def carry(plan: Plan, context: Context, *, command: str, bundle_dir: str, output: str) -> int:
    """Carry a plan out, show the outcome, return its exit code."""
    from helm_tyk_upgrade.applying.intent import intent_of
    from helm_tyk_upgrade.model.intent import WayBack

    to_chart = f"{plan.archive.name}-{plan.archive.version}"
    header = _header(context, command, plan.release, to_chart)
    back = WayBack(plan.rollback_to, plan.values_changes.edited_files, _gateway_of(plan, context), plan.flags)
    return _carry(context, header, plan.release, plan.settings, back, bundle_dir, output, intent_of(plan))


def _gateway_of(plan: Plan, context: Context) -> Maybe[str]:
    """The gateway version of the revision that a rollback goes to: not the present one where that never worked."""
    if plan.rollback_to == plan.release.revision:
        return plan.gateway_before
    if not plan.rollback_to:
        return Unknown("there is no revision to go back to")
    from helm_tyk_upgrade.planning.gateway_facts import version_in

    release = plan.release
    return version_in(context.helm.stored(release.name, release.namespace, plan.rollback_to).manifest)


def carry_back(
    back: WayBack,
    release: Release,
    context: Context,
    *,
    settings: RunSettings,
    to_chart: str,
    bundle_dir: str,
    output: str,
) -> int:
    """Go back, show the outcome, return its exit code."""
    header = _header(context, "rollback", release, to_chart)
    return _carry(context, header, release, settings, back, bundle_dir, output)


def _header(context: Context, command: str, release: Release, to_chart: str) -> RunHeader:
    from helm_tyk_upgrade.store.journal import RunHeader

    return RunHeader(
        run=run_id(context.clock),
        command=command,
        namespace=release.namespace,
        release=release.name,
        from_revision=release.revision,
        from_chart=f"{release.chart}-{release.chart_version}",
        to_chart=to_chart,
        time=stamp(context.clock.now()),
        tool=__version__,
    )


def carry_on(cut: CutOff, target: ReleaseTarget, context: Context, *, output: str) -> int:
    """Go on with a run that was cut off, show the outcome, return its exit code. The target holds the lock."""
    from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
    from helm_tyk_upgrade.store.journal import RESUMED

    kept, journal = cut.kept, cut.journal
    moved = StepResult(StepStatus.DONE, "gone on with on another machine") if cut.moved else None
    journal.append(Entry(len(journal.entries) + 1, "", RESUMED, stamp(context.clock.now()), moved))
    return _finish(kept, journal, target, cut.bundles, context, output)


def _carry(
    context: Context,
    header: RunHeader,
    release: Release,
    settings: RunSettings,
    back: WayBack,
    bundle_dir: str,
    output: str,
    intent: Intent | None = None,
) -> int:
    from helm_tyk_upgrade.store.intents import KeptRun
    from helm_tyk_upgrade.store.journal import create
    from helm_tyk_upgrade.targets.release import ReleaseTarget
    from helm_tyk_upgrade.verbs.state_folder import use_writable

    if note := use_writable(context):
        context.say(note)
    kept, target = KeptRun(release, settings, back, intent), ReleaseTarget(context, release)
    journal, bundles = create(context.runs_folder, header), context.bundle_folder(bundle_dir)
    return _finish(kept, journal, target, bundles, context, output)


def _finish(
    kept: KeptRun, journal: Journal, target: ReleaseTarget, bundles: Path, context: Context, output: str
) -> int:
    from helm_tyk_upgrade.applying.display import Display
    from helm_tyk_upgrade.applying.loop import carry_out
    from helm_tyk_upgrade.applying.run import Run
    from helm_tyk_upgrade.report.live import progress
    from helm_tyk_upgrade.verbs.show import show_outcome

    record = record_in_cluster(journal, context)
    live = context.streams.stderr.isatty() and not context.ci
    with progress(context.streams.stderr, context.masker, live=live) as view:
        run = Run(
            context,
            kept.release,
            kept.settings,
            kept.way_back,
            journal,
            target,
            Display(view),
            bundles,
            kept.intent,
            record,
        )
        outcome = carry_out(run)
    if record is not None:
        _say_of(record, context)
    try:
        show_outcome(outcome, context, output)
        context.streams.stdout.flush()
    except Exception as error:
        # The run is over: its exit code must not be lost with its report (a closed pipe, a full disk).
        raise TykUpgradeError(
            f"run {run.id} ended ({outcome.ending.value}), but its report cannot be written: {error}",
            f"`helm tyk-upgrade runs {run.id}` shows it",
            exit_code=Exit(outcome.exit_code),
        ) from error
    return outcome.exit_code


def record_in_cluster(journal: Journal, context: Context) -> ClusterRecord | None:
    """What keeps the journal in the cluster too; None, and said, where there is no connection."""
    from helm_tyk_upgrade.applying.record import ClusterRecord
    from helm_tyk_upgrade.cluster.run_records import RunRecords

    try:
        return ClusterRecord(RunRecords(context.cluster, journal.header.namespace), journal)
    except TykUpgradeError as error:
        context.say(f"No record of this run in the cluster: {context.masker.text(error.message)}")
        return None


def _say_of(record: ClusterRecord, context: Context) -> None:
    if record.trouble:
        context.say(
            f"The record in the cluster does not have all of this run: {context.masker.text(record.trouble)}"
        )
    if record.pruning:
        context.say(f"Older records in the cluster stay: {context.masker.text(record.pruning)}")
