"""Whether the gateway is healthy before anything is touched: a broken one cannot prove an upgrade.

Passes: both gateway pods are ready and their /hello says redis pass.
Fails: Redis is down: /hello of every pod says fail.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.baseline import PodBaseline
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "baseline-unhealthy"
TITLE = "Is the gateway healthy now?"
DEFAULT = Policy.FAIL
HINT = "mend the gateway first (Redis, pods), then upgrade"


def run(facts: Facts, changes: Changes) -> Verdict:
    if isinstance(facts.baseline, Unknown):
        return unknown(ID, facts.baseline.reason)
    baseline = facts.baseline.value
    if not baseline.pods:
        return failed(ID, f"no pod of {baseline.workload} runs")
    missing = baseline.desired - len(baseline.pods)
    if missing > 0:
        return failed(ID, f"{missing} of {baseline.desired} pods of {baseline.workload} are not there")
    sick = [f"{pod.pod}: {_ailment(pod)}" for pod in baseline.pods if _ailment(pod)]
    if sick:
        return failed(ID, f"{len(sick)} of {len(baseline.pods)} gateway pods are not healthy", *sick)
    doubts = [f"{pod.pod}: {_doubt(pod)}" for pod in baseline.pods if _doubt(pod)]
    if doubts:
        return unknown(ID, doubts[0], *doubts[1:])
    return passed(ID, f"{len(baseline.pods)} gateway pods are ready and healthy")


def _ailment(pod: PodBaseline) -> str:
    if isinstance(pod.health, Known) and pod.health.value == "fail":
        return "its health endpoint says fail"
    if not pod.ready:
        return "not ready"
    return ""


def _doubt(pod: PodBaseline) -> str:
    """`warn` is neither: the gateway works, but one of its other services does not."""
    if isinstance(pod.health, Unknown):
        return pod.health.reason
    return "" if pod.health.value == "pass" else f"its health endpoint says {pod.health.value}"
