"""Whether definitions would stop working for good: a change of format that no rollback undoes.

Passes: 5.8.5 -> 5.13.1, or 5.2.4 -> 5.3.0 with only classic APIs.
Fails: 5.2.4 -> 5.13.1 with OAS APIs in files: nobody converts them, and what is converted 5.2.4 cannot read.
Unknown: a gateway version that the data does not know. (A chart outside of the data has no definitions to break.)
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.knowledge import OUTSIDE_OF_DATA
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "one-way-changes"
TITLE = "Would API definitions stop working for good?"
DEFAULT = Policy.FAIL
HINT = "back up, convert the definitions and try them on the new version first; then --policy one-way-changes=warn"


def run(facts: Facts, changes: Changes) -> Verdict:
    if isinstance(facts.transitions, Unknown):
        return unknown(ID, facts.transitions.reason)
    mine = [one for one in facts.transitions.value if one.check == ID]
    met = [one for one in mine if one.concerns == Known(True)]
    if met:
        return failed(ID, met[0].what, *met[0].evidence, hint=met[0].todo)
    unsure = [one for one in mine if isinstance(one.concerns, Unknown)]
    unsure += [one for one in facts.transitions.value if one.id == f"gateway{OUTSIDE_OF_DATA}"]
    for one in unsure:
        assert isinstance(one.concerns, Unknown)
        return unknown(ID, f"{one.what} ({one.concerns.reason})", hint=one.todo)
    return passed(ID, "no change on record does that")
