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
    sick = [f"{pod.pod}: {_ailment(pod)}" for pod in baseline.pods if _ailment(pod)]
    if sick:
        return failed(ID, f"{len(sick)} of {len(baseline.pods)} gateway pods are not healthy", *sick)
    unread = [pod for pod in baseline.pods if isinstance(pod.health, Unknown)]
    if unread and isinstance(unread[0].health, Unknown):
        return unknown(ID, f"{unread[0].pod}: {unread[0].health.reason}")
    return passed(ID, f"{len(baseline.pods)} gateway pods are ready and healthy")


def _ailment(pod: PodBaseline) -> str:
    if isinstance(pod.health, Known) and pod.health.value != "pass":
        return f"its health endpoint says {pod.health.value}"
    if not pod.ready:
        return "not ready"
    return ""
