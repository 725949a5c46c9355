"""Whether live objects were changed outside Helm in fields that the upgrade, or its rollback, would overwrite.

Passes: every field that the stored manifest sets is live as Helm stored it.
Fails: somebody set the memory limit with kubectl edit: the upgrade sets it back.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.server import Drift
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown
from helm_tyk_upgrade.model.words import count

ID = "drift"
TITLE = "Does the upgrade overwrite changes that were made outside Helm?"
DEFAULT = Policy.WARN
HINT = "put what must stay into the values; everything else is set back to what the chart renders"


def run(facts: Facts, changes: Changes) -> Verdict:
    found = facts.server.drift
    unread = tuple(f"not read: {one}" for one in facts.server.unread)
    if isinstance(found, Unknown):
        return unknown(ID, found.reason, *unread)
    more = f"{count(len(unread), 'object')} could not be read" if unread else ""
    lines = tuple(map(_line, found.value))
    if lines:
        reason = f"{count(len(lines), 'change')} made outside Helm would be overwritten"
        return failed(ID, "; ".join(filter(None, (reason, more))), *lines, *unread)
    if unread:
        return unknown(ID, more, *unread)
    return passed(ID, "the live objects are as Helm stored them")


def _line(drift: Drift) -> str:
    """Without the values, which may be secret: the plan shows them where they are not."""
    if not drift.path:
        return f"{drift.id} is not in the cluster any more"
    who = f" by {drift.manager}" if drift.manager else ""
    when = f" at {drift.time}" if drift.time else ""
    return f"{drift.id} {drift.path}: changed{who}{when}"
