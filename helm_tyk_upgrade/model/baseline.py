"""What was true of the gateway before anything was touched."""

from __future__ import annotations

from dataclasses import dataclass

from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory, Policy
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown

NOT_SEARCHED = Unknown("its log was not searched for Go plugins")


@dataclass(frozen=True)
class LoggedPlugin:
    """A Go plugin that a log names. path: as the log has it; failed: why it was not loaded, empty where it was."""

    path: str
    failed: str = ""


@dataclass(frozen=True)
class PodBaseline:
    """One gateway pod. health: `pass`, `warn`, `fail` of its health endpoint; signatures: of the warnings and errors
    it has logged; plugins: the Go plugins that its log names."""

    pod: str
    ready: bool
    restarts: int
    image: str
    image_id: str
    version: Maybe[str]
    health: Maybe[str]
    inventory: Maybe[Inventory]
    signatures: Maybe[frozenset[str]]
    plugins: Maybe[tuple[LoggedPlugin, ...]] = NOT_SEARCHED


@dataclass(frozen=True)
class Baseline:
    """The gateway workload's pods. emptydir_apis / emptydir_policies: definitions are kept in an emptyDir, which
    a replaced pod loses."""

    workload: str
    kind: str
    desired: int
    pods: tuple[PodBaseline, ...]
    emptydir_apis: bool
    emptydir_policies: bool

    @property
    def inventory(self) -> Maybe[Inventory]:
        """The union over the pods; unknown when any pod's is."""
        apis: dict[str, ApiDefinition] = {}
        policies: dict[str, Policy] = {}
        for pod in self.pods:
            if isinstance(pod.inventory, Unknown):
                return pod.inventory
            apis.update({api.id: api for api in pod.inventory.value.apis})
            policies.update({policy.id: policy for policy in pod.inventory.value.policies})
        if not self.pods:
            return Unknown("no gateway pod runs")
        return Known(Inventory(tuple(apis.values()), tuple(policies.values())))

    @property
    def signatures(self) -> Maybe[frozenset[str]]:
        """What any pod has logged; unknown when any pod's log is."""
        found: set[str] = set()
        for pod in self.pods:
            if isinstance(pod.signatures, Unknown):
                return pod.signatures
            found |= pod.signatures.value
        return Known(frozenset(found))

    @property
    def versions(self) -> tuple[str, ...]:
        return tuple(sorted({pod.version.value for pod in self.pods if isinstance(pod.version, Known)}))
