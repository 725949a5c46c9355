"""API definitions and policies that live in an emptyDir, and die with their pod."""

from __future__ import annotations

import json

import pytest

from helm_tyk_upgrade.cluster.access import access_from_env
from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.portforward import port_forward
from helm_tyk_upgrade.gateway.admin import GatewayAdmin
from helm_tyk_upgrade.gateway.http import Loopback
from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory, Policy
from helm_tyk_upgrade.model.known import Known
from tests.live.harness import Site


def api(name: str) -> ApiDefinition:
    document = {
        "name": name,
        "api_id": name,
        "org_id": "test",
        "active": True,
        "use_keyless": True,
        "version_data": {"not_versioned": True, "versions": {"Default": {"name": "Default"}}},
        "proxy": {"listen_path": f"/{name}/", "target_url": "http://upstream.invalid/"},
    }
    return ApiDefinition(name, name, "classic", document)


def inventories(site: Site, *add: ApiDefinition | Policy) -> list[Inventory]:
    """What each gateway pod holds, after `add` was posted to it."""
    with Cluster(access_from_env(site.world.env), site.world.env) as cluster:
        return [_inventory(cluster, site, pod, add) for pod in pods(site)]


def _inventory(cluster: Cluster, site: Site, pod: str, add: tuple[ApiDefinition | Policy, ...]) -> Inventory:
    with (
        port_forward(cluster, site.namespace, pod, 8080) as forward,
        Loopback(forward.base("http")) as loopback,
    ):
        admin = GatewayAdmin(loopback, site.world.canaries.secret)
        for item in add:
            done = admin.create_api(item) if isinstance(item, ApiDefinition) else admin.create_policy(item)
            assert isinstance(done, Known), done
        if add:
            assert isinstance(admin.reload(), Known)
        inventory = admin.inventory()
        assert isinstance(inventory, Known), inventory
        return inventory.value


def pods(site: Site) -> list[str]:
    listed = json.loads(site.world.kube("-n", site.namespace, "get", "pods", "-o", "json"))["items"]
    return [pod["metadata"]["name"] for pod in listed if "deletionTimestamp" not in pod["metadata"]]


@pytest.fixture(scope="module")
def site(stored: Site) -> Site:
    """Two pods, each with two APIs and a policy, in nothing but their own emptyDir."""
    policy = Policy("gold", "Gold", {"id": "gold", "name": "Gold", "rate": 10, "per": 1, "access_rights": {}})
    inventories(stored, api("orders"), api("invoices"), policy)
    return stored


def test_it_is_found_before_anything_is_lost(site: Site) -> None:
    done = site.upgrade("--version", "5.3.0")
    assert done.code == 3, done
    assert "apis-in-emptydir" in done.err
    assert "orders" in done.out
    assert site.release()["revision"] == 1


def test_a_failed_upgrade_brings_them_back_too(site: Site) -> None:
    old = pods(site)
    done = site.upgrade("--version", "4.0.0", "--gateway-version", "5.13.99", "--restore-apis")
    assert done.code == 4, done
    assert site.steps()["restore_apis"] == "done"
    assert old != pods(site), "one of them had to go"
    assert [names(found) for found in inventories(site)] == [(["invoices", "orders"], ["gold"])] * 2


def test_restored_on_every_new_pod(site: Site) -> None:
    site.file.write_text(site.world.values(tag="v5.9.1", replicas=2))
    old = pods(site)
    done = site.upgrade("--version", "5.3.0", "--restore-apis")
    assert done.code == 0, done
    assert site.steps()["post_apis"] == "done"
    assert not set(old) & set(pods(site))
    assert [names(found) for found in inventories(site)] == [(["invoices", "orders"], ["gold"])] * 2
    assert done.out.count("all 2 APIs are there") == 2
    saved = json.loads((site.bundle() / "gateway" / "inventory.json").read_text())
    assert [item["id"] for item in saved["apis"]] == ["invoices", "orders"]


def names(inventory: Inventory) -> tuple[list[str], list[str]]:
    return sorted(item.id for item in inventory.apis), sorted(item.id for item in inventory.policies)
