"""Facts with these findings about Kubernetes, and the rest as it should be."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from helm_tyk_upgrade.model.facts import Facts
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.kubernetes import KubernetesFindings
from helm_tyk_upgrade.model.server import LiveNeighbours, ServerTruth
from helm_tyk_upgrade.model.verdict import Status
from tests.checks.build import changes, facts


def found(**parts: Any) -> Facts:
    known = LiveNeighbours(budgets=Known(()), release_bytes=Known(20 << 10))
    return facts(kubernetes=KubernetesFindings(**parts), server=ServerTruth(neighbours=known))


def is_unknown_without(check: ModuleType, part: str) -> bool:
    """Whether the check says unknown, with the reason, where its answer is."""
    verdict = check.run(found(**{part: Unknown("the API server does not answer")}), changes())
    return verdict.status is Status.UNKNOWN and "the API server does not answer" in verdict.reason
