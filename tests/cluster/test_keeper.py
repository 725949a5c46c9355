"""The lease: who holds a release, taken over only from the dead, never lost to a race."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.keeper import BEATS, LEASE_SECONDS, LeaseKeeper, lease_name
from helm_tyk_upgrade.cluster.refusals import ApiRefused, Unreachable
from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.edge.processes_here import identity
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.model.hold import Attempt, Holder
from helm_tyk_upgrade.model.known import Known, Unknown

NOW = datetime(2026, 11, 23, 20, 4, 35, tzinfo=timezone.utc)
BEAT = LEASE_SECONDS / BEATS


class TwoClocks(Clock):
    """A wall clock that may be wrong (`off`, in seconds), and time that passes."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.off = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed + self.off)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


class Leases:
    """The four calls that the keeper makes, on one object, with the API server's optimistic locking."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 0
        self.error: Exception | None = None
        self.after_get: Any = None

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
        self._fail()
        if self.lease is None:
            raise NotFound(f"{kind} {name} is not there")
        found = copy.deepcopy(self.lease)
        if self.after_get is not None:
            act, self.after_get = self.after_get, None
            act()
        return found

    def create(self, manifest: dict[str, Any]) -> dict[str, Any]:
        self._fail()
        if self.lease is not None:
            raise ApiRefused("it is there", "", code=409, reason="AlreadyExists")
        return self._store(manifest)

    def replace(self, manifest: dict[str, Any]) -> dict[str, Any]:
        self._fail()
        if manifest["metadata"].get("resourceVersion") != str(self.version):
            raise ApiRefused("it changed", "", code=409, reason="Conflict")
        return self._store(manifest)

    def delete(self, api_version: str, kind: str, name: str, namespace: str = "") -> None:
        self._fail()
        self.lease = None

    def _store(self, manifest: dict[str, Any]) -> dict[str, Any]:
        self.version += 1
        self.lease = copy.deepcopy(manifest)
        self.lease["metadata"]["resourceVersion"] = str(self.version)
        return self.lease

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


@dataclass
class World:
    """One release; each run of it on a machine of its own, whose clock may be wrong."""

    leases: Leases = field(default_factory=Leases)
    passed: float = 0.0

    def keeper(self, off: float = 0.0) -> LeaseKeeper:
        clock = TwoClocks()
        clock.off = off
        clock.__dict__["passed"] = self.passed
        keeper = LeaseKeeper(cast(Cluster, self.leases), "apis", "tyk", clock)
        self._clocks.append(clock)
        return keeper

    _clocks: list[TwoClocks] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        for clock in self._clocks:
            clock.sleep(seconds)

    @property
    def lease(self) -> dict[str, Any]:
        assert self.leases.lease is not None
        return self.leases.lease

    @property
    def run(self) -> str:
        return str(self.lease["metadata"]["annotations"]["tyk-upgrade/run"])


@pytest.fixture
def world() -> World:
    return World()


def elsewhere(world: World) -> None:
    """The lease is another machine's, whatever its name is."""
    world.lease["metadata"]["annotations"]["tyk-upgrade/process"] = "another-boot/1/7/100"


def tried(keeper: LeaseKeeper, run: str) -> Attempt:
    found = keeper.acquire(run)
    assert isinstance(found, Known)
    return found.value


def test_a_free_release_is_locked_with_holder_run_and_time(world: World) -> None:
    assert tried(world.keeper(), "run-1") == Attempt(True)
    assert world.lease["metadata"]["name"] == "tyk-upgrade-tyk"
    assert world.lease["metadata"]["namespace"] == "apis"
    assert world.lease["metadata"]["annotations"] == {
        "tyk-upgrade/run": "run-1",
        "tyk-upgrade/process": identity(),
    }
    assert world.lease["spec"]["renewTime"] == "2026-11-23T20:04:35.000000Z"
    assert world.lease["spec"]["leaseDurationSeconds"] == LEASE_SECONDS
    assert "pid" in world.lease["spec"]["holderIdentity"]


def test_a_live_holder_is_named_with_run_start_and_last_sign_of_life(world: World) -> None:
    one = world.keeper()
    tried(one, "run-1")
    world.sleep(10)
    one.renew("run-1")
    world.sleep(4)
    found = tried(world.keeper(), "run-2")
    assert (found.ours, found.late) == (False, False)
    assert found.holder is not None
    words = found.holder.words(NOW + timedelta(seconds=14))
    assert "(run run-1, since 2026-11-23T20:04:35Z, last sign of life 2026-11-23T20:04:45Z, 4 s ago)" in words
    assert "pid" in words


