"""What a run set out to do, as far as its steps need it: all that was decided, nothing that can be asked again."""

from __future__ import annotations

from dataclasses import dataclass, field

from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.chart import ChartArchive
from helm_tyk_upgrade.model.inputs import Layers, UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.model.pods import WorkloadRef


@dataclass(frozen=True)
class WayBack:
    """What a rollback goes to: the revision (0: none ever worked), the values files as they were, and the gateway
    version that ran. flags: those of the user that `helm rollback` has too; bundle: the folder of the bundle that is
    gone back to, empty for the run's own."""

    revision: int
    files: tuple[EditedFile, ...]
    gateway: Maybe[str]
    flags: UpgradeFlags = field(default_factory=UpgradeFlags)
    bundle: str = ""


@dataclass(frozen=True)
class Intent:
    """What an upgrade will do.

    layers: what Helm is given once the files are written; files: the user's values files as they were read; edited:
    those that are written; moving: the workloads that the upgrade brings to its end; gateway: the version to prove;
    baseline: read for the plan, unknown in a run that was resumed (its journal has what the proof compares with);
    loss_accepted: the user agreed to lose definitions that cannot be backed up.
    """

    archive: ChartArchive
    layers: Layers
    flags: UpgradeFlags
    manifest: str = field(repr=False)
    moving: frozenset[WorkloadRef]
    gateway: Maybe[str]
    files: tuple[ValuesFile, ...]
    edited: tuple[EditedFile, ...]
    baseline: Maybe[Baseline] = field(repr=False)
    loss_accepted: bool = False

    @property
    def had_definitions(self) -> bool:
        """Whether the gateway held any definition a moment ago; True where that is not known."""
        if not isinstance(self.baseline, Known):
            return True
        held = self.baseline.value.inventory
        if not self.baseline.value.pods:
            return False
        return isinstance(held, Unknown) or bool(held.value.apis or held.value.policies)
