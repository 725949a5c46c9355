"""Whether another run holds the release.

Passes: there is no lease, or its holder gave no sign of life in its time.
Fails: `ana@laptop pid 7` holds it, its last sign of life is 4 s old.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "foreign-lock"
TITLE = "Does another run hold the release?"
DEFAULT = Policy.FAIL
HINT = "wait for it (`upgrade --lock-wait 10m` does); a lease that was left behind ends by itself in a minute"


def run(facts: Facts, changes: Changes) -> Verdict:
    found, release = facts.lock, facts.release
    if isinstance(found, Unknown):
        return unknown(ID, found.reason)
    if found.value is None:
        return passed(ID, f"nobody holds {release}")
    if found.value.alive:
        return failed(ID, f"{release} is held by {found.value.who}")
    return passed(ID, f"the lease of {release} was left behind by {found.value.who}; the run takes it over")
