"""The questions that need the chart and the values: put side by side, as far as they were asked for.

What takes long to load (the Kubernetes client above all) is loaded where it is needed, while Helm works.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.errors import HelmError
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.facts import CauseRenders
from helm_tyk_upgrade.model.inputs import Layers, Request
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.plan import ValuesInput
from helm_tyk_upgrade.model.release import Rendered, Stored
from helm_tyk_upgrade.planning.answers import Answers, CheckAnswers, ValueAnswers, unasked_checks
from helm_tyk_upgrade.planning.asked import Asked
from helm_tyk_upgrade.planning.causes import CauseQuestion, start_renders
from helm_tyk_upgrade.planning.chart_facts import OldChart, Target
from helm_tyk_upgrade.planning.merging import hidden_values, user_values
from helm_tyk_upgrade.planning.repeatable import asks_the_clock, may_be_random

if TYPE_CHECKING:
    from helm_tyk_upgrade.planning.gateway_facts import GatewayFacts
    from helm_tyk_upgrade.planning.value_answers import PendingValues


TICK = 1.1
"""Seconds between two renders that show what a template makes of the time: templates write whole seconds."""


@dataclass(frozen=True)
class Questions:
    """What they are about. planned: the layers as they will be after the edits; pool: where they are asked."""

    pool: ThreadPoolExecutor
    context: Context
    request: Request
    asked: Asked
    stored: Stored
    target: Target
    old: Maybe[OldChart]
    values: ValuesInput
    planned: Layers

    def render(self) -> Rendered:
        """What the upgrade would store; where the checks are wanted, held against the API server's schema too, as the
        upgrade will be."""
        release, chart = self.stored.release, self.target.archive.path
        layers, flags = self.planned, self.request.flags
        try:
            return self.context.helm.render(
                release.name, release.namespace, chart, layers, flags, validate=self.asked.checks
            )
        except HelmError as error:
            from helm_tyk_upgrade.planning.unserved import rendered_anyway

            return rendered_anyway(error, self.context, self.stored, chart, layers, flags)


def ask(questions: Questions) -> Answers:
    """Asks all that was asked for, and waits. Raises HelmError where the new chart cannot be rendered or the values
    cannot be read, UsageError where --gateway-version has no effect."""
    pool, context, target = questions.pool, questions.context, questions.target
    planned, flags = questions.planned, questions.request.flags
    rendered = pool.submit(questions.render)
    again = _start_again(questions, rendered) if may_be_random(target.files, planned, flags) else None
    hidden = pool.submit(hidden_values, context, planned.documents)
    given = user_values(context, questions.values, planned)
    causes = _start_causes(questions, given, rendered)
    merged = _start_values(questions, given)
    gateway = pool.submit(_gateway, questions, rendered)
    checks = _start_checks(questions, given, rendered, gateway, merged)
    no = questions.asked.not_asked
    _load_what_follows()
    return Answers(
        helm=context.helm.version(),
        stored=questions.stored,
        target=target,
        old=questions.old,
        values=questions.values,
        given=given,
        rendered=rendered.result(),
        again=again.result() if again else None,
        renders=causes(),
        hidden=hidden.result(),
        merged=merged.answers() if merged else ValueAnswers(no, no, no),
        gateway=gateway.result(),
        checks=checks(),
    )


def _start_again(questions: Questions, first: Future[Rendered]) -> Future[Rendered]:
    """The same once more, side by side with the first unless the clock has a say."""
    if asks_the_clock(questions.target.files, questions.planned):
        return questions.pool.submit(a_tick_later, questions.render, first, questions.context.clock)
    return questions.pool.submit(questions.render)


def a_tick_later(render: Callable[[], Rendered], first: Future[Rendered], clock: Clock) -> Rendered:
    """The second render, begun when the time has moved on for certain since the first asked for it. Raises what the
    first raised."""
    first.result()
    clock.sleep(TICK)
    return render()


def _load_what_follows() -> None:
    """What is made of the answers, loaded while Helm works."""
    from helm_tyk_upgrade.planning import build, facts  # noqa: F401


def _start_causes(
    questions: Questions, given: dict[str, Any], rendered: Future[Rendered]
) -> Callable[[], CauseRenders]:
    if not questions.asked.causes:
        return CauseRenders
    question = CauseQuestion(
        questions.stored,
        questions.old,
        questions.target,
        given,
        questions.planned,
        questions.request.flags,
    )
    return start_renders(questions.pool, questions.context, question, rendered)


def _start_values(questions: Questions, given: dict[str, Any]) -> PendingValues | None:
    if not questions.asked.values and not questions.asked.checks:
        return None
    from helm_tyk_upgrade.planning import value_answers

    old = questions.old
    files: Maybe[ChartFiles] = old if isinstance(old, Unknown) else Known(old.value.files)
    return value_answers.ask(
        questions.pool,
        questions.context,
        questions.target,
        files,
        given,
        questions.planned,
        reads=questions.asked.values,
    )


def _start_checks(
    questions: Questions,
    given: dict[str, Any],
    rendered: Future[Rendered],
    gateway: Future[Maybe[GatewayFacts]],
    merged: PendingValues | None,
) -> Callable[[], CheckAnswers]:
    if not questions.asked.checks or merged is None:
        return lambda: unasked_checks(questions.asked.not_asked)
    from helm_tyk_upgrade.planning import check_answers

    return check_answers.ask(
        questions.pool,
        questions.context,
        questions.request,
        questions.stored,
        questions.target,
        given,
        rendered,
        gateway,
        merged.subcharts,
    )


def _gateway(questions: Questions, rendered: Future[Rendered]) -> Maybe[GatewayFacts]:
    if not questions.asked.checks and not questions.request.gateway_version:
        return questions.asked.not_asked
    from helm_tyk_upgrade.planning.gateway_facts import gateway_facts

    today = f"{questions.context.clock.now():%Y-%m-%d}"
    return Known(
        gateway_facts(
            questions.request,
            questions.stored.manifest,
            rendered.result().manifest,
            questions.target.chosen.version,
            today,
        )
    )
