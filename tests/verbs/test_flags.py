"""Flags to records: Helm's keep their meaning, nonsense is refused before anything is asked."""

from __future__ import annotations

import argparse
import io
import re
from typing import Any

import pytest

from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.model.inputs import Layers, Request, RunSettings
from helm_tyk_upgrade.verbs import flags, plan


def parsed(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    plan.add_arguments(parser)
    return parser.parse_args(argv)


def request(*argv: str, **env: str) -> Request:
    context = Context(env, Streams(io.StringIO(), io.StringIO(), io.StringIO()))
    return flags.request(parsed(*argv), context)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90.0),
        ("90s", 90.0),
        ("2m30s", 150.0),
        ("1h", 3600.0),
        ("500ms", 0.5),
        ("1.5m", 90.0),
        ("0", 0.0),
    ],
)
def test_a_duration_is_gos_or_seconds(text: str, seconds: float) -> None:
    assert flags.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5x", "5m-", "-5", "-5s", "nan", "inf", "1h 5m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no duration"):
        flags.duration(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [("0", (0, None)), ("7", (7, None)), ("0%", (None, 0.0)), ("0.1%", (None, 0.1)), ("100%", (None, 100.0))],
)
def test_a_budget_is_a_count_or_a_share(text: str, found: tuple[int | None, float | None]) -> None:
    settings = request("--max-lost", text).settings
    assert (settings.max_lost, settings.max_lost_percent) == found
    assert settings.has_budget


@pytest.mark.parametrize("text", ["", "few", "-1", "1.5", "%", "101%", "-1%", "1e2%", "\u0663", "nan%"])
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no share of them"):
        flags.lost(text)


def test_the_settings_of_soak_gap_and_ca() -> None:
    settings = request("--soak", "5m", "--max-gap", "2s", "--ca-file", "ca.pem").settings
    assert (settings.soak, settings.max_gap, settings.ca_file) == (300.0, 2.0, "ca.pem")
    assert not RunSettings().has_budget


def test_defaults_are_those_of_the_record() -> None:
    assert request().settings == RunSettings()


def test_set_flags_keep_their_order_and_kind() -> None:
    found = request("--set", "a=1", "-f", "one.yaml", "--set-string", "b=2", "--set", "c=3", "-f", "two.yaml")
    assert found.layers == Layers(
        ("one.yaml", "two.yaml"), (("--set", "a=1"), ("--set-string", "b=2"), ("--set", "c=3"))
    )


@pytest.mark.parametrize(("argv", "wait"), [([], ""), (["--wait"], "true"), (["--wait=legacy"], "legacy")])
def test_wait_is_helms_own(argv: list[str], wait: str) -> None:
    assert request(*argv).flags.wait == wait


def test_switches_of_helm_are_passed_on() -> None:
    found = request("--skip-crds", "--no-hooks", "--history-max", "5", "--timeout", "7m").flags
    assert (found.passed, found.history_max, found.timeout) == (("--skip-crds", "--no-hooks"), 5, "7m")


def test_settings_are_what_was_asked() -> None:
    found = request(
        "--rollout-timeout", "7m", "--no-rollback", "--restore-apis", "--grace", "unschedulable=10m",
        "--probe-url", "https://api.test/hello", "--expect-version", "5.13.1",
    ).settings  # fmt: skip
    assert found.rollout_timeout == 420.0
    assert not found.rollback
    assert found.restore_apis
    assert found.grace == (("unschedulable", 600.0),)
    assert (found.probe_url, found.expect_version) == ("https://api.test/hello", "5.13.1")


@pytest.mark.parametrize("flag", ["--atomic", "--rollback-on-failure"])
def test_atomic_names_the_default_and_contradicts_no_rollback(flag: str) -> None:
    assert request(flag).settings.rollback
    with pytest.raises(UsageError, match="contradict each other"):
        request(flag, "--no-rollback")


@pytest.mark.parametrize("text", ["unschedulable", "image=30s", "unschedulable=soon", "=5s"])
def test_a_grace_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--grace"):
        request("--grace", text)


@pytest.mark.parametrize("flag", sorted(flags.REFUSED))
def test_flags_that_contradict_the_promise_are_refused_with_the_reason(flag: str) -> None:
    with pytest.raises(UsageError, match=f"{flag} cannot be used here") as caught:
        parsed(flag)
    assert caught.value.hint == flags.REFUSED[flag]


@pytest.mark.parametrize(
    ("argv", "env", "catalogue"),
    [
        ([], {}, ""),
        ([], {"TYK_UPGRADE_CATALOGUE": "https://hub.test"}, "https://hub.test"),
        (
            ["--catalogue", "https://own.test"],
            {"TYK_UPGRADE_CATALOGUE": "https://hub.test"},
            "https://own.test",
        ),
    ],
)
def test_a_flag_wins_over_the_environment(argv: list[str], env: dict[str, Any], catalogue: str) -> None:
    assert request(*argv, **env).catalogue == catalogue


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("image-present=warn", "there is no check 'image-present'", "did you mean images-present?"),
        ("foo=warn", "there is no check 'foo'", "the checks: apis-in-emptydir"),
        ("drift=maybe", "'maybe' is no policy", "use fail, warn or ignore"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_before_any_work(text: str, words: str, hint: str) -> None:
    parser = argparse.ArgumentParser()
    flags.add_policy(parser)
    with pytest.raises(UsageError, match=re.escape(words)) as caught:
        parser.parse_args(["--policy", text])
    assert (caught.value.hint or "").startswith(hint)


def test_policies_that_make_sense_are_kept_as_given() -> None:
    parser = argparse.ArgumentParser()
    flags.add_policy(parser)
    found = parser.parse_args(["--policy", "drift=fail", "--policy", "data-loss=warn"])
    assert found.policy == ["drift=fail", "data-loss=warn"]
