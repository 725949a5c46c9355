"""Facts -> Plan. Pure: everything was asked before."""

from __future__ import annotations

from helm_tyk_upgrade.checks import parse_policies, run_checks
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.change import EditedFile, ManifestChanges, NewDefault, ValuesChanges
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.inputs import Request
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.release import Revision
from helm_tyk_upgrade.planning.gather import Gathered
from helm_tyk_upgrade.values.compare import changes, new_defaults
from helm_tyk_upgrade.values.overrides import overrides


def build(gathered: Gathered, request: Request) -> Plan:
    """The plan with every check judged. Raises UsageError for a --policy that names no check."""
    facts = gathered.facts
    policies = parse_policies(list(request.policies))
    found = Changes(values_changes(facts, gathered.edited), object_changes(facts))
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
        rollback_to=rollback_revision(facts.history),
        catalogue_notes=_notes(facts),
    )


def object_changes(facts: Facts) -> ManifestChanges:
    stored, rendered = facts.stored, facts.rendered
    return compare(stored.manifest, rendered.manifest, stored.hooks, rendered.hooks, facts.release.namespace)


def values_changes(facts: Facts, edited: tuple[EditedFile, ...]) -> ValuesChanges:
    yours, only_in_release = changes(facts.stored.values, facts.given)
    return ValuesChanges(
        yours=yours,
        overrides=overrides(facts.given, facts.old_defaults, facts.new_defaults, facts.effective),
        new_defaults=_new_defaults(facts),
        only_in_release=only_in_release,
        edited_files=edited,
        unknown=tuple(
            answer.reason for answer in (facts.old_defaults, facts.effective) if isinstance(answer, Unknown)
        ),
    )


def rollback_revision(history: tuple[Revision, ...]) -> int:
    """The revision a rollback goes to: the newest that worked; 0 where none did."""
    return max((item.revision for item in history if item.status in ("deployed", "superseded")), default=0)


def _new_defaults(facts: Facts) -> tuple[NewDefault, ...]:
    old, new, effective = facts.old_defaults, facts.new_defaults, facts.effective
    if isinstance(old, Known) and isinstance(new, Known) and isinstance(effective, Known):
        return new_defaults(old.value, new.value, effective.value)
    return ()


def _notes(facts: Facts) -> tuple[str, ...]:
    if isinstance(facts.catalogued, Unknown):
        return (facts.catalogued.reason,)
    return facts.catalogued.value.notes
