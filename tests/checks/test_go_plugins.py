"""The check go-plugins, by table."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.checks import go_plugins
from helm_tyk_upgrade.model.knowledge import NOT_LOOKED_FOR, GoPlugin, GoPlugins
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict
from tests.checks.build import changes, facts

NAMES = (
    "/p/a_v5.13.1_linux_amd64.so",
    "/p/a_v5.13.1_linux_arm64.so",
    "/p/a_5.13.1_linux_amd64.so",
    "/p/a.so",
)
COMMAND = "docker run tykio/tyk-plugin-compiler:v5.13.1 a.so"
HIDDEN = Unknown("the image has no shell")


def plugin(present: Maybe[tuple[str, ...]] = HIDDEN, *, sure: bool = True) -> GoPlugin:
    return GoPlugin("API orders: custom_middleware.pre[0]", "/p/a.so", NAMES, present, sure)


def verdict(
    *plugins: GoPlugin,
    unasked: tuple[str, ...] = (),
    rebuild: Maybe[bool] = Known(True),  # noqa: B008
) -> Verdict:
    found = GoPlugins(plugins, (COMMAND,) if plugins else (), unasked, ("it answers 500",), rebuild=rebuild)
    return go_plugins.run(facts(plugins=Known(found)), changes())


def test_none_found_with_everything_looked_at() -> None:
    found = verdict()
    assert (found.status, found.reason) == (Status.PASS, "no Go plugin found")


def test_none_found_where_not_everything_could_be_looked_at_is_no_pass() -> None:
    found = verdict(unasked=("API definitions: no secret", "log: forbidden"))
    assert found.status is Status.UNKNOWN
    assert "no secret" in found.reason
    assert found.evidence == ("log: forbidden",)
    assert "commands" not in found.hint


def test_without_commands_the_hint_does_not_speak_of_them() -> None:
    bare = GoPlugins((plugin(),), (), rebuild=Known(True))
    found = go_plugins.run(facts(plugins=Known(bare)), changes())
    assert (found.status, "commands shown" in found.hint) == (Status.FAIL, False)
    assert "compile them" in found.hint
    assert "commands shown" in verdict(plugin()).hint


def test_nobody_looked() -> None:
    assert go_plugins.run(facts(plugins=NOT_LOOKED_FOR), changes()).status is Status.UNKNOWN


def test_a_new_version_needs_a_new_build_and_the_evidence_says_how() -> None:
    found = verdict(plugin(), unasked=("log: forbidden",))
    assert (found.status, found.reason) == (Status.FAIL, "1 Go plugin must be compiled for the new gateway")
    text = "\n".join(found.evidence)
    assert all(name in text for name in NAMES)
    assert COMMAND in found.evidence
    assert "it answers 500" in found.evidence
    assert "not looked at: log: forbidden" in found.evidence
    assert "the image has no shell" in text


@pytest.mark.parametrize(
    ("present", "status"),
    [
        (NAMES[:2], Status.PASS),
        (NAMES[1:], Status.PASS),
        (NAMES[:1], Status.FAIL),
        (("/p/a.so",), Status.FAIL),
        ((), Status.FAIL),
    ],
)
def test_files_for_the_new_version_on_every_platform_are_enough(
    present: tuple[str, ...], status: Status
) -> None:
    assert verdict(plugin(Known(present))).status is status


def test_one_of_two_that_is_ready_is_not_counted() -> None:
    assert verdict(plugin(Known(NAMES)), plugin()).reason.startswith("1 Go plugin must")


@pytest.mark.parametrize("sure", [True, False])
def test_the_same_version_needs_none(sure: bool) -> None:
    found = verdict(plugin(sure=sure), rebuild=Known(False))
    assert found.status is Status.PASS
    assert "/p/a.so" in found.evidence[0]


@pytest.mark.parametrize("sure", [True, False])
def test_an_unknown_version_is_unknown(sure: bool) -> None:
    assert verdict(plugin(sure=sure), rebuild=Unknown("a digest")).status is Status.UNKNOWN


def test_what_may_be_one_is_unknown() -> None:
    found = verdict(plugin(sure=False))
    assert found.status is Status.UNKNOWN
    assert "(perhaps a Go plugin)" in found.evidence[0]


def test_it_warns() -> None:
    assert go_plugins.DEFAULT is Policy.WARN


def test_a_ready_plugin_is_no_pass_where_not_everything_could_be_looked_at() -> None:
    found = verdict(plugin(Known(NAMES)), unasked=("API definitions could not be read",))
    assert found.status is Status.UNKNOWN
    assert "API definitions could not be read" in found.reason
    assert "look there yourself" in found.hint


@pytest.mark.parametrize(
    ("present", "status"),
    [(Known(NAMES), Status.PASS), (Known(()), Status.UNKNOWN), (HIDDEN, Status.UNKNOWN)],
)
def test_what_may_be_a_plugin_must_be_ready_too(present: Maybe[tuple[str, ...]], status: Status) -> None:
    found = verdict(plugin(Known(NAMES)), plugin(present, sure=False))
    assert found.status is status