def test_a_run_may_take_its_own_lease_again(world: World) -> None:
    tried(world.keeper(), "run-1")
    assert tried(world.keeper(), "run-1") == Attempt(True)


def test_a_holder_that_died_on_this_machine_needs_no_patience(world: World) -> None:
    tried(world.keeper(), "run-1")
    boot, space, pid, start = identity().split("/")
    world.lease["metadata"]["annotations"]["tyk-upgrade/process"] = f"{boot}/{space}/{pid}/{int(start) - 1}"
    taken = tried(world.keeper(), "run-2")
    assert taken.ours
    assert taken.holder is not None
    assert taken.holder.run == "run-1"
    assert taken.holder.is_late(NOW)
    assert "its process is no more" in taken.holder.words(NOW)


def test_the_same_run_on_another_machine_waits_like_any_other(world: World) -> None:
    tried(world.keeper(), "run-1")
    elsewhere(world)
    assert not tried(world.keeper(), "run-1").ours


def test_a_dead_holder_is_replaced_once_it_was_watched_for_longer_than_a_beat(world: World) -> None:
    tried(world.keeper(), "run-1")
    world.sleep(LEASE_SECONDS + 1)
    other = world.keeper()
    found = tried(other, "run-2")
    assert (found.ours, found.late) == (False, True)
    assert found.patience == 1.5 * BEAT
    world.sleep(found.patience - 1)
    assert not tried(other, "run-2").ours
    world.sleep(1)
    taken = tried(other, "run-2")
    assert taken.ours
    assert taken.holder is not None
    assert taken.holder.run == "run-1"
    assert world.run == "run-2"


def test_who_waits_from_the_holders_death_on_takes_over_when_its_time_is_out(world: World) -> None:
    tried(world.keeper(), "run-1")
    world.sleep(5)
    other = world.keeper()
    assert tried(other, "run-2").patience == LEASE_SECONDS - 5
    world.sleep(LEASE_SECONDS - 5)
    assert tried(other, "run-2").ours


def test_a_sign_of_life_keeps_a_lease(world: World) -> None:
    one, other = world.keeper(), world.keeper()
    tried(one, "run-1")
    for _ in range(20):
        world.sleep(BEAT)
        assert one.renew("run-1")
        assert not tried(other, "run-2").ours


@pytest.mark.parametrize("off", [-7200.0, 7200.0, -100 * 86400.0])
def test_a_live_holder_with_a_wrong_clock_keeps_its_lease(world: World, off: float) -> None:
    one, other = world.keeper(off), world.keeper()
    tried(one, "run-1")
    for _ in range(60):
        world.sleep(5)
        if world.passed % BEAT == 0:
            one.renew("run-1")
        assert not tried(other, "run-2").ours
    assert not tried(other, "run-2").late  # it gave a sign of life: nobody waits for another one


@pytest.mark.parametrize("off", [7200.0, 1.0])
def test_a_dead_holder_whose_clock_was_ahead_is_replaced_after_its_leases_time(
    world: World, off: float
) -> None:
    tried(world.keeper(off), "run-1")
    other = world.keeper()
    assert tried(other, "run-2").patience == LEASE_SECONDS
    world.sleep(LEASE_SECONDS - 1)
    assert not tried(other, "run-2").ours
    world.sleep(1)
    assert tried(other, "run-2").ours


def test_a_jump_of_the_holders_own_clock_does_not_lose_its_lease(world: World) -> None:
    one, other = world.keeper(), world.keeper()
    tried(one, "run-1")
    tried(other, "run-2")
    for jump in (-86400.0, 86400.0):
        world._clocks[0].off = jump
        world.sleep(BEAT)
        assert one.renew("run-1")
        assert not tried(other, "run-2").ours


def test_a_jump_of_the_waiting_ones_clock_takes_no_lease_from_a_living_holder(world: World) -> None:
    one, other = world.keeper(), world.keeper()
    tried(one, "run-1")
    tried(other, "run-2")
    world._clocks[1].off = 86400.0
    for _ in range(10):
        world.sleep(BEAT)
        assert one.renew("run-1")
        assert not tried(other, "run-2").ours


