"""Ask the world, side by side where the answers do not depend on each other, and only what was asked for.

Helm is started before the rest of the program is loaded: both take a while, and there are processors for both.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from helm_tyk_upgrade.planning.release import find_stored

if TYPE_CHECKING:
    from helm_tyk_upgrade.context import Context
    from helm_tyk_upgrade.model.change import EditedFile
    from helm_tyk_upgrade.model.facts import Facts
    from helm_tyk_upgrade.model.inputs import Layers, Request
    from helm_tyk_upgrade.model.known import Maybe
    from helm_tyk_upgrade.model.plan import ValuesInput
    from helm_tyk_upgrade.model.release import Stored
    from helm_tyk_upgrade.model.values import Proposal
    from helm_tyk_upgrade.planning.accepting import Choose
    from helm_tyk_upgrade.planning.answers import Answers
    from helm_tyk_upgrade.planning.asking import Questions
    from helm_tyk_upgrade.planning.chart_facts import OldChart, Target


@dataclass(frozen=True)
class Gathered:
    """The facts, and the file edits that the request makes necessary."""

    facts: Facts
    edited: tuple[EditedFile, ...]


def gather(
    request: Request, context: Context, choose: Choose | None = None, only: tuple[str, ...] = ()
) -> Gathered:
    """Everything a plan is made from. Raises TykUpgradeError where no plan can be made at all; what merely could
    not be found out is Unknown in the facts. choose: which proposals --write accepts (the safe ones where nobody
    chooses); only: the parts of the plan that are wanted (values, diff, checks; none: all): what the others need is
    not asked."""
    with ThreadPoolExecutor(max_workers=32) as pool:
        start = _start(pool, context, request)
        from helm_tyk_upgrade.planning import asking

        context.helm.check_flags(request.flags)
        stored = start.stored.result()
        if stored.release.pending:
            _refuse(context, stored)
        values = start.values.result()
        context.helm.check_flags(request.flags, stored.release.apply_method)
        decided = planned_values(request, context, start, values, choose)
        answers = asking.ask(questions(pool, context, request, only, start, values, decided))
    return gathered(context, request, only, answers, decided)


@dataclass(frozen=True)
class Start:
    """Questions that need nothing but the request, or the release."""

    stored: Future[Stored]
    values: Future[ValuesInput]
    chart: Future[Target]
    old: Future[Maybe[OldChart]]


def _start(pool: ThreadPoolExecutor, context: Context, request: Request) -> Start:
    stored = pool.submit(find_stored, context.helm, context.namespace, request.release)
    values = pool.submit(_values, context, request, stored)
    chart = pool.submit(_chart, context, request, stored)
    return Start(stored, values, chart, pool.submit(_old_chart, context, request, stored, chart))


def _values(context: Context, request: Request, stored: Future[Stored]) -> ValuesInput:
    from helm_tyk_upgrade.planning.values_facts import given_values

    return given_values(request, context, stored.result)


def _chart(context: Context, request: Request, stored: Future[Stored]) -> Target:
    from helm_tyk_upgrade.planning.chart_facts import target_chart

    return target_chart(context, request, stored.result().release)


def _old_chart(
    context: Context, request: Request, stored: Future[Stored], chart: Future[Target]
) -> Maybe[OldChart]:
    from helm_tyk_upgrade.planning.chart_facts import old_chart

    return old_chart(context, request, stored.result().release, chart.result())


def _refuse(context: Context, stored: Stored) -> None:
    """Helm renders nothing for a release that is pending."""
    from helm_tyk_upgrade.planning.pending import refuse_pending

    refuse_pending(context, stored.release)


@dataclass(frozen=True)
class PlannedValues:
    """What the user's values will be. refused: accepted proposals that cannot be made."""

    layers: Layers
    edited: tuple[EditedFile, ...] = ()
    refused: tuple[tuple[Proposal, str], ...] = ()


def planned_values(
    request: Request, context: Context, start: Start, values: ValuesInput, choose: Choose | None
) -> PlannedValues:
    """What --write and --gateway-version make of the values. Without them nothing is waited for."""
    if not request.write and not request.gateway_version:
        return PlannedValues(values.layers)
    from helm_tyk_upgrade.model.known import Known, Unknown
    from helm_tyk_upgrade.planning.accepting import safe_ones
    from helm_tyk_upgrade.planning.write_edits import planned_values as with_edits

    stored, target, old = start.stored.result(), start.chart.result(), start.old.result()
    files = old if isinstance(old, Unknown) else Known(old.value.files)
    found = with_edits(
        request, context, stored.release, target, files, stored.manifest, values, choose or safe_ones
    )
    return PlannedValues(found.layers, found.edited, found.refused)


def questions(
    pool: ThreadPoolExecutor,
    context: Context,
    request: Request,
    only: tuple[str, ...],
    start: Start,
    values: ValuesInput,
    decided: PlannedValues,
) -> Questions:
    from helm_tyk_upgrade.planning.asked import Asked
    from helm_tyk_upgrade.planning.asking import Questions
    from helm_tyk_upgrade.planning.values_input import as_planned

    planned = as_planned(decided.layers, {file.file: file.after for file in decided.edited})
    given = replace(values, layers=decided.layers)
    stored, target, old = start.stored.result(), start.chart.result(), start.old.result()
    return Questions(pool, context, request, Asked(only), stored, target, old, given, planned)


def gathered(
    context: Context, request: Request, only: tuple[str, ...], answers: Answers, decided: PlannedValues
) -> Gathered:
    from helm_tyk_upgrade.manifests.secrets import secret_values
    from helm_tyk_upgrade.manifests.split import split
    from helm_tyk_upgrade.planning.facts import assemble, with_history_limit

    for manifest in (answers.stored.manifest, answers.rendered.manifest):
        context.masker.learn(secret_values(split(manifest)))
    today = f"{context.clock.now():%Y-%m-%d}"
    facts = assemble(request, only, today, answers, decided.refused)
    flags = with_history_limit(request.flags, context.env)
    return Gathered(replace(facts, flags=flags), decided.edited)
