"""Whether values that the release uses are missing from what is given now: they would be lost.

Passes: every key of `helm get values` is in values.yaml.
Fails: the release was installed with `--set global.redis.pass=...` and no file has that key.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.change import dotted
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed

ID = "values-only-in-release"
TITLE = "Would values of the release be lost?"
DEFAULT = Policy.FAIL
HINT = "add them to your values file, or keep them with --keep-release-values"


def run(facts: Facts, changes: Changes) -> Verdict:
    lost = changes.values.only_in_release
    if lost:
        return failed(
            ID, f"{len(lost)} values that the release uses are in no given file", *map(dotted, lost)
        )
    return passed(ID, "every value of the release is given again")
