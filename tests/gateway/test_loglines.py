"""Version lines and error signatures in every log format."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.gateway.logknowledge import explained
from helm_tyk_upgrade.gateway.loglines import entries, new_signatures, signatures, versions_named

OLD = 'time="Nov 23 20:04:25" level=info msg="Tyk API Gateway 5.8.1" prefix=main'
OLD_STARTED = 'time="Nov 23 20:04:26" level=info msg="Tyk Gateway started (5.8.1)" prefix=main'
RFC = 'time="2026-11-23T20:04:26Z" level=info msg="Tyk API Gateway 5.13.1" prefix=main'
NEW = 'time="2026-11-23T20:04:26Z" level=info message="Tyk API Gateway 5.14.0" prefix=main'
FOUR = 'time="Jul 17 20:58:27" level=info msg="Tyk API Gateway v4.0.0" prefix=main'
JSON = '{"level":"info","msg":"Tyk API Gateway 5.8.12","prefix":"main","time":"Nov 23 20:04:25"}'
JSON_NEW = '{"level":"info","message":"Tyk API Gateway 5.14.0","prefix":"main","time":"2026-11-23T20:04:25Z"}'
REDIS = (
    'time="Nov 23 20:04:45" level=error msg="Redis health check failed" '
    'error="storage: Redis is either down or was not configured" liveness-check=true prefix=main'
)
REDIS_JSON = (
    '{"error":"storage: Redis is either down or was not configured","level":"error","liveness-check":true,'
    '"message":"Redis health check failed","prefix":"main","time":"2026-11-23T20:04:45Z"}'
)
POLICIES = (
    'time="Nov 23 20:04:25" level=error msg="Couldn\'t unmarshal policy configuration from dir: '
    '/mnt/tyk-gateway/policies/policies.json : EOF" prefix=policy'
)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        (OLD, "5.8.1"),
        (OLD_STARTED, "5.8.1"),
        (RFC, "5.13.1"),
        (NEW, "5.14.0"),
        (FOUR, "4.0.0"),
        (JSON, "5.8.12"),
        (JSON_NEW, "5.14.0"),
        ('level=info msg="Tyk API Gateway 5.13.2-rc1" prefix=main', "5.13.2-rc1"),
        ('level=info msg="Tyk Gateway started (v5.5.0-dev)"', "5.5.0-dev"),
    ],
)
def test_each_formats_version_line_is_read(line: str, version: str) -> None:
    assert versions_named(f"something\n{line}\nmore") == (version,)


@pytest.mark.parametrize(
    "line",
    [
        'level=info msg="proxying to Tyk API Gateway 5.8.1 upstream"',
        'level=info msg="Tyk API Gateway"',
        "Tyk API Gateway 5.8.1",
        "",
    ],
)
def test_other_lines_name_no_version(line: str) -> None:
    assert versions_named(line) == ()


def test_two_starts_name_two_versions_once_each() -> None:
    assert versions_named("\n".join([OLD, OLD_STARTED, RFC, OLD])) == ("5.8.1", "5.13.1")


def test_the_same_trouble_has_one_signature_in_every_format() -> None:
    assert list(signatures(REDIS)) == list(signatures(REDIS_JSON))
    assert list(signatures(REDIS)) == [
        "error: Redis health check failed (storage: Redis is either down or was not configured)"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("retry in 5s", "retry in 10s"),
        ("dial tcp 10.0.0.1:6379: refused", "dial tcp 10.9.8.7:6380: refused"),
        ("API 3f8a0c1d2e4b5a69 failed", "API 0123456789abcdef failed"),
        ("id 6f1c2f0e-0d6b-4a5e-8f2a-1b2c3d4e5f60 gone", "id 00000000-0000-0000-0000-000000000000 gone"),
        ("since 2026-11-23T20:04:25Z", "since 2025-01-01T00:00:00Z"),
        ("goroutine 17 at 0xc000123456", "goroutine 9 at 0xc0ffee"),
        ("loaded 3 of 4", "loaded 12 of 90"),
    ],
)
def test_numbers_ids_times_and_addresses_do_not_tell_troubles_apart(one: str, other: str) -> None:
    before = signatures(f'level=error msg="{one}"')
    assert len(before) == 1
    assert new_signatures(before, f'level=error msg="{other}"') == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('level=error msg="cannot load API"', 'level=error msg="cannot load policy"'),
        ('level=warning msg="slow"', 'level=error msg="slow"'),
        ('level=error msg="failed" error="refused"', 'level=error msg="failed" error="denied"'),
    ],
)
def test_other_words_levels_and_causes_do(one: str, other: str) -> None:
    assert list(new_signatures(signatures(one), other).values()) == [other]


@pytest.mark.parametrize(
    "line",
    [
        POLICIES,
        'level=warning msg="The control_api_port should be changed for production"',
        'level=warning msg="Insecure configuration allowed" prefix=checkup',
        'level=warning msg="Starting HTTP server on:[::]:8080" prefix=main',
        'level=error msg="Could not load the default playground templates"',
        OLD,
        'level=debug msg="error error error"',
        "\tgithub.com/TykTechnologies/tyk/gateway.(*Gateway).loadApps(0xc0001)",
        "",
        "{not json",
        "[1]",
        '{"level":7}',
    ],
)
def test_what_every_healthy_gateway_writes_is_no_trouble(line: str) -> None:
    assert signatures(line) == {}


def test_a_policy_file_broken_otherwise_is_trouble() -> None:
    assert signatures(POLICIES.replace("EOF", "invalid character 'x'"))


def test_panics_are_found_without_a_level() -> None:
    [entry] = entries("panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:")
    assert entry.level == "panic"


def test_escaped_quotes_belong_to_the_message() -> None:
    [entry] = entries(r'level=error msg="cannot open \"x.so\": no" error="a \\ b" prefix=main')
    assert (entry.message, entry.error) == ('cannot open "x.so": no', "a \\ b")


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        (REDIS, "Redis cannot be reached"),
        ('error="plugin was built with a different version of package x"', "another gateway version"),
        ("Spec not valid, skipped!", "not served"),
        ("open /opt/tyk-gateway/tyk.conf: permission denied", "cannot be read"),
    ],
)
def test_known_failures_are_explained(line: str, meaning: str) -> None:
    failure = explained(line)
    assert failure is not None
    assert meaning in failure.meaning
    assert failure.hint


def test_an_ordinary_line_is_not_explained() -> None:
    assert explained(OLD) is None
