"""Whether Helm's record of the new revision fits into the cluster: one Secret or ConfigMap of at most 1 MiB.

Passes: the record will have about 40 KiB.
Fails: it would have about 1.2 MiB: the API server refuses it and the upgrade fails.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "release-size"
TITLE = "Does Helm's record of the new revision fit into the cluster?"
DEFAULT = Policy.FAIL
HINT = (
    "make the chart's own files or the manifest smaller: files that no template reads belong into .helmignore"
)
LIMIT = 1 << 20
"""Bytes: MaxSecretSize of Kubernetes, for a ConfigMap alike."""
NEAR = 900 << 10
"""From here on the estimate is too near to the limit to promise anything."""


def run(facts: Facts, changes: Changes) -> Verdict:
    new, now = facts.kubernetes.record_bytes, facts.server.neighbours.release_bytes
    if isinstance(new, Unknown):
        return unknown(ID, f"the size of the new record is not known: {new.reason}")
    size = f"about {_kib(new.value)}"
    present = f"the present one has {_kib(now.value)}" if isinstance(now, Known) else f"present: {now.reason}"
    if new.value > LIMIT:
        return failed(ID, f"Helm's record of the new revision would have {size}; 1024 KiB fit", present)
    if new.value > NEAR:
        return unknown(ID, f"Helm's record of the new revision will have {size}; 1024 KiB fit", present)
    return passed(ID, f"Helm's record of the new revision will have {size} of 1024 KiB", present)


def _kib(size: int) -> str:
    return f"{-(-size // 1024)} KiB"
