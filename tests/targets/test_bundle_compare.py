"""Two bundles side by side: files by their path, objects, definitions by id."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory, Policy
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.targets.bundle_compare import Side, compare_inventories, differences, inventory_of
from helm_tyk_upgrade.targets.bundle_contents import MANIFEST, VALUES
from helm_tyk_upgrade.targets.definitions import FILE

SERVICE = b"apiVersion: v1\nkind: Service\nmetadata: {name: gw}\nspec: {type: ClusterIP}\n"
ORDERS = ApiDefinition("a1", "orders", "classic", {"active": True, "proxy": {"listen_path": "/o/"}})
GOLD = Policy("p1", "gold", {"rate": 10})


def definitions(*held: ApiDefinition | Policy) -> bytes:
    apis = tuple(item for item in held if isinstance(item, ApiDefinition))
    policies = tuple(item for item in held if isinstance(item, Policy))
    return json.dumps(asdict(Inventory(apis, policies))).encode()


def side(name: str = "bundle 1", **changed: Any) -> Side:
    files = {
        "values/01-values.yaml": b"a: 1\n",
        VALUES: b"{}",
        MANIFEST: SERVICE,
        FILE: definitions(ORDERS, GOLD),
        **changed.pop("files", {}),
    }
    origins = changed.pop("origins", {"values/01-values.yaml": "/home/me/values.yaml"})
    facts = {"revision": 3, "digests": ["sha256:a"], **changed.pop("facts", {})}
    return Side(
        name,
        "apis",
        {key: data for key, data in files.items() if data is not None},
        origins,
        facts,
        **changed,
    )


def test_the_same_does_not_differ() -> None:
    found = differences(side(), side("now"))
    assert not found.any
    assert found.unknown == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"facts": {"revision": 4}},
        {"facts": {"digests": ["sha256:b"]}},
        {"files": {"values/01-values.yaml": b"a: 2\n"}},
        {"files": {VALUES: b"null"}},
        {"files": {MANIFEST: SERVICE.replace(b"ClusterIP", b"NodePort")}},
        {"files": {FILE: definitions(ORDERS)}},
        {"origins": {}},
    ],
)
def test_each_part_can_differ(changed: dict[str, Any]) -> None:
    assert differences(side(), side("now", **changed)).any


def test_a_file_is_known_by_its_path_and_not_by_its_number() -> None:
    moved = side(
        files={"values/01-values.yaml": None, "values/02-values.yaml": b"a: 1\n"},
        origins={"values/02-values.yaml": "/home/me/values.yaml"},
    )
    assert differences(side(), moved).files == ()


def test_a_file_that_one_side_has_not_is_empty_there() -> None:
    (found,) = differences(side(), side(origins={})).files
    assert (found.name, found.before, found.after) == ("/home/me/values.yaml", b"a: 1\n", b"")


def test_what_a_side_does_not_have_is_unknown_with_its_reason() -> None:
    why = "API definitions and policies: the API secret cannot be read"
    found = differences(side(), side("now", files={FILE: None, MANIFEST: None}, missing=(why,)))
    assert found.definitions == Unknown(f"now has none ({why})")
    assert found.objects == Unknown("now has no manifest")
    assert len(found.unknown) == 2
    assert not found.any


def test_objects_are_compared_field_by_field() -> None:
    found = differences(side(), side(files={MANIFEST: SERVICE.replace(b"ClusterIP", b"NodePort")}))
    assert isinstance(found.objects, Known)
    (change,) = found.objects.value.objects
    assert [field.path for field in change.fields] == ["spec.type"]


def test_definitions_are_compared_by_id_and_no_value_is_kept() -> None:
    other = ApiDefinition("a1", "orders", "classic", {"active": True, "proxy": {"listen_path": "/c4n4ry/"}})
    new = ApiDefinition("a2", "invoices", "oas", {})
    found = compare_inventories(Inventory((ORDERS,), (GOLD,)), Inventory((other, new), ()))
    assert [(one.kind, one.id, one.what, one.paths) for one in found] == [
        ("API", "a1", "changed", ("proxy.listen_path",)),
        ("API", "a2", "added", ()),
        ("policy", "p1", "removed", ()),
    ]
    assert "c4n4ry" not in repr(found)


def test_definitions_come_back_as_they_were_saved() -> None:
    assert inventory_of(definitions(ORDERS, GOLD), "b") == Inventory((ORDERS,), (GOLD,))


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"apis": [{"x": 1}], "policies": []}'])
def test_definitions_that_cannot_be_read_are_said(data: bytes) -> None:
    with pytest.raises(TykUpgradeError, match="of bundle 1 cannot be read"):
        inventory_of(data, "bundle 1")