def test_a_holder_that_dies_after_it_was_seen_alive_is_replaced(world: World) -> None:
    one, other = world.keeper(-7200.0), world.keeper()
    tried(one, "run-1")
    tried(other, "run-2")
    world.sleep(BEAT)
    one.renew("run-1")
    assert tried(other, "run-2").patience == LEASE_SECONDS
    world.sleep(LEASE_SECONDS)
    assert tried(other, "run-2").ours


def test_a_lease_that_names_nobody_is_free(world: World) -> None:
    tried(world.keeper(), "run-1")
    world.lease["spec"] = {}
    assert world.keeper().look() == Known(None)
    assert tried(world.keeper(), "run-2") == Attempt(True)


def test_a_holder_without_a_time_is_watched_for_a_beat(world: World) -> None:
    tried(world.keeper(), "run-1")
    del world.lease["spec"]["renewTime"]
    other = world.keeper()
    found = tried(other, "run-2")
    assert found.late
    assert found.holder is not None
    assert "no sign of life is recorded" in found.holder.words(NOW)
    world.sleep(found.patience)
    assert tried(other, "run-2").ours


def test_the_time_that_a_lease_names_holds_for_it(world: World) -> None:
    keeper = LeaseKeeper(cast(Cluster, world.leases), "apis", "tyk", TwoClocks(), seconds=8)
    tried(keeper, "run-1")
    assert keeper.beat == 2
    assert tried(world.keeper(), "run-2").patience == 8


def test_two_that_create_at_once_do_not_both_hold_it(world: World) -> None:
    keeper, other, leases = world.keeper(), world.keeper(), world.leases
    get = leases.get

    def nothing_yet(*words: str) -> dict[str, Any]:
        leases.get = get  # type: ignore[method-assign]
        assert tried(other, "run-2").ours
        raise NotFound("not there a moment ago")

    leases.get = nothing_yet  # type: ignore[assignment, method-assign]
    held = tried(keeper, "run-1")
    assert not held.ours
    assert held.holder is not None
    assert "at the same moment" in held.holder.who


def test_two_that_take_over_at_once_do_not_both_hold_it(world: World) -> None:
    tried(world.keeper(), "run-0")
    one, other = world.keeper(), world.keeper()
    world.sleep(LEASE_SECONDS)
    tried(one, "run-1"), tried(other, "run-2")
    world.sleep(2 * BEAT)
    world.leases.after_get = lambda: tried(other, "run-2")
    assert not tried(one, "run-1").ours
    assert world.run == "run-2"


def test_a_lease_that_was_taken_over_is_not_renewed(world: World) -> None:
    one = world.keeper()
    tried(one, "run-1")
    world.lease["metadata"]["annotations"]["tyk-upgrade/run"] = "run-2"
    assert not one.renew("run-1")


def test_a_deleted_lease_is_lost(world: World) -> None:
    one = world.keeper()
    tried(one, "run-1")
    world.leases.lease = None
    assert not one.renew("run-1")


def test_release_frees_ones_own_lease_and_no_other(world: World) -> None:
    one = world.keeper()
    tried(one, "run-1")
    one.release("run-2")
    assert not tried(world.keeper(), "run-2").ours
    one.release("run-1")
    assert tried(world.keeper(), "run-2").ours
    one.release("run-1")
    assert one.renew("run-2")


@pytest.mark.parametrize(
    "error",
    [ApiRefused("leases is forbidden", "", code=403, reason="Forbidden"), Unreachable("no connection")],
)
def test_a_cluster_that_says_no_leaves_it_unknown(world: World, error: TykUpgradeError) -> None:
    world.leases.error = error
    assert world.keeper().acquire("run-1") == Unknown(error.message)
    assert world.keeper().look() == Unknown(error.message)


def test_looking_takes_nothing(world: World) -> None:
    assert world.keeper().look() == Known(None)
    assert world.leases.lease is None
    tried(world.keeper(), "run-1")
    found = world.keeper().look()
    assert isinstance(found, Known)
    assert isinstance(found.value, Holder)
    assert found.value.run == "run-1"
    assert world.run == "run-1"


def test_long_release_names_do_not_share_a_lease() -> None:
    names = {lease_name("a" * 52 + last) for last in "xy"}
    assert len(names) == 2
