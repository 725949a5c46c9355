"""What is true of the gateway before anything is touched; a broken gateway cannot prove an upgrade."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helm_tyk_upgrade.applying.run import Run, done, unknown
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.gateway import Inventory
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.targets.definitions import saved_inventory

NAME = "baseline"
ON_ERROR = StepStatus.UNKNOWN


def do(run: Run) -> StepResult:
    """The plan read it a moment ago; what the proof compares with is recorded here."""
    read = _now(run) if run.intent is None else run.upgrade.baseline
    inventory = read.value.inventory if isinstance(read, Known) else read
    if isinstance(inventory, Unknown):
        inventory = _saved(run, inventory)
    facts: dict[str, Any] = {}
    if isinstance(inventory, Known):
        facts["apis"] = {api.id: api.name for api in inventory.value.apis}
        facts["policies"] = {policy.id: policy.name for policy in inventory.value.policies}
    if isinstance(read, Unknown):
        return unknown(read.reason, **facts)
    baseline = read.value
    facts |= {"pods": [pod.pod for pod in baseline.pods], "versions": list(baseline.versions)}
    if isinstance(baseline.signatures, Known):
        facts["signatures"] = sorted(baseline.signatures.value)
    versions = ", ".join(baseline.versions) or "of unknown version"
    return done(f"{len(baseline.pods)} gateway pods, {versions}", **facts)


def _now(run: Run) -> Maybe[Baseline]:
    """A rollback has no plan that read it."""
    try:
        manifest = run.context.helm.stored(run.release.name, run.release.namespace).manifest
        return Known(run.target.read_baseline(manifest))
    except TykUpgradeError as error:
        return Unknown(error.message)


def _saved(run: Run, why: Unknown) -> Maybe[Inventory]:
    """What the bundle that is gone back to holds: a gateway that was broken cannot tell what it had."""
    if not run.way_back.bundle:
        return why
    try:
        return Known(saved_inventory(Path(run.way_back.bundle)))
    except TykUpgradeError:
        return why
