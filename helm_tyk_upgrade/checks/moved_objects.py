"""Whether something that clients find by its name or address moves, or closes.

Passes: Services keep their name, type and ports.
Fails: Service gateway-a is deleted and gateway-b made; a LoadBalancer becomes a ClusterIP.
"""

from __future__ import annotations

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed

ID = "moved-objects"
TITLE = "Do clients find the gateway where they found it before?"
DEFAULT = Policy.WARN
HINT = "keep names, namespaces, Service types and ports in the values, or tell the clients first"


def run(facts: Facts, changes: Changes) -> Verdict:
    found = [danger for danger in changes.objects.dangers if danger.effect == "address changes"]
    if not found:
        return passed(ID, "no address that clients use changes")
    hints = "; ".join(dict.fromkeys(danger.hint for danger in found))
    return failed(ID, *(danger.reason for danger in found), hint=hints)
