"""What differs between the stored and the planned objects, what of it is random, and why each field changes. Pure."""

from __future__ import annotations

from dataclasses import replace

from helm_tyk_upgrade.manifests.cause import attribute
from helm_tyk_upgrade.manifests.checksums import trace_checksums
from helm_tyk_upgrade.manifests.diff import compare, label_random, random_fields
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.change import ManifestChanges
from helm_tyk_upgrade.model.facts import Facts
from helm_tyk_upgrade.model.known import Maybe, Unknown
from helm_tyk_upgrade.model.release import Rendered


def object_changes(facts: Facts) -> ManifestChanges:
    """What differs between the stored and the planned objects, and why."""
    found = _against_stored(facts, facts.rendered)
    rendered, again = facts.rendered, facts.rendered_again
    if again is not None:
        random = random_fields(
            (*split(rendered.manifest), *split(rendered.hooks)), (*split(again.manifest), *split(again.hooks))
        )
        found = label_random(found, random)
    caused = _with_causes(facts, found)
    files = facts.chart_files.files if facts.chart_files else {}
    return replace(caused, checksums=trace_checksums(rendered.manifest, caused, files))


def _with_causes(facts: Facts, found: ManifestChanges) -> ManifestChanges:
    made = facts.renders
    renders = (made.old_chart_new_values, made.new_chart_old_values, made.new_defaults, made.today)
    causes = attribute(found, *(_changed_by(facts, found, render) for render in renders))
    reasons = dict.fromkeys(render.reason for render in renders if isinstance(render, Unknown))
    return replace(causes, open_causes=tuple(reasons))


def _changed_by(facts: Facts, found: ManifestChanges, render: Maybe[Rendered]) -> ManifestChanges | None:
    if isinstance(render, Unknown):
        return None
    return found if render.value is facts.rendered else _against_stored(facts, render.value)


def _against_stored(facts: Facts, rendered: Rendered) -> ManifestChanges:
    stored = facts.stored
    return compare(stored.manifest, rendered.manifest, stored.hooks, rendered.hooks, facts.release.namespace)
