"""From the plan that was agreed to, to what the run will do."""

from __future__ import annotations

from helm_tyk_upgrade.model.intent import Intent
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.verdict import Policy
from helm_tyk_upgrade.targets.rollouts import concerned

LOSS = "apis-in-emptydir"
"""The check by whose policy a user agrees to lose definitions."""


def intent_of(plan: Plan) -> Intent:
    """Everything that the steps of an upgrade need of a plan."""
    return Intent(
        archive=plan.archive,
        layers=plan.values.layers,
        flags=plan.flags,
        manifest=plan.manifest,
        moving=concerned(plan.objects, plan.manifest, plan.release.namespace),
        gateway=_expected(plan),
        files=plan.values.files,
        edited=plan.values_changes.edited_files,
        baseline=plan.baseline,
        loss_accepted=any(item.check == LOSS and item.policy is Policy.IGNORE for item in plan.verdicts),
    )


def _expected(plan: Plan) -> Maybe[str]:
    """The version to prove: --expect-version before the one that the tag names."""
    gateway = plan.gateway
    if not isinstance(gateway, Known):
        return gateway
    return Known(gateway.value.expected) if gateway.value.expected else gateway.value.version
