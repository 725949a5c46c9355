"""The lease: who holds a release, taken over only from the dead, never lost to a race."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.keeper import LEASE_SECONDS, LeaseKeeper, lease_name
from helm_tyk_upgrade.cluster.refusals import ApiRefused, Unreachable
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.model.known import Known, Unknown

NOW = datetime(2026, 11, 23, 20, 4, 35, tzinfo=timezone.utc)
LATER = NOW + timedelta(seconds=LEASE_SECONDS + 1)


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


@pytest.fixture
def leases() -> Leases:
    return Leases()


@pytest.fixture
def keeper(leases: Leases) -> LeaseKeeper:
    return LeaseKeeper(cast(Cluster, leases), "apis", "tyk")


def test_a_free_release_is_locked_with_holder_run_and_time(keeper: LeaseKeeper, leases: Leases) -> None:
    assert keeper.acquire("run-1", NOW) == Known("")
    assert leases.lease is not None
    assert leases.lease["metadata"]["name"] == "tyk-upgrade-tyk"
    assert leases.lease["metadata"]["namespace"] == "apis"
    assert leases.lease["metadata"]["annotations"] == {"tyk-upgrade/run": "run-1"}
    assert leases.lease["spec"]["renewTime"] == "2026-11-23T20:04:35.000000Z"
    assert "pid" in leases.lease["spec"]["holderIdentity"]


def test_a_live_holder_is_named(keeper: LeaseKeeper) -> None:
    keeper.acquire("run-1", NOW)
    held = keeper.acquire("run-2", NOW + timedelta(seconds=LEASE_SECONDS - 1))
    assert isinstance(held, Known)
    assert "run run-1, last seen 2026-11-23T20:04:35.000000Z" in held.value


def test_a_run_may_take_its_own_lease_again(keeper: LeaseKeeper) -> None:
    keeper.acquire("run-1", NOW)
    assert keeper.acquire("run-1", NOW) == Known("")


def test_a_dead_holder_is_replaced(keeper: LeaseKeeper, leases: Leases) -> None:
    keeper.acquire("run-1", NOW)
    assert keeper.acquire("run-2", LATER) == Known("")
    assert leases.lease is not None
    assert leases.lease["metadata"]["annotations"] == {"tyk-upgrade/run": "run-2"}


def test_a_sign_of_life_keeps_a_lease(keeper: LeaseKeeper) -> None:
    keeper.acquire("run-1", NOW)
    assert keeper.renew("run-1", LATER)
    assert keeper.acquire("run-2", LATER) != Known("")


def test_a_lease_without_a_time_is_nobodys(keeper: LeaseKeeper, leases: Leases) -> None:
    keeper.acquire("run-1", NOW)
    assert leases.lease is not None
    leases.lease["spec"] = {}
    assert keeper.acquire("run-2", NOW) == Known("")


def test_two_that_create_at_once_do_not_both_hold_it(keeper: LeaseKeeper, leases: Leases) -> None:
    other = LeaseKeeper(cast(Cluster, leases), "apis", "tyk")
    get = leases.get

    def nothing_yet(*words: str) -> dict[str, Any]:
        leases.get = get  # type: ignore[method-assign]
        assert other.acquire("run-2", NOW) == Known("")
        raise NotFound("not there a moment ago")

    leases.get = nothing_yet  # type: ignore[assignment, method-assign]
    held = keeper.acquire("run-1", NOW)
    assert isinstance(held, Known)
    assert "at the same moment" in held.value


def test_two_that_take_over_at_once_do_not_both_hold_it(keeper: LeaseKeeper, leases: Leases) -> None:
    keeper.acquire("run-0", NOW)
    other = LeaseKeeper(cast(Cluster, leases), "apis", "tyk")
    leases.after_get = lambda: other.acquire("run-2", LATER)
    held = keeper.acquire("run-1", LATER)
    assert isinstance(held, Known)
    assert held.value
    assert leases.lease is not None
    assert leases.lease["metadata"]["annotations"] == {"tyk-upgrade/run": "run-2"}


def test_a_lease_that_was_taken_over_is_not_renewed(keeper: LeaseKeeper) -> None:
    keeper.acquire("run-1", NOW)
    keeper.acquire("run-2", LATER)
    assert not keeper.renew("run-1", LATER)


def test_a_deleted_lease_is_lost(keeper: LeaseKeeper, leases: Leases) -> None:
    keeper.acquire("run-1", NOW)
    leases.lease = None
    assert not keeper.renew("run-1", NOW)


def test_release_frees_ones_own_lease_and_no_other(keeper: LeaseKeeper, leases: Leases) -> None:
    keeper.acquire("run-1", NOW)
    keeper.release("run-2")
    assert keeper.acquire("run-2", NOW) != Known("")
    keeper.release("run-1")
    assert keeper.acquire("run-2", NOW) == Known("")
    keeper.release("run-1")
    assert keeper.renew("run-2", NOW)


@pytest.mark.parametrize(
    "error",
    [
        ApiRefused("leases is forbidden", "", code=403, reason="Forbidden"),
        Unreachable("no connection"),
        NotFound("the server has no Lease"),
    ],
)
def test_a_cluster_that_says_no_leaves_it_unknown(
    keeper: LeaseKeeper, leases: Leases, error: TykUpgradeError
) -> None:
    leases.error = error
    held = keeper.acquire("run-1", NOW)
    assert held == Unknown(error.message)


def test_long_release_names_do_not_share_a_lease() -> None:
    names = {lease_name("a" * 52 + last) for last in "xy"}
    assert len(names) == 2
