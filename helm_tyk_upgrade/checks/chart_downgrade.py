"""Whether the chart would go back to an older version.

Passes: 4.0.0 -> 5.3.0, or the same version again.
Fails: --version 3.0.0 on a release of 4.0.0: its templates and defaults are those of the past.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, not_applicable, passed, unknown
from helm_tyk_upgrade.model.version import compare, is_version

ID = "chart-downgrade"
TITLE = "Does the chart version go back?"
DEFAULT = Policy.WARN
HINT = (
    "leave --version out for the newest; to undo an upgrade, rollback restores the old values and objects too"
)


def run(facts: Facts, changes: Changes) -> Verdict:
    name, old, new = facts.archive.name, facts.release.chart_version, facts.archive.version
    if name != facts.release.chart:
        return not_applicable(ID, f"{name} is another chart than {facts.release.chart}")
    strange = [version for version in (old, new) if not is_version(version)]
    if strange:
        return unknown(ID, f"{strange[0] or 'an empty text'} is no version that can be compared")
    if compare(new, old) < 0:
        return failed(
            ID, f"the chart goes back from {old} to {new}: templates and defaults become those of {new}"
        )
    return passed(ID, f"the chart stays at {new}" if new == old else f"the chart goes from {old} to {new}")
