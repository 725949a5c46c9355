"""A Helm release on a cluster, as the thing that is upgraded: what planning and the steps ask and do there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.rollout_evidence import Exits
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.gateway.availability import Availability, Meter
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.facts import Permission
from helm_tyk_upgrade.model.hold import Attempt, Held, Holder
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import PodProof
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.model.pods import EvidenceClass, WorkloadRef
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.verdict import failed, unknown
from helm_tyk_upgrade.targets import rights
from helm_tyk_upgrade.targets.baseline import read_baseline
from helm_tyk_upgrade.targets.bundle_contents import BundleContents, bundle_contents
from helm_tyk_upgrade.targets.definitions import Restored, restore_definitions
from helm_tyk_upgrade.targets.evidence import evidence_files
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload, gateway_workload, gateway_workloads
from helm_tyk_upgrade.targets.heartbeat import Heartbeat
from helm_tyk_upgrade.targets.last_words import last_words
from helm_tyk_upgrade.targets.metering import PROXY, meter
from helm_tyk_upgrade.targets.observation import Observation
from helm_tyk_upgrade.targets.owner import owner_of
from helm_tyk_upgrade.targets.permissions import asked
from helm_tyk_upgrade.targets.proving import Expected, prove_pods
from helm_tyk_upgrade.targets.rollouts import observe

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.keeper import LeaseKeeper
    from helm_tyk_upgrade.store.bundle import BundleFile
    from helm_tyk_upgrade.targets.doors import Doors


class ReleaseTarget:
    """One release. Every method asks the cluster or Helm anew. Remembered is what runs (the lease's heartbeat, the
    meter) and how containers ended, because the cluster itself tells only the last time."""

    def __init__(self, context: Doors, release: Release) -> None:
        self._context = context
        self.release = release
        self._heartbeat: Heartbeat | None = None
        self._exits: Exits = {}
        self._meter: Meter | None = None

    # The lock

    @cached_property
    def _keeper(self) -> LeaseKeeper:
        from helm_tyk_upgrade.cluster.keeper import LeaseKeeper

        return LeaseKeeper(
            self._context.cluster, self.release.namespace, self.release.name, self._context.clock
        )

    @property
    def lease_name(self) -> str:
        return self._keeper.name

    def lock(self, run: str) -> Maybe[Attempt]:
        """See LeaseKeeper.acquire. A lock that is held is kept alive until unlock()."""
        keeper = self._keeper
        attempt = keeper.acquire(run)
        if isinstance(attempt, Known) and attempt.value.ours:
            self._heartbeat = Heartbeat(lambda: keeper.renew(run), keeper.beat)
            self._heartbeat.start()
        return attempt

    def holder(self) -> Maybe[Holder | None]:
        """Who holds the release now, None for nobody."""
        return self._keeper.look()

    def held(self) -> Maybe[Held | None]:
        """The same in words, None for nobody."""
        found, now = self._keeper.look(), self._context.clock.now()
        if isinstance(found, Unknown):
            return found
        holder = found.value
        return Known(None if holder is None else Held(holder.words(now), not holder.is_late(now)))

    @property
    def lock_lost(self) -> bool:
        """Whether another run took the lease of this one meanwhile; False where none was held."""
        return self._heartbeat is not None and self._heartbeat.lost

    def unlock(self, run: str) -> bool:
        """Give the lock free. False when another run had taken it meanwhile. Raises ClusterError."""
        beating, self._heartbeat = self._heartbeat, None
        kept = beating.stop() if beating is not None else True
        self._keeper.release(run)
        return kept

    # What planning asks

    def permissions(
        self, objects: tuple[rights.ObjectRight, ...] | None = None, driver: str = ""
    ) -> tuple[Permission, ...]:
        """Whether each right of a run is there; unknown ones carry the reason. objects: what the manifests need, where
        they are known; driver: HELM_DRIVER."""
        try:
            return asked(self._context.cluster, self.release.namespace, objects, driver)
        except TykUpgradeError as error:
            return (Permission("list", "", "pods", Unknown(error.message)),)

    def cluster_identity(self) -> Maybe[str]:
        """The UID of the namespace kube-system: every cluster has one of its own, for as long as it lives."""
        try:
            found = self._context.cluster.get("v1", "Namespace", "kube-system")
        except TykUpgradeError as error:
            return Unknown(f"which cluster this is cannot be told: {error.message}")
        return Known(str(found["metadata"]["uid"]))

    def owner(self, manifest: str) -> Maybe[str]:
        """The GitOps controller that owns the gateway's workload; empty for none."""
        gateway = gateway_workload(split(manifest), self.release.namespace)
        if gateway is None:
            return Unknown(f"the manifest of {self.release} has no Tyk gateway whose owner could be read")
        try:
            live = self._context.cluster.get(
                "apps/v1", gateway.ref.kind, gateway.ref.name, gateway.ref.namespace
            )
        except TykUpgradeError as error:
            return Unknown(error.message)
        return Known(owner_of(live))

    def read_baseline(self, manifest: str) -> Baseline:
        """What is true of the gateway now. Raises ClusterError or NotFound."""
        return read_baseline(self._context, self._gateway(manifest))

    # What the steps do

    def bundle_contents(self, files: tuple[ValuesFile, ...]) -> BundleContents:
        return bundle_contents(self._context, self.release, files)

    def observe(
        self,
        manifest: str,
        grace: Mapping[EvidenceClass, float] | None = None,
        only: Collection[WorkloadRef] | None = None,
    ) -> Observation:
        """One look at every workload, or at these only. grace: see RunSettings. Raises ClusterError or NotFound."""
        observed, self._exits = observe(
            self._context, manifest, self.release.namespace, grace or {}, self._exits, only
        )
        return observed

    def last_words(self, observed: Observation) -> str:
        """What the first pod that crashes said last, in words that follow the reason; empty where none does."""
        for pod, words in last_words(self._context, observed).items():
            return f"; the log of {pod} ends: {words}"
        return ""

    def broken_pods(self, observed: Observation) -> tuple[PodProof, ...]:
        """The pods that answer nothing now and will not by waiting, each with why."""
        said = last_words(self._context, observed)
        return tuple(
            PodProof(
                item.pod,
                (failed("health-endpoint", f"{item.what}: {item.detail}", *_quoted(said, item.pod)),),
            )
            for item in observed.evidence
            if item.pod and (item.kind == "terminal" or item.what == "crashing")
        )

    def prove(self, manifest: str, expected: Expected, apart: Collection[str] = ()) -> tuple[PodProof, ...]:
        """The proof of each new pod but those in `apart`; a second gateway has none, and says so. Raises ClusterError
        or NotFound."""
        found = prove_pods(self._context, self._gateway(manifest), expected, apart)
        others = gateway_workloads(split(manifest), self.release.namespace)[1:]
        return (*found, *(_unproven(other) for other in others))

    def evidence(self, manifest: str) -> list[BundleFile]:
        return evidence_files(self._context, self.observe(manifest), self.release.namespace)

    def restore_definitions(self, manifest: str, bundle: str) -> Restored:
        return restore_definitions(self._context, self._gateway(manifest), Path(bundle))

    def start_meter(self, manifest: str, settings: RunSettings) -> Maybe[str]:
        """Start counting requests; the vantage in words, or why there is no meter."""
        found = meter(self._context, manifest, self.release.namespace, settings)
        if isinstance(found, Unknown):
            return found
        self._meter = found.value
        self._meter.start()
        return Known(settings.probe_url or PROXY)

    def stop_meter(self) -> Availability | None:
        """What was counted; None where no meter runs."""
        running, self._meter = self._meter, None
        return running.stop() if running is not None else None

    def _gateway(self, manifest: str) -> GatewayWorkload:
        found = gateway_workload(split(manifest), self.release.namespace)
        if found is None:
            raise NotFound(
                f"the manifest of {self.release} has no Tyk gateway",
                "no workload has a container gateway-tyk-gateway or a tyk-gateway image",
            )
        return found


def _unproven(other: GatewayWorkload) -> PodProof:
    reason = f"{other.ref} is another gateway of the release: only one is proven"
    return PodProof(str(other.ref), (unknown("health-endpoint", reason, hint="look at its /hello yourself"),))


def _quoted(said: Mapping[str, str], pod: str) -> tuple[str, ...]:
    return (f"its log ends: {said[pod]}",) if pod in said else ()
