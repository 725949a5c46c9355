"""Whether requests will be lost while pods are replaced: foretold from how they stop, start and how many there are.

Passes: 2 replicas with maxUnavailable 0, a preStop sleep and a readiness probe.
Fails: the gateway has 1 replica and maxUnavailable 1; its pods have no preStop sleep.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.kubernetes import UNCOUNTED, Interruption
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "availability"
TITLE = "Will requests be lost while pods are replaced?"
DEFAULT = Policy.WARN
HINT = "look at the strategy, the probes and preStop of the workloads that restart"


def run(facts: Facts, changes: Changes) -> Verdict:
    replaced = {change.id for change in changes.objects.restarting}
    if not replaced:
        return passed(ID, "no pod is replaced")
    found = facts.kubernetes.interruptions
    if isinstance(found, Unknown):
        return unknown(ID, f"how pods are replaced could not be read: {found.reason}")
    ours = [each for each in found.value if each.id in replaced]
    certain = [each for each in ours if each.certain]
    risks = [each.reason for each in sorted(ours, key=_rank) if not each.certain]
    uncounted = [each for each in ours if each.rule == UNCOUNTED]
    if uncounted and not certain:
        return unknown(ID, risks[0], *risks[1:], *_unasked(facts), hint=_hints(uncounted))
    if not certain:
        return passed(ID, "each workload's pods are replaced one after the other", *risks, *_unasked(facts))
    others = [each.reason for each in certain[1:]]
    return failed(ID, f"requests will be lost: {certain[0].reason}", *others, *risks, hint=_hints(certain))


def _rank(found: Interruption) -> bool:
    """What could not be found out before what only might happen."""
    return found.rule != UNCOUNTED


def _hints(certain: list[Interruption]) -> str:
    return "; ".join(dict.fromkeys(each.hint for each in certain))


def _unasked(facts: Facts) -> tuple[str, ...]:
    budgets = facts.server.neighbours.budgets
    if isinstance(budgets, Unknown):
        return (f"whether PodDisruptionBudgets guard the pods is not known: {budgets.reason}",)
    return ()
