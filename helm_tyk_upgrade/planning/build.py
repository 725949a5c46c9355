"""Facts -> Plan. Pure: everything was asked before."""

from __future__ import annotations

from helm_tyk_upgrade.checks import parse_policies, run_checks
from helm_tyk_upgrade.manifests.diff import compare, label_random, random_fields
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.change import EditedFile, ManifestChanges, ValuesChanges
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.inputs import Request
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.values import ValuesAdvice
from helm_tyk_upgrade.planning.advising import advise
from helm_tyk_upgrade.planning.gather import Gathered
from helm_tyk_upgrade.planning.way_back import newest_good
from helm_tyk_upgrade.values.compare import changes
from helm_tyk_upgrade.values.judging import Judged


def build(gathered: Gathered, request: Request) -> Plan:
    """The plan with every check judged. Raises UsageError for a --policy that names no check."""
    facts = gathered.facts
    policies = parse_policies(list(request.policies))
    judged = judge_values(facts, gathered.edited)
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
        verdicts=run_checks(facts, found, policies),
        flags=request.flags,
        settings=request.settings,
        rollback_to=newest_good(facts.history),
        catalogue_notes=_notes(facts),
        cluster=facts.cluster,
        deployed=_deployed(facts),
        server=facts.server,
        transitions=facts.transitions,
        plugins=facts.plugins,
        advice=ValuesAdvice(judged.proposals, judged.warnings, facts.refused_edits),
    )


def object_changes(facts: Facts) -> ManifestChanges:
    stored, rendered = facts.stored, facts.rendered
    found = compare(stored.manifest, rendered.manifest, stored.hooks, rendered.hooks, facts.release.namespace)
    again = facts.rendered_again
    if again is None:
        return found
    random = random_fields(
        (*split(rendered.manifest), *split(rendered.hooks)), (*split(again.manifest), *split(again.hooks))
    )
    return label_random(found, random)


def judge_values(facts: Facts, edited: tuple[EditedFile, ...]) -> Judged:
    return advise(
        chart=facts.chart_files,
        start=facts.release.chart_version,
        to=facts.archive.version,
        given=facts.given,
        old_defaults=facts.old_defaults,
        new_defaults=facts.new_defaults,
        effective=facts.effective,
        files=facts.values.files,
        edited=edited,
        sets=facts.values.layers.sets,
        hidden=facts.hidden_values,
        reads=facts.template_reads,
        helm_major=facts.helm.major,
    )


def values_changes(facts: Facts, edited: tuple[EditedFile, ...], judged: Judged) -> ValuesChanges:
    yours, only_in_release = changes(facts.stored.values, facts.given)
    return ValuesChanges(
        yours=yours,
        overrides=judged.overrides,
        new_defaults=judged.new_defaults,
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
