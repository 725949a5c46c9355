"""Whether the upgrade undoes what an autoscaler decided.

Passes: no autoscaler scales the release's workloads, or the manifest names no replica count.
Fails: the autoscaler runs 5 gateways and the manifest says `replicas: 2`.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.kubernetes import Rescaled
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "autoscaler"
TITLE = "Does the upgrade keep the replica count that an autoscaler has set?"
DEFAULT = Policy.WARN
HINT = "leave the replica count out of the values (null) where an autoscaler decides"


def run(facts: Facts, changes: Changes) -> Verdict:
    found = facts.kubernetes.rescaled
    if isinstance(found, Unknown):
        return unknown(ID, f"autoscalers could not be read: {found.reason}")
    lines = [_line(change, facts.flags.force_conflicts) for change in found.value]
    if not lines:
        return passed(ID, "no replica count of an autoscaler changes")
    return failed(ID, lines[0], *lines[1:], hint=_hint(found.value))


def _line(change: Rescaled, forced: bool) -> str:
    runs = f"autoscaler {change.autoscaler} runs {change.live} replicas of {change.id}"
    if not change.rendered:
        return f"{runs}; the manifest no longer names a count, so it falls to {change.then} first"
    if change.conflicts and not forced:
        return f"{runs}, the manifest says {change.then}: Helm meets a conflict with it and the upgrade fails"
    return f"{runs}; the upgrade sets {change.then}, until the autoscaler acts again"


def _hint(changes: tuple[Rescaled, ...]) -> str:
    """Dropping the count is the cure for later, and the harm of now."""
    if any(not change.rendered for change in changes):
        return "name the live count in the values for this one upgrade, then leave it out with a server-side apply"
    return HINT
