"""Go plugins: every place that names one, the files a version looks for, the compiler, the Job that tries them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helm_tyk_upgrade.gateway.environment import environment_of
from helm_tyk_upgrade.gateway.spec import find_gateways, gateway_container
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.baseline import LoggedPlugin
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.tyk.plugins import preflight
from helm_tyk_upgrade.tyk.plugins.compiling import compiling, edition, go_versions, guide_path, without
from helm_tyk_upgrade.tyk.plugins.definitions import in_definition
from helm_tyk_upgrade.tyk.plugins.files import looked_for, plain_platform
from helm_tyk_upgrade.tyk.plugins.found import LONGEST, Found
from helm_tyk_upgrade.tyk.plugins.logs import configured, in_log
from helm_tyk_upgrade.tyk.plugins.pod import in_pod

MANIFESTS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "manifests"
AMD, ARM = "linux/amd64", "linux/arm64"
GO: dict[str, Any] = {"driver": "goplugin"}
AUTH = {"path": "/plugins/auth.so", "name": "Check"}
OAS_AUTH = {"enabled": True, "path": "/plugins/auth.so", "functionName": "Check"}
IMAGE = "docker.tyk.io/tyk-gateway/tyk-gateway:v5.13.1"


def extension(**parts: Any) -> dict[str, Any]:
    return {"openapi": "3.0.3", "x-tyk-api-gateway": parts}


def common(**parts: Any) -> dict[str, Any]:
    return extension(middleware={"global": parts})


class TestDefinitions:
    @pytest.mark.parametrize(
        ("document", "place"),
        [
            ({"custom_middleware": {**GO, "pre": [AUTH]}}, "custom_middleware.pre[0]"),
            ({"custom_middleware": {**GO, "post": [{}, AUTH]}}, "custom_middleware.post[1]"),
            ({"custom_middleware": {**GO, "post_key_auth": [AUTH]}}, "custom_middleware.post_key_auth[0]"),
            ({"custom_middleware": {"response": [AUTH]}}, "custom_middleware.response[0]"),
            ({"custom_middleware": {"driver": "otto", "auth_check": AUTH}}, "custom_middleware.auth_check"),
            (
                {"analytics_plugin": {"enable": True, "plugin_path": AUTH["path"], "func_name": "Check"}},
                "analytics_plugin",
            ),
            (
                {
                    "version_data": {
                        "versions": {
                            "v1": {
                                "extended_paths": {
                                    "go_plugin": [
                                        {"plugin_path": AUTH["path"], "func_name": "Check", "path": "/x"}
                                    ]
                                }
                            }
                        }
                    }
                },
                "version v1, extended_paths.go_plugin[0]",
            ),
            (common(prePlugins=[OAS_AUTH]), "x-tyk-api-gateway.middleware.global.prePlugins[0]"),
            (
                common(prePlugin={"plugins": [OAS_AUTH]}),
                "x-tyk-api-gateway.middleware.global.prePlugin.plugins[0]",
            ),
            (
                common(postAuthenticationPlugins=[OAS_AUTH]),
                "x-tyk-api-gateway.middleware.global.postAuthenticationPlugins[0]",
            ),
            (common(postPlugins=[OAS_AUTH]), "x-tyk-api-gateway.middleware.global.postPlugins[0]"),
            (common(responsePlugins=[OAS_AUTH]), "x-tyk-api-gateway.middleware.global.responsePlugins[0]"),
            (
                common(trafficLogs={"plugins": [OAS_AUTH]}),
                "x-tyk-api-gateway.middleware.global.trafficLogs.plugins[0]",
            ),
            (
                extension(server={"authentication": {"custom": {"enabled": True, "config": OAS_AUTH}}}),
                "x-tyk-api-gateway.server.authentication.custom.config",
            ),
            (
                extension(middleware={"operations": {"listOrders": {"postPlugins": [OAS_AUTH]}}}),
                "x-tyk-api-gateway.middleware.operations.listOrders.postPlugins[0]",
            ),
            (
                extension(middleware={"mcpTools": {"search": {"postPlugins": [OAS_AUTH]}}}),
                "x-tyk-api-gateway.middleware.mcpTools.search.postPlugins[0]",
            ),
        ],
    )
    def test_each_place_names_its_plugin(self, document: dict[str, Any], place: str) -> None:
        assert in_definition("API orders", document) == (
            Found(f"API orders: {place}", "/plugins/auth.so", "Check"),
        )

    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"custom_middleware": {"driver": "", "pre": [], "auth_check": {"name": "", "path": ""}}},
            {"custom_middleware": {"driver": "otto", "pre": [{"path": "middleware/pre.js", "name": "pre"}]}},
            {"custom_middleware": {"driver": "grpc", "pre": [{"path": "", "name": "Hook"}]}},
            {"custom_middleware": {"pre": [{**AUTH, "disabled": True}]}},
            {"custom_middleware_bundle": "x.zip", "custom_middleware_bundle_disabled": True},
            {
                "version_data": {
                    "versions": {
                        "v1": {"extended_paths": {"go_plugin": [{"plugin_path": "/x.so", "disabled": True}]}}
                    }
                }
            },
            {"analytics_plugin": {"enable": False, "plugin_path": "/plugins/auth.so"}},
            common(pluginConfig={"driver": "otto"}, prePlugins=[{**OAS_AUTH, "path": "pre.js"}]),
            common(prePlugins=[{**OAS_AUTH, "enabled": False}]),
            common(pluginConfig={"bundle": {"enabled": False, "path": "x.zip"}}),
            extension(server={"authentication": {"custom": {"enabled": False, "config": OAS_AUTH}}}),
        ],
    )
    def test_other_languages_and_what_is_switched_off_are_none(self, document: dict[str, Any]) -> None:
        assert in_definition("API orders", document) == ()

    @pytest.mark.parametrize(
        ("document", "sure"),
        [
            ({"custom_middleware_bundle": "auth.zip"}, False),
            ({"custom_middleware_bundle": "auth.zip", "custom_middleware": {"driver": "python"}}, False),
            ({"custom_middleware_bundle": "auth.zip", "custom_middleware": GO}, True),
            (common(pluginConfig={"bundle": {"enabled": True, "path": "auth.zip"}}), False),
            (common(pluginConfig={**GO, "bundle": {"enabled": True, "path": "auth.zip"}}), True),
        ],
    )
    def test_a_bundle_alone_may_hold_any_language(self, document: dict[str, Any], sure: bool) -> None:
        (found,) = in_definition("API orders", document)
        assert (found.kind, found.path, found.sure) == ("bundle", "auth.zip", sure)

    @pytest.mark.parametrize("document", [{"custom_middleware": GO}, common(pluginConfig=GO)])
    def test_a_driver_without_a_plugin_is_no_sure_one(self, document: dict[str, Any]) -> None:
        (found,) = in_definition("API orders", document)
        assert (found.path, found.sure) == ("", False)

    def test_with_the_driver_any_path_is_a_go_plugin(self) -> None:
        found = in_definition(
            "API a", {"custom_middleware": {**GO, "pre": [{"path": "plugins/auth", "name": "F"}]}}
        )
        assert found == (Found("API a: custom_middleware.pre[0]", "plugins/auth", "F"),)

    def test_names_are_made_printable_and_short(self) -> None:
        (found,) = in_definition(
            "API a", {"custom_middleware": {"pre": [{"path": "/\x1b[2J" + "x" * 9999 + ".so"}]}}
        )
        assert "\x1b" not in found.path
        assert len(found.path) <= LONGEST


_KEYS = st.sampled_from(
    """custom_middleware driver pre path version_data versions extended_paths go_plugin x-tyk-api-gateway middleware
    global prePlugin prePlugins plugins pluginConfig bundle server authentication custom config operations postPlugins
    analytics_plugin enabled custom_middleware_bundle plugin_path auth_check trafficLogs mcpTools name""".split()
)
_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.sampled_from(["goplugin", "a.so", "", "\x1b]0;x\x07.so"])
)
_TREES = st.recursive(
    _LEAVES,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_KEYS, below, max_size=4),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(_KEYS, _TREES, max_size=5))
def test_a_definition_of_any_shape_is_read_without_an_error(document: dict[str, Any]) -> None:
    for found in in_definition("API x", document):
        assert "\x1b" not in found.path
        assert found.where.startswith("API x")


_PATHS = [
    ("custom_middleware", "pre"),
    ("custom_middleware", "auth_check"),
    ("version_data", "versions", "v1", "extended_paths", "go_plugin"),
    ("x-tyk-api-gateway", "middleware", "global", "prePlugins"),
    ("x-tyk-api-gateway", "middleware", "operations"),
    ("x-tyk-api-gateway", "server", "authentication", "custom", "config"),
]


@pytest.mark.parametrize("path", _PATHS, ids=".".join)
@pytest.mark.parametrize("odd", [None, 7, "text", [], ["x"], [None], {"a": 1}, [[{}]], True])
def test_an_odd_value_anywhere_on_the_way_names_nothing(path: tuple[str, ...], odd: Any) -> None:
    for depth in range(1, len(path) + 1):
        document: Any = odd
        for step in reversed(path[:depth]):
            document = {step: document}
        assert in_definition("API x", document) == ()


class TestFiles:
    @pytest.mark.parametrize(
        ("version", "names"),
        [
            ("4.0.16", ("/p/a.so",)),
            ("4.1.0", ("/p/a.so", "/p/a_4.1.0_linux_amd64.so")),
            ("4.2.4", ("/p/a.so", "/p/a_4.2.4_linux_amd64.so")),
            ("4.3.0", ("/p/a.so", "/p/a_4.3.0_linux_amd64.so", "/p/a_v4.3.0_linux_amd64.so")),
            ("4.3.1", ("/p/a.so", "/p/a_4.3.1_linux_amd64.so", "/p/a_v4.3.1_linux_amd64.so")),
            ("4.3.2", ("/p/a_v4.3.2_linux_amd64.so", "/p/a_4.3.2_linux_amd64.so", "/p/a.so")),
            ("5.0.0", ("/p/a_v5.0.0_linux_amd64.so", "/p/a_5.0.0_linux_amd64.so", "/p/a.so")),
            ("v5.13.1", ("/p/a_v5.13.1_linux_amd64.so", "/p/a_5.13.1_linux_amd64.so", "/p/a.so")),
            ("5.13.2-rc1", ("/p/a_v5.13.2_linux_amd64.so", "/p/a_5.13.2_linux_amd64.so", "/p/a.so")),
        ],
    )
    def test_each_band_of_versions_has_its_order(self, version: str, names: tuple[str, ...]) -> None:
        assert looked_for("/p/a.so", version, [AMD]) == names

    def test_two_architectures_name_by_name(self) -> None:
        assert looked_for("/p/a.so", "5.13.1", [AMD, "linux/arm64/v8"]) == (
            "/p/a_v5.13.1_linux_amd64.so",
            "/p/a_v5.13.1_linux_arm64.so",
            "/p/a_5.13.1_linux_amd64.so",
            "/p/a_5.13.1_linux_arm64.so",
            "/p/a.so",
        )

    @pytest.mark.parametrize(
        ("path", "first"),
        [
            ("a.so", "./a_v5.13.1_linux_amd64.so"),
            ("./m/a.so", "m/a_v5.13.1_linux_amd64.so"),
            ("/p/../q//a.so", "/q/a_v5.13.1_linux_amd64.so"),
            ("/p/a", "/p/a_v5.13.1_linux_amd64.so"),
            ("/p/a_v5.3.0_linux_amd64.so", "/p/a_v5.3.0_linux_amd64_v5.13.1_linux_amd64.so"),
        ],
    )
    def test_the_folder_is_cleaned_as_go_does(self, path: str, first: str) -> None:
        assert looked_for(path, "5.13.1", [AMD])[0] == first

    def test_no_path_no_file(self) -> None:
        assert looked_for("", "5.13.1", [AMD]) == ()

    def test_a_variant_is_no_platform_of_its_own(self) -> None:
        assert plain_platform("linux/arm64/v8") == ARM


def commands(version: str, image: str = IMAGE, *platforms: str, path: str = "/p/auth.so") -> tuple[str, ...]:
    return compiling([path], Known(version), image, platforms or (AMD,)).commands


RUN = 'docker run --rm -v "$PWD":/plugin-source --platform=linux/amd64 '


class TestCompiling:
    @pytest.mark.parametrize(
        ("image", "version", "compiler"),
        [
            ("tykio/tyk-gateway:v5.13.1", "5.13.1", "tykio/tyk-plugin-compiler:v5.13.1"),
            (IMAGE, "v5.3.0", "tykio/tyk-plugin-compiler:v5.3.0"),
            ("tykio/tyk-gateway-ee:v5.8.5", "5.8.5", "tykio/tyk-plugin-compiler-ee:v5.8.5"),
            ("reg:5000/tyk-gateway-ee@sha256:00", "5.13.1", "tykio/tyk-plugin-compiler-ee:v5.13.1"),
            ("tykio/tyk-gateway-fips:v5.8.15", "5.8.15", "tykio/tyk-plugin-compiler-fips:v5.8.15"),
            ("tykio/tyk-gateway-fips:v5.13.1", "5.13.1", "tykio/tyk-plugin-compiler-fips:v5.13.1"),
        ],
    )
    def test_the_command_of_each_edition(self, image: str, version: str, compiler: str) -> None:
        assert commands(version, image) == (f"{RUN}{compiler} auth.so",)

    def test_arm64_is_cross_compiled(self) -> None:
        assert commands("5.13.1", IMAGE, AMD, "linux/arm64/v8") == (
            f"{RUN}tykio/tyk-plugin-compiler:v5.13.1 auth.so",
            f'{RUN}tykio/tyk-plugin-compiler:v5.13.1 auth.so "$(date +%s)" linux arm64',
        )

    @pytest.mark.parametrize(
        ("target", "image", "platform", "why"),
        [
            (Unknown("the tag is a company's"), IMAGE, AMD, "the tag is a company's"),
            (Known("5.99.0"), IMAGE, AMD, "5.99.0 is not in the data"),
            (Known("5.13.2-rc1"), IMAGE, AMD, "5.13.2-rc1 is not in the data"),
            (
                Known("5.6.1"),
                "tykio/tyk-gateway-ee:v5.6.1",
                AMD,
                "tyk-plugin-compiler-ee:v5.6.1 is not on record",
            ),
            (
                Known("5.12.0"),
                "tykio/tyk-gateway-fips:v5.12.0",
                AMD,
                "compiler-fips:v5.12.0 is not on record",
            ),
            (Known("5.0.2"), IMAGE, ARM, "has no compiler for it"),
            (Known("4.0.0"), IMAGE, ARM, "has no compiler for it"),
            (Known("5.13.1"), IMAGE, "linux/s390x", "no compiler command for linux/s390x"),
        ],
    )
    def test_no_command_is_invented(self, target: Maybe[str], image: str, platform: str, why: str) -> None:
        found = compiling(["/p/auth.so"], target, image, [platform])
        assert found.commands == ()
        assert why in found.notes[0]

    @pytest.mark.parametrize("path", ["/p/$(reboot).so", "/p/-v.so", "/p/a b.so", "", "/p/auth"])
    def test_a_name_that_a_shell_would_read_is_not_in_the_command(self, path: str) -> None:
        assert commands("5.13.1", path=path) == (f"{RUN}tykio/tyk-plugin-compiler:v5.13.1 plugin.so",)

    def test_each_file_name_once(self) -> None:
        found = compiling(["/a/x.so", "/b/x.so", "/a/y.so"], Known("5.13.1"), IMAGE, [AMD])
        assert [command.split()[-1] for command in found.commands] == ["x.so", "y.so"]

    @pytest.mark.parametrize(
        ("version", "said"), [("4.1.0", True), ("4.2.4", True), ("4.3.0", False), ("4.0.0", False)]
    )
    def test_where_compiler_and_gateway_disagree_on_the_name_it_is_said(
        self, version: str, said: bool
    ) -> None:
        notes = compiling(["/p/a.so"], Known(version), IMAGE, [AMD]).notes
        assert any("rename the file" in note for note in notes) is said

    @pytest.mark.parametrize(
        ("image", "expected"),
        [
            ("a/tyk-gateway-ee:1", "-ee"),
            ("tyk-gateway-fips", "-fips"),
            ("tyk-gateway:1", ""),
            ("a/company:1", ""),
        ],
    )
    def test_edition(self, image: str, expected: str) -> None:
        assert edition(image) == expected


class TestPage:
    """docs/go-plugins.md shows what this code gives."""

    PAGE = (Path(__file__).resolve().parents[2] / "docs" / "go-plugins.md").read_text()

    def test_the_commands(self) -> None:
        shown = [line.strip() for line in self.PAGE.splitlines() if line.strip().startswith("docker run")]
        assert tuple(shown) == commands("5.13.1", IMAGE, AMD, ARM)

    @pytest.mark.parametrize("version", ["4.0.0", "4.2.4", "4.3.1", "5.13.1"])
    def test_the_file_names(self, version: str) -> None:
        row = ", ".join(f"`{name}`" for name in looked_for("/plugins/auth.so", version, [AMD]))
        assert f"| {row} |" in self.PAGE


@pytest.mark.parametrize(
    ("version", "passes"),
    [
        *[(version, True) for version in ("4.0.0", "4.0.12", "4.1.0", "4.3.7", "5.0.0")],
        *[
            (version, False)
            for version in ("4.0.13", "4.0.16", "5.0.1", "5.0.15", "5.1.0", "v5.13.1", "5.13.2-rc1")
        ],
    ],
)
def test_what_a_version_does_with_a_plugin_that_does_not_load(version: str, passes: bool) -> None:
    told = without(Known(version))
    assert ("lets the request pass" in told) is passes
    assert ("500" in told) is not passes


def test_what_happens_without_is_unknown_with_the_version() -> None:
    assert "not known" in without(Unknown("digest"))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("4.0.0", "4.0.16", "path 1"),
        ("4.0.0", "4.1.0", "path 2"),
        ("4.0.0", "5.13.1", "path 2"),
        ("4.1.0", "5.1.0", "path 3"),
        ("5.8.6", "5.13.1", "path 3"),
        ("4.1.0", "5.0.15", "no path from 4.1.0 to 5.0.15"),
    ],
)
def test_the_path_of_the_guide(before: str, after: str, expected: str) -> None:
    assert expected in guide_path(Known(before), Known(after))


def test_go_versions_come_from_the_data() -> None:
    assert go_versions(Known("5.8.12"), Known("5.8.13")).startswith("Go 1.24 now, Go 1.25 after")
    assert go_versions(Unknown("no pod"), Known("5.99.0")).startswith("Go (unknown) now, Go (unknown) after")


class TestLogs:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (
                'time="Nov 23" level=error msg="Could not load Go-plugin" error="plugin.Open(\\"/p/a\\"): plugin'
                ' was built with a different version of package internal/goarch" mwPath=/p/a.so mwSymbolName=Check',
                LoggedPlugin(
                    "/p/a.so",
                    'plugin.Open("/p/a"): plugin was built with a different version of package internal/goarch',
                ),
            ),
            (
                '{"error":"no such file","level":"error","message":"plugin file not found","mwPath":"/p/a.so"}',
                LoggedPlugin("/p/a.so", "no such file"),
            ),
            (
                'level=info msg="Go-plugin middleware is already initialized" mwPath="/p/a b.so"',
                LoggedPlugin("/p/a b.so"),
            ),
            (
                'level=error msg="Recovered from panic while loading Go-plugin" mwPath=/p/a.so',
                LoggedPlugin("/p/a.so", "it could not be loaded"),
            ),
        ],
    )
    def test_each_line_names_its_plugin(self, line: str, expected: LoggedPlugin) -> None:
        assert in_log(f"something else\n{line}\n") == (expected,)

    def test_each_path_once_and_a_failure_is_not_forgotten(self) -> None:
        failed = 'level=error msg="Could not load Go-plugin" error=gone mwPath=/p/a.so'
        assert in_log(f'{failed}\nlevel=info msg="x" mwPath=/p/a.so\n{failed}') == (
            LoggedPlugin("/p/a.so", "gone"),
        )

    @pytest.mark.parametrize("line", ["", "level=info msg=ok", "mwPath=", 'level=info mwPath=""', "\x00" * 9])
    def test_other_lines_name_none(self, line: str) -> None:
        assert in_log(line) == ()

    def test_escapes_of_the_terminal_are_made_visible(self) -> None:
        assert in_log("mwPath=/p/\x1b[31ma.so")[0].path == "/p/\\x1b[31ma.so"

    @pytest.mark.parametrize("path", ["/p/a_v5.13.1_linux_amd64.so", "/p/a_5.13.1_linux_arm64.so", "/p/a.so"])
    def test_the_configured_path_of_a_versioned_file(self, path: str) -> None:
        assert configured(path) == "/p/a.so"


def places(container: dict[str, Any], **pod: Any) -> list[tuple[str, str]]:
    whole = {"image": IMAGE, **container}
    variables = environment_of(whole).variables
    plain = {name: value for name, value in variables.items() if isinstance(value, str)}
    found = in_pod("gateway", pod, whole, plain)
    assert not any(one.sure for one in found)
    return [(one.where, one.path) for one in found]


class TestPod:
    def test_the_bundle_downloader_without_the_credentials_of_its_address(self) -> None:
        env = [
            {"name": "TYK_GW_ENABLEBUNDLEDOWNLOADER", "value": "true"},
            {"name": "TYK_GW_BUNDLEBASEURL", "value": "https://user:pw@bundles.test/tyk"},
        ]
        assert places({"env": env}) == [
            ("gateway: TYK_GW_ENABLEBUNDLEDOWNLOADER", "https://bundles.test/tyk")
        ]

    def test_without_the_downloader_its_address_means_nothing(self) -> None:
        assert places({"env": [{"name": "TYK_GW_BUNDLEBASEURL", "value": "https://b.test"}]}) == []

    @pytest.mark.parametrize(
        "path",
        [
            "/mnt/tyk-gateway/middleware",
            "/opt/tyk-gateway/middleware/",
            "/opt/tyk-gateway/middleware/go",
            "/x/auth.so",
        ],
    )
    def test_a_volume_where_plugins_go(self, path: str) -> None:
        mount = {"name": "plugins", "mountPath": path}
        assert places({"volumeMounts": [mount]}) == [("gateway: volume plugins", path.rstrip("/"))]

    def test_the_folder_that_the_gateway_is_told_counts_too(self) -> None:
        container = {
            "env": [{"name": "TYK_GW_MIDDLEWAREPATH", "value": "/srv/mw"}],
            "volumeMounts": [{"name": "plugins", "mountPath": "/srv/mw"}],
        }
        assert places(container) == [("gateway: volume plugins", "/srv/mw")]

    def test_an_init_container_that_writes_where_plugins_go(self) -> None:
        mount = {"name": "scratch", "mountPath": "/mnt/tyk-gateway"}
        chart = {"name": "setup-directories", "volumeMounts": [mount]}
        copying = {"name": "copy-plugins", "volumeMounts": [{"name": "scratch", "mountPath": "/out"}]}
        other = {"name": "wait-for-redis"}
        found = places({"volumeMounts": [mount]}, initContainers=[chart, copying, other])
        assert found == [("gateway: init container copy-plugins", "volume scratch")]

    @pytest.mark.parametrize(
        ("image", "own"),
        [
            (IMAGE, False),
            ("tyk-gateway-ee", False),
            ("r:5000/m/tyk-gateway@sha256:0", False),
            ("r:5000/gw:v5.3", True),
        ],
    )
    def test_an_image_of_another_name_may_hold_plugins(self, image: str, own: bool) -> None:
        assert bool(places({"image": image})) is own

    def test_odd_shapes_name_nothing(self) -> None:
        assert in_pod("x", {"initContainers": 7}, {"volumeMounts": "x", "image": None}, {}) == ()


@pytest.mark.skipif(
    not MANIFESTS.is_dir(), reason="the corpus of chart manifests is not beside this checkout"
)
def test_the_charts_of_tyk_alone_bring_no_plugin() -> None:
    for path in sorted(MANIFESTS.glob("*.yaml")):
        for item, _ in find_gateways(one.data for one in split(path.read_text())):
            pod = item["spec"]["template"]["spec"]
            container = gateway_container(pod)
            assert container is not None
            variables = environment_of(container).variables
            plain = {name: value for name, value in variables.items() if isinstance(value, str)}
            assert in_pod("gateway", pod, container, plain) == (), path.name


class TestPreflight:
    POD: dict[str, Any] = {
        "imagePullSecrets": [{"name": "pull"}],
        "nodeSelector": {"pool": "edge"},
        "volumes": [{"name": "plugins", "persistentVolumeClaim": {"claimName": "plugins"}}],
        "initContainers": [
            {
                "name": "copy",
                "env": [
                    {"name": "TOKEN", "value": "canary-token"},
                    {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                ],
                "volumeMounts": [{"name": "plugins", "mountPath": "/out"}],
            }
        ],
    }
    CONTAINER: dict[str, Any] = {
        "name": "gateway-tyk-gateway",
        "image": IMAGE,
        "env": [{"name": "TYK_GW_SECRET", "value": "canary-secret"}],
        "volumeMounts": [
            {"name": "plugins", "mountPath": "/p"},
            {"name": "claim-of-a-statefulset", "mountPath": "/q"},
        ],
    }

    def job(self) -> dict[str, Any]:
        loads = [preflight.Load("/p/a_v5.13.1_linux_arm64.so", "Check")]
        return preflight.job("gateway-Tyk_x", "tyk", ARM, self.POD, self.CONTAINER, loads)

    def test_it_loads_with_the_planned_image_and_volumes_on_the_right_node(self) -> None:
        made = self.job()
        spec = made["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        assert container["image"] == IMAGE
        assert container["command"][1:] == [
            "plugin",
            "load",
            "-f",
            "/p/a_v5.13.1_linux_arm64.so",
            "-s",
            "Check",
        ]
        assert container["volumeMounts"] == [{"name": "plugins", "mountPath": "/p"}]
        assert spec["nodeSelector"] == {"pool": "edge", "kubernetes.io/arch": "arm64"}
        assert spec["volumes"] == self.POD["volumes"]
        assert made["metadata"] == {"name": "gateway-tyk-x-plugins-arm64", "namespace": "tyk"}

    def test_it_copies_no_plain_value_of_the_environment(self) -> None:
        made = self.job()
        assert "canary" not in str(made)
        (init,) = made["spec"]["template"]["spec"]["initContainers"]
        assert [entry["name"] for entry in init["env"]] == ["KEY"]

    @pytest.mark.parametrize(
        ("version", "can"), [("4.3.7", False), ("5.0.0", True), ("v5.0.0-rc1", True), ("5.13.1", True)]
    )
    def test_which_versions_can_load(self, version: str, can: bool) -> None:
        assert preflight.can_load(version) is can
