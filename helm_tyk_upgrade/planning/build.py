"""Facts -> Plan. Pure: everything was asked before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helm_tyk_upgrade.model.change import EditedFile, ValuesChanges
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.inputs import Request
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.values import ValuesAdvice
from helm_tyk_upgrade.model.verdict import Verdict
from helm_tyk_upgrade.planning.asked import Asked
from helm_tyk_upgrade.planning.gather import Gathered
from helm_tyk_upgrade.planning.object_changes import object_changes
from helm_tyk_upgrade.values.compare import changes, taken_out

if TYPE_CHECKING:
    from helm_tyk_upgrade.values.judging import Judged


def build(gathered: Gathered, request: Request) -> Plan:
    """The plan with every check judged. Raises UsageError for a --policy that names no check."""
    facts = gathered.facts
    asked = Asked(facts.only)
    judged = _judged(facts, gathered.edited) if asked.values else None
    found = Changes(values_changes(facts, gathered.edited, judged), object_changes(facts))
    return Plan(
        helm=facts.helm,
        release=facts.release,
        chart=facts.chart,
        archive=facts.archive,
        gateway_before=facts.gateway_before,
        gateway=facts.gateway,
        baseline=facts.baseline,
        values=facts.values,
        values_changes=found.values,
        objects=found.objects,
        manifest=facts.rendered.manifest,
        verdicts=_verdicts(facts, found, request) if asked.checks else (),
        flags=request.flags,
        settings=request.settings,
        rollback_to=_rollback_to(facts),
        catalogue_notes=_notes(facts),
        cluster=facts.cluster,
        deployed=_deployed(facts),
        server=facts.server,
        transitions=facts.transitions,
        plugins=facts.plugins,
        advice=_advice(facts, judged),
        only=facts.only,
    )


# What judges is loaded only where something is judged: it is half of the program.


def _verdicts(facts: Facts, found: Changes, request: Request) -> tuple[Verdict, ...]:
    from helm_tyk_upgrade.checks import parse_policies, run_checks

    return run_checks(facts, found, parse_policies(list(request.policies)))


def _judged(facts: Facts, edited: tuple[EditedFile, ...]) -> Judged:
    from helm_tyk_upgrade.planning.value_changes import judge_values

    return judge_values(facts, edited)


def _rollback_to(facts: Facts) -> int:
    if not facts.history:
        return 0
    from helm_tyk_upgrade.planning.way_back import newest_good

    return newest_good(facts.history)


def _advice(facts: Facts, judged: Judged | None) -> ValuesAdvice:
    if judged is None:
        return ValuesAdvice(refused=facts.refused_edits)
    return ValuesAdvice(judged.proposals, judged.warnings, facts.refused_edits)


def values_changes(facts: Facts, edited: tuple[EditedFile, ...], judged: Judged | None) -> ValuesChanges:
    """judged: what the overrides mean; None where nobody asked."""
    yours, only_in_release = changes(facts.stored.values, facts.given, taken_out(edited))
    return ValuesChanges(
        yours=yours,
        overrides=judged.overrides if judged else (),
        new_defaults=judged.new_defaults if judged else (),
        only_in_release=only_in_release,
        edited_files=edited,
        unknown=tuple(
            answer.reason for answer in (facts.old_defaults, facts.effective) if isinstance(answer, Unknown)
        ),
    )


def _deployed(facts: Facts) -> str:
    return next((item.updated for item in facts.history if item.revision == facts.release.revision), "")


def _notes(facts: Facts) -> tuple[str, ...]:
    if isinstance(facts.catalogued, Unknown):
        return (facts.catalogued.reason,)
    return facts.catalogued.value.notes
