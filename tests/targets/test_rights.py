"""Which rights a run needs: from what the manifests really change."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.cluster.resources import Resource
from helm_tyk_upgrade.errors import NotFound
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.targets.permissions import asked
from helm_tyk_upgrade.targets.rights import ObjectRight, of_manifests, storing


def item(kind: str, name: str, version: str = "v1", extra: str = "") -> str:
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}{extra}}}\n"


def needed(old: list[str], new: list[str], hooks: str = "", *, server_side: bool = False) -> set[str]:
    before, after = ("---\n".join(parts) for parts in (old, new))
    found = of_manifests(split(before), split(after), "apis", server_side=server_side, hooks=split(hooks))
    return {f"{right.verb} {right.kind} {right.namespace}" for right in found}


SERVICE = item("Service", "gw")


def test_an_object_that_stays_is_only_read() -> None:
    assert needed([SERVICE], [SERVICE]) == {"get Service apis"}
    assert needed([SERVICE], [SERVICE], server_side=True) == {"get Service apis", "patch Service apis"}


def test_a_changed_object_is_patched() -> None:
    assert needed([SERVICE], [SERVICE + "spec: {type: NodePort}\n"]) == {
        "get Service apis",
        "patch Service apis",
    }


def test_a_new_and_a_removed_object_need_the_rights_of_the_way_back_too() -> None:
    ingress = item("Ingress", "gw", "networking.k8s.io/v1", ", namespace: edge")
    all_three = {"get Ingress edge", "create Ingress edge", "delete Ingress edge"}
    assert needed([], [ingress]) == all_three
    assert needed([ingress], []) == all_three


def test_what_helm_keeps_is_not_deleted() -> None:
    kept = item("PersistentVolumeClaim", "d", extra=", annotations: {helm.sh/resource-policy: keep}")
    assert needed([kept], []) == set()


@pytest.mark.parametrize(("event", "found"), [("pre-upgrade", True), ("test", False)])
def test_hooks_that_run_are_created_and_deleted(event: str, found: bool) -> None:
    hook = item("Job", "h", "batch/v1", f", annotations: {{helm.sh/hook: {event}}}")
    assert ("create Job apis" in needed([], [], hook)) is found


@pytest.mark.parametrize(
    ("driver", "resources"),
    [("", {"secrets"}), ("secret", {"secrets"}), ("configmap", {"configmaps"}), ("sql", set())],
)
def test_helms_own_storage_is_asked_for(driver: str, resources: set[str]) -> None:
    assert {right.resource for right in storing(driver)} == resources


class Server:
    """Allows everything but the verbs named."""

    def __init__(self, *denied: str) -> None:
        self.denied = denied

    def can_i(self, verb: str, group: str, resource: str, namespace: str = "") -> Maybe[bool]:
        return Known(f"{verb} {resource} {namespace}".strip() not in self.denied)

    def resource(self, api_version: str, kind: str) -> Resource:
        if kind == "Gateway":
            raise NotFound("the cluster has no kind Gateway")
        return Resource(api_version, kind, f"{kind.lower()}s", kind != "ClusterRole")


def test_each_kind_is_asked_by_the_name_the_server_has_for_it() -> None:
    server = Server("patch services apis", "create clusterroles", "get leases apis")
    objects = (
        ObjectRight("v1", "Service", "apis", "patch"),
        ObjectRight("rbac/v1", "ClusterRole", "apis", "create"),
        ObjectRight("x/v1", "Gateway", "other", "create"),
    )
    found = asked(server, "apis", objects, "")  # type: ignore[arg-type]
    denied = {str(one): one.without_it for one in found if one.allowed == Known(False)}
    assert denied.pop("get leases.coordination.k8s.io")
    assert denied == {"patch services": "", "create clusterroles.rbac": ""}
    (unsure,) = (one for one in found if isinstance(one.allowed, Unknown))
    assert str(unsure) == "create Gateway.x in other"


def test_without_a_manifest_what_every_chart_changes_is_asked() -> None:
    found = {str(one) for one in asked(Server(), "apis", None, "sql")}  # type: ignore[arg-type]
    assert "patch deployments.apps" in found


@pytest.mark.parametrize(("driver", "needed"), [("secret", True), ("configmap", False), ("sql", False)])
def test_secrets_are_needed_by_helms_storage_and_else_only_for_the_record(driver: str, needed: bool) -> None:
    found = {str(one): one for one in asked(Server(), "apis", None, driver)}  # type: ignore[arg-type]
    for verb in ("list", "create", "update", "delete"):
        without_it = found[f"{verb} secrets"].without_it
        assert (without_it == "") is needed


@pytest.mark.parametrize(
    ("denied", "told"),
    [
        ((), set()),
        (("get pods/proxy apis",), set()),  # nobody needs the spare way while the usual one is open
        (("create pods/portforward apis",), {"create pods/portforward"}),
        (
            ("get pods/portforward apis", "create pods/portforward apis", "get pods/proxy apis"),
            {"get pods/portforward", "create pods/portforward", "get pods/proxy"},
        ),
    ],
)
def test_the_way_to_the_pods_and_the_spare_one(denied: tuple[str, ...], told: set[str]) -> None:
    found = asked(Server(*denied), "apis", None, "")  # type: ignore[arg-type]
    refused = [one for one in found if one.allowed == Known(False)]
    assert {str(one) for one in refused} == told
    assert all(one.without_it for one in refused), "the run goes on without it, and says how"
    assert ("get pods/proxy" in {str(one) for one in found}) is any("portforward" in one for one in denied)
