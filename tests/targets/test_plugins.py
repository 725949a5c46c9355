"""Go plugins of a release: what is found, whether its files are there, what could not be looked at."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from helm_tyk_upgrade import helmyaml
from helm_tyk_upgrade.cluster.refusals import ApiRefused
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.helmyaml import emit
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.baseline import Baseline, LoggedPlugin
from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory
from helm_tyk_upgrade.model.knowledge import GoPlugins
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.targets.plugins import Move, plugins
from tests.checks.build import baseline, pod
from tests.targets.build import ScriptedCluster, TestDoors

MOVE = Move(Known("5.8.6"), Known("5.13.1"), Known(("linux/amd64",)))
PATH = "/opt/plugins/auth.so"
NEW = "/opt/plugins/auth_v5.13.1_linux_amd64.so"
FORBIDDEN = ApiRefused("apidefinitions is forbidden", "", code=403, reason="Forbidden")
IMAGE = "docker.tyk.io/tyk-gateway/tyk-gateway:v5.13.1"


@dataclass
class OperatorCluster(ScriptedCluster):
    """lists: by kind and namespace ("" for all); a kind without one is not installed."""

    lists: Mapping[tuple[str, str], Any] = field(default_factory=dict)

    def list(self, api_version: str, kind: str, namespace: str = "") -> list[dict[str, Any]]:
        found = self.lists.get((kind, namespace), NotFound(f"the cluster has no kind {kind}"))
        if isinstance(found, Exception):
            raise found
        return cast("list[dict[str, Any]]", found)


def manifest(**spec: Any) -> str:
    """A gateway whose pod template has these volumes, mounts, environment."""
    container = {"name": "gateway-tyk-gateway", "image": spec.pop("image", IMAGE)}
    container |= {
        key: spec.pop(key) for key in ("volumeMounts", "env", "envFrom", "workingDir") if key in spec
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "gateway-tyk"},
        "spec": {"template": {"spec": {"containers": [container], **spec}}},
    }
    return json.dumps(deployment)


def api(name: str = "orders", **document: Any) -> ApiDefinition:
    middleware = {"driver": "goplugin", "auth_check": {"name": "Check", "path": PATH}}
    return ApiDefinition(name, name, "classic", document or {"custom_middleware": middleware})


def running(*apis: ApiDefinition, logged: tuple[LoggedPlugin, ...] = (), **changed: Any) -> Known[Baseline]:
    told = {"inventory": Known(Inventory(apis)), "plugins": Known(logged), "image": "tyk-gateway:v5.8.6"}
    return baseline(pod(**{**told, **changed}))


def asked(
    before: Maybe[Baseline], *objects: str, move: Move = MOVE, cluster: ScriptedCluster | None = None
) -> GoPlugins:
    doors = TestDoors(cluster or OperatorCluster())
    found = plugins(doors, split("\n---\n".join(objects or (manifest(),))), "tyk", before, move)
    assert isinstance(found, Known), found
    return found.value


def mounted(**volume: Any) -> str:
    return manifest(
        volumes=[{"name": "plugins", **volume}],
        volumeMounts=[{"name": "plugins", "mountPath": "/opt/plugins"}],
    )


def config_map(name: str, *files: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "tyk"}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "binaryData": dict.fromkeys(files, "AA=="),
    }


def test_nothing_found_with_everything_looked_at() -> None:
    found = asked(running(api(listen_path="/orders")))
    assert found == GoPlugins((), rebuild=Known(True))


def test_a_plugin_of_an_api_with_the_file_names_and_the_command_for_the_planned_version() -> None:
    found = asked(running(api()))
    (one,) = found.plugins
    assert one.where == "API orders: custom_middleware.auth_check"
    assert one.looked_for == (NEW, "/opt/plugins/auth_5.13.1_linux_amd64.so", PATH)
    assert isinstance(one.present, Unknown)
    assert "image" in one.present.reason
    assert [command.split()[-2:] for command in found.commands] == [
        ["tykio/tyk-plugin-compiler:v5.13.1", "auth.so"]
    ]
    assert found.unasked == ()
    assert found.rebuild == Known(True)
    notes = "\n".join(found.notes)
    assert "answers 500" in notes
    assert "Go 1.24 now, Go 1.25 after" in notes
    assert "path 3" in notes


def test_an_api_on_several_pods_and_a_file_of_several_apis_are_one_row() -> None:
    apis = tuple(api(name) for name in ("a", "b", "c", "d", "e"))
    one = pod(inventory=Known(Inventory(apis)), plugins=Known(()))
    found = asked(baseline(one, replace(one, pod="gateway-2")))
    (row,) = found.plugins
    assert row.where.startswith("API a: ")
    assert row.where.endswith(" and 2 more")


class TestFiles:
    @pytest.mark.parametrize("source", ["configMap", "secret"])
    def test_of_a_config_map_or_secret_on_the_cluster(self, source: str) -> None:
        kind = {"configMap": "ConfigMap", "secret": "Secret"}[source]
        name = {"configMap": {"name": "go"}, "secret": {"secretName": "go"}}[source]
        data = {"data": {"auth.so": "", "auth_v5.13.1_linux_amd64.so": ""}}
        found = asked(
            running(api()), mounted(**{source: name}), cluster=OperatorCluster({(kind, "go"): data})
        )
        assert found.plugins[0].present == Known((NEW, PATH))

    def test_of_the_new_manifest_before_the_cluster_is_asked(self) -> None:
        files = json.dumps(config_map("go", "auth.so"))
        found = asked(running(api()), mounted(configMap={"name": "go"}), files)
        assert found.plugins[0].present == Known((PATH,))

    def test_items_and_a_sub_path_decide_where_a_file_is(self) -> None:
        items = [
            {"key": "new", "path": "go/auth_v5.13.1_linux_amd64.so"},
            {"key": "gone", "path": "go/auth.so"},
        ]
        gateway = manifest(
            volumes=[
                {"name": "p", "projected": {"sources": [{"configMap": {"name": "go", "items": items}}]}}
            ],
            volumeMounts=[{"name": "p", "mountPath": "/opt/plugins", "subPath": "go"}],
        )
        found = asked(running(api()), gateway, json.dumps(config_map("go", "new", "other")))
        assert found.plugins[0].present == Known((NEW,))

    def test_a_mounted_file_is_at_the_mount_itself(self) -> None:
        mount = {"name": "p", "mountPath": PATH, "subPath": "auth.so"}
        gateway = manifest(volumes=[{"name": "p", "configMap": {"name": "go"}}], volumeMounts=[mount])
        present = asked(running(api()), gateway, json.dumps(config_map("go", "auth.so"))).plugins[0].present
        assert isinstance(present, Unknown), "the folder around it is the image's"

    def test_a_relative_path_begins_in_the_working_directory(self) -> None:
        middleware = {"pre": [{"name": "F", "path": "middleware/auth.so"}]}
        gateway = manifest(
            volumes=[{"name": "p", "configMap": {"name": "go"}}],
            volumeMounts=[{"name": "p", "mountPath": "/opt/tyk-gateway/middleware"}],
        )
        found = asked(
            running(api(custom_middleware=middleware)), gateway, json.dumps(config_map("go", "auth.so"))
        )
        assert found.plugins[0].present == Known(("middleware/auth.so",))
        assert [one.where for one in found.plugins[1:]] == ["Deployment tyk/gateway-tyk: volume p"]

    @pytest.mark.parametrize(
        ("volume", "why"),
        [
            ({"persistentVolumeClaim": {"claimName": "go"}}, "persistentVolumeClaim"),
            ({"hostPath": {"path": "/x"}}, "hostPath"),
            ({"configMap": {"name": "secret-from-us"}}, "ConfigMap secret-from-us is not there"),
            ({}, "nothing"),
        ],
    )
    def test_of_another_volume_are_unknown_with_the_reason(self, volume: dict[str, Any], why: str) -> None:
        present = asked(running(api()), mounted(**volume)).plugins[0].present
        assert isinstance(present, Unknown)
        assert why in present.reason

    def test_an_empty_dir_that_nobody_fills_has_none(self) -> None:
        assert asked(running(api()), mounted(emptyDir={})).plugins[0].present == Known(())

    def test_an_empty_dir_that_an_init_container_fills_is_unknown(self) -> None:
        init = {"name": "copy-plugins", "volumeMounts": [{"name": "plugins", "mountPath": "/out"}]}
        gateway = json.loads(mounted(emptyDir={}))
        gateway["spec"]["template"]["spec"]["initContainers"] = [init]
        present = asked(running(api()), json.dumps(gateway)).plugins[0].present
        assert present == Unknown("emptyDir plugins is filled by copy-plugins")

    def test_a_claim_of_a_stateful_set_is_unknown(self) -> None:
        gateway = manifest(volumeMounts=[{"name": "own", "mountPath": "/opt/plugins"}])
        present = asked(running(api()), gateway).plugins[0].present
        assert isinstance(present, Unknown)
        assert "own" in present.reason


class TestPlaces:
    MOUNT = ({"name": "mw", "mountPath": "/mnt/tyk-gateway/middleware"},)

    def folder(self, *files: str) -> GoPlugins:
        gateway = manifest(
            volumes=[{"name": "mw", "configMap": {"name": "mw"}}], volumeMounts=list(self.MOUNT)
        )
        return asked(running(), gateway, json.dumps(config_map("mw", *files)))

    def test_a_folder_of_scripts_is_no_place_for_go_plugins(self) -> None:
        assert self.folder("pre.js", "manifest.json").plugins == ()

    def test_a_folder_with_a_shared_object_is(self) -> None:
        (one,) = self.folder("pre.js", "x.so").plugins
        assert (one.sure, one.present) == (False, Known(("/mnt/tyk-gateway/middleware/x.so",)))

    def test_a_volume_that_cannot_be_looked_into_may_hold_one(self) -> None:
        claim = {"name": "mw", "persistentVolumeClaim": {"claimName": "mw"}}
        (one,) = asked(running(), manifest(volumes=[claim], volumeMounts=list(self.MOUNT))).plugins
        assert not one.sure
        assert isinstance(one.present, Unknown)

    def test_variables_from_elsewhere_are_said(self) -> None:
        found = asked(running(), manifest(envFrom=[{"configMapRef": {"name": "more"}}]))
        assert found.unasked == (
            "Deployment tyk/gateway-tyk: TYK_GW_ENABLEBUNDLEDOWNLOADER is set outside of the manifest",
        )


class TestBundles:
    BUNDLE = api(custom_middleware_bundle="auth.zip")
    INSIDE = f"/mnt/tyk-gateway/middleware/bundles/{hashlib.md5(b'auth.zip').hexdigest()}/auth.so"

    def test_a_bundle_may_hold_one(self) -> None:
        (one,) = asked(running(self.BUNDLE)).plugins
        assert (one.path, one.sure, one.looked_for) == ("auth.zip", False, ())

    def test_the_log_tells_that_it_does(self) -> None:
        logged = LoggedPlugin(self.INSIDE.replace(".so", "_v5.8.6_linux_amd64.so"))
        (one,) = asked(running(self.BUNDLE, logged=(logged,))).plugins
        assert one.sure
        assert one.where == "API orders: custom_middleware_bundle auth.zip"
        assert one.path == self.INSIDE
        assert isinstance(one.present, Unknown)

    def test_a_plugin_that_only_the_log_names_may_be_of_an_api_that_is_gone(self) -> None:
        (one,) = asked(running(logged=(LoggedPlugin("/old/x.so"),))).plugins
        assert (one.where, one.path, one.sure) == ("the gateway's log", "/old/x.so", False)

    def test_a_plugin_that_does_not_load_now_is_said(self) -> None:
        found = asked(running(api(), logged=(LoggedPlugin(PATH, "plugin file not found"),)))
        assert f"{PATH} does not load now: plugin file not found" in found.notes
        assert len(found.plugins) == 1

    def test_what_one_pod_could_not_load_is_not_forgotten_for_another_that_could(self) -> None:
        one = pod(inventory=Known(Inventory((api(),))), plugins=Known((LoggedPlugin(PATH, "gone"),)))
        other = replace(one, pod="gateway-2", plugins=Known((LoggedPlugin(PATH),)))
        assert f"{PATH} does not load now: gone" in asked(baseline(one, other)).notes

    def test_a_driver_without_a_plugin_names_no_file(self) -> None:
        (one,) = asked(running(api(custom_middleware={"driver": "goplugin"}))).plugins
        assert (one.looked_for, one.present, one.sure) == ((), Unknown("no file is named"), False)


class TestOperator:
    RESOURCE = {
        "metadata": {"namespace": "team", "name": "orders"},
        "spec": {"custom_middleware_bundle": "b.zip"},
    }

    def test_its_resources_are_read(self) -> None:
        cluster = OperatorCluster(lists={("ApiDefinition", ""): [self.RESOURCE]})
        (one,) = asked(running(), cluster=cluster).plugins
        assert one.where == "ApiDefinition team/orders: custom_middleware_bundle"

    def test_an_oas_definition_is_in_a_config_map(self) -> None:
        plugin = {"enabled": True, "path": PATH, "functionName": "F"}
        document = {"x-tyk-api-gateway": {"middleware": {"global": {"prePlugins": [plugin]}}}}
        reference = {"name": "oas", "keyName": "api.json"}
        resource = {
            "metadata": {"namespace": "team", "name": "oas"},
            "spec": {"tykOAS": {"configmapRef": reference}},
        }
        cluster = OperatorCluster(
            {("ConfigMap", "oas"): {"data": {"api.json": json.dumps(document)}}},
            lists={("TykOasApiDefinition", ""): [resource]},
        )
        (one,) = asked(running(), cluster=cluster).plugins
        assert one.where.startswith("TykOasApiDefinition team/oas: x-tyk-api-gateway")
        cluster.objects = {("ConfigMap", "oas"): {"data": {"api.json": "[[["}}}
        assert "no JSON under api.json" in asked(running(), cluster=cluster).unasked[0]
        cluster.objects = {("ConfigMap", "oas"): {"data": {"api.json": "[]"}}}
        assert "holds no API definition" in asked(running(), cluster=cluster).unasked[0]
        cluster.objects = {}
        assert "ConfigMap oas is not there" in asked(running(), cluster=cluster).unasked[0]

    def test_where_only_the_own_namespace_may_be_read_the_others_are_unasked(self) -> None:
        lists = {("ApiDefinition", ""): FORBIDDEN, ("ApiDefinition", "tyk"): [self.RESOURCE]}
        found = asked(running(), cluster=OperatorCluster(lists=lists))
        assert len(found.plugins) == 1
        assert found.unasked == ("ApiDefinition of other namespaces: apidefinitions is forbidden",)

    def test_where_nothing_may_be_read_it_is_unasked(self) -> None:
        lists = {("ApiDefinition", ""): FORBIDDEN, ("ApiDefinition", "tyk"): FORBIDDEN}
        assert asked(running(), cluster=OperatorCluster(lists=lists)).unasked == (
            "ApiDefinition: apidefinitions is forbidden",
        )


class TestUnasked:
    @pytest.mark.parametrize(
        ("before", "place"),
        [
            (Unknown("the tunnel broke"), "API definitions and log of the running gateway: the tunnel broke"),
            (running(inventory=Unknown("no secret")), "API definitions of pod gateway-1: no secret"),
            (running(plugins=Unknown("forbidden")), "log of pod gateway-1: forbidden"),
        ],
    )
    def test_what_the_gateway_did_not_tell(self, before: Maybe[Baseline], place: str) -> None:
        assert asked(before).unasked == (place,)

    def test_a_gateway_without_pods(self) -> None:
        nobody = Baseline("Deployment tyk/gateway-tyk", "Deployment", 0, (), False, False)
        assert "no gateway pod runs" in asked(Known(nobody)).unasked[0]

    def test_a_second_gateway(self) -> None:
        found = asked(running(), manifest(), manifest().replace('gateway-tyk"', 'gateway-two"'))
        assert any("gateway-two" in place for place in found.unasked)

    def test_without_a_way_to_the_cluster(self) -> None:
        class NoWay(TestDoors):
            @property
            def cluster(self) -> Any:
                raise ClusterError("no cluster is configured")

        found = plugins(
            NoWay(ScriptedCluster()), split(mounted(secret={"secretName": "s"})), "tyk", running(api()), MOVE
        )
        assert isinstance(found, Known)
        assert "custom resources of Tyk Operator: no cluster is configured" in found.value.unasked
        present = found.value.plugins[0].present
        assert isinstance(present, Unknown)
        assert "no cluster is configured" in present.reason

    def test_without_a_gateway_nothing_is_known(self) -> None:
        assert isinstance(plugins(TestDoors(ScriptedCluster()), (), "tyk", running(), MOVE), Unknown)


class TestMove:
    def test_an_unknown_version_invents_nothing(self) -> None:
        found = asked(running(api()), move=replace(MOVE, after=Unknown("pinned by digest")))
        (one,) = found.plugins
        assert (one.looked_for, found.commands, found.preflight) == ((), (), "")
        assert isinstance(one.present, Unknown)
        assert isinstance(found.rebuild, Unknown)
        assert any("pinned by digest" in note for note in found.notes)

    def test_unknown_platforms_are_both_and_it_is_said(self) -> None:
        found = asked(running(api()), move=replace(MOVE, platforms=Unknown("forbidden")))
        assert any("linux_arm64" in name for name in found.plugins[0].looked_for)
        assert len(found.commands) == 2
        assert any("(forbidden): amd64 and arm64 are given" in note for note in found.notes)

    @pytest.mark.parametrize(
        ("before", "image", "rebuild"),
        [("5.8.6", IMAGE, True), ("5.13.1", IMAGE, False), ("v5.13.1", "tykio/tyk-gateway-ee:v5.13.1", True)],
    )
    def test_another_version_or_edition_needs_a_new_build(
        self, before: str, image: str, rebuild: bool
    ) -> None:
        found = asked(running(api()), manifest(image=image), move=replace(MOVE, before=Known(before)))
        assert found.rebuild == Known(rebuild)


class TestPreflight:
    def test_a_pod_that_cannot_be_written_as_a_job_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(data: dict[str, Any], comments: dict[Any, str]) -> bytes:
            raise helmyaml.Refused("Helm would not read it")

        monkeypatch.setattr(emit, "compose", refuse)
        found = asked(running(api()))
        assert found.preflight == ""
        assert "no Job to try the plugins with: Helm would not read it" in found.notes

    def test_a_job_for_each_platform_tries_every_plugin(self) -> None:
        both = replace(MOVE, platforms=Known(("linux/amd64", "linux/arm64/v8")))
        jobs = helmyaml.manifests(asked(running(api()), mounted(emptyDir={}), move=both).preflight)
        commands = [job.object["spec"]["template"]["spec"]["containers"][0]["command"] for job in jobs]
        assert [command[4] for command in commands] == [NEW, NEW.replace("amd64", "arm64")]
        assert {command[-1] for command in commands} == {"Check"}

    def test_what_is_in_a_bundle_cannot_be_tried(self) -> None:
        logged = (LoggedPlugin(TestBundles.INSIDE),)
        assert asked(running(TestBundles.BUNDLE, logged=logged)).preflight == ""

    def test_an_old_gateway_cannot_try_them(self) -> None:
        found = asked(running(api()), move=replace(MOVE, after=Known("4.3.7")))
        assert found.preflight == ""
        assert any("no `tyk plugin load`" in note for note in found.notes)
        assert any("lets the request pass" in note for note in found.notes)
