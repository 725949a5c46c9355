"""Whether the release has one gateway only: the run backs up and proves one.

Passes: one Deployment runs a gateway.
Fails: an umbrella chart has two gateway subcharts: of the second nothing is backed up, restored or proven.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, not_applicable, passed

ID = "one-gateway"
TITLE = "Is all of the release's gateway backed up and proven?"
DEFAULT = Policy.WARN
HINT = "back up and look at the others yourself: the run ends inconclusive (exit code 6) at best"


def run(facts: Facts, changes: Changes) -> Verdict:
    found = facts.gateways_after or facts.gateways_before
    if not found:
        return not_applicable(ID, "no manifest of the release has a Tyk gateway")
    if len(found) == 1:
        return passed(ID, f"{found[0]} is the only gateway")
    others = ", ".join(map(str, found[1:]))
    return failed(
        ID,
        f"the release has {len(found)} gateways, and only {found[0]} is backed up and proven, not {others}",
    )
