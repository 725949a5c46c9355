"""WWW-Authenticate, as registries write it, and the one question to the token server."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.registries.challenge import Challenge, challenges, token_url

HUB = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/redis:pull"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ()),
        ("Basic", (Challenge("basic"),)),
        ('Basic realm="Registry Realm"', (Challenge("basic", "Registry Realm"),)),
        (HUB, (Challenge("bearer", "https://auth.docker.io/token", "registry.docker.io"),)),
        (
            "bearer realm=https://a.example/t , service=s",
            (Challenge("bearer", "https://a.example/t", "s"),),
        ),
        (
            'Basic realm="a, Bearer b", Bearer realm="https://c.example/", error="insufficient_scope"',
            (Challenge("basic", "a, Bearer b"), Challenge("bearer", "https://c.example/")),
        ),
        (
            r'Bearer realm="https://a.example/\"x",service="s"',
            (Challenge("bearer", 'https://a.example/"x', "s"),),
        ),
        ('Negotiate, Basic realm="x"', (Challenge("negotiate"), Challenge("basic", "x"))),
        ('Bearer realm="unended', (Challenge("bearer"),)),
        ('realm="nobody asked"', ()),
        ('"', ()),
    ],
)
def test_challenges(header: str, expected: tuple[Challenge, ...]) -> None:
    assert challenges(header) == expected


def test_a_long_hostile_header_is_read_in_no_time() -> None:
    assert challenges('Bearer realm="' + "\\" * 60_000) == (Challenge("bearer"),)
    assert len(challenges("Basic " + "a=b," * 20_000)) == 1


def test_the_question_names_this_repository_and_keeps_the_realms_own_query() -> None:
    challenge = Challenge("bearer", "https://a.example/t?tenant=7&scope=registry:catalog:*", "my service")
    assert token_url(challenge, "team/tyk", plain=False) == (
        "https://a.example/t?tenant=7&service=my+service&scope=repository%3Ateam%2Ftyk%3Apull"
    )


@pytest.mark.parametrize(
    ("realm", "plain"),
    [
        ("http://a.example/t", False),
        ("http://a.example/t", True),
        ("http://127.0.0.1/t", False),
        ("https://", False),
        ("https://u:p@a.example/t", False),
        ("file:///etc/passwd", True),
        ("https://[::1/t", False),
        ("", False),
    ],
)
def test_realms_that_get_no_credentials(realm: str, plain: bool) -> None:
    with pytest.raises(ValueError, match=r".+"):
        token_url(Challenge("bearer", realm), "tyk", plain=plain)


def test_a_registry_on_this_machine_may_have_its_token_server_there() -> None:
    challenge = Challenge("bearer", "http://127.0.0.1:5001/t")
    assert token_url(challenge, "tyk", plain=True).startswith("http://127.0.0.1:5001/t?scope=")
