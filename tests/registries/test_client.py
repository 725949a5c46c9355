"""What a registry holds: asked as the specifications say, believed only where it answers as they say."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from helm_tyk_upgrade.edge.http import Http
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.registries.client import Held, held, tags
from helm_tyk_upgrade.registries.credentials import ANONYMOUS, Credential
from helm_tyk_upgrade.registries.reference import Reference, parse
from tests.registries.fake import INDEX, MANIFEST, FakeRegistry, Reply, document

Named = Callable[[str], Reference]
USER = Credential("pull secret regcred", "ann", "canary-pass")
WRONG = Credential("pull secret old", "ann", "gone-pass")
BASIC = "Basic " + base64.b64encode(b"ann:canary-pass").decode()


def asked(http: Http, image: Reference, *identities: Credential, platforms: bool = True) -> Maybe[Held]:
    return held(http, image, map(Known, identities or (ANONYMOUS,)), platforms=platforms)


def reason(answer: Maybe[Held]) -> str:
    assert isinstance(answer, Unknown)
    return answer.reason


def test_an_index_names_its_platforms_but_not_its_attestations(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    digest = registry.push("tyk", "v1", "linux/amd64", "linux/arm64/v8", "unknown/unknown")
    answer = asked(http, named("tyk:v1"))
    assert answer == Known(Held(True, digest, Known(("linux/amd64", "linux/arm64/v8"))))


def test_a_single_image_says_its_platform_in_its_config(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    digest = registry.push("tyk", "v1")
    assert asked(http, named("tyk:v1")) == Known(Held(True, digest, Known(("linux/amd64",))))


def test_an_image_is_found_by_its_digest(registry: FakeRegistry, http: Http, named: Named) -> None:
    digest = registry.push("tyk", "v1", "linux/amd64")
    for platforms in (True, False):
        answer = asked(http, named(f"tyk@{digest}"), platforms=platforms)
        assert isinstance(answer, Known)
        assert (answer.value.present, answer.value.digest) == (True, digest)


def test_docker_hub_is_asked_where_it_serves_images(registry: FakeRegistry, http: Http) -> None:
    registry.auth = "bearer"
    registry.push("library/redis", "7", "linux/amd64")
    answer = asked(http, parse("redis:7"))
    assert isinstance(answer, Known)
    assert answer.value.present
    assert {seen.host for seen in registry.seen} == {"registry-1.docker.io", "auth.test"}


def test_without_platforms_one_head_is_enough(registry: FakeRegistry, http: Http, named: Named) -> None:
    digest = registry.push("tyk", "v1", "linux/amd64")
    answer = asked(http, named("tyk:v1"), platforms=False)
    assert isinstance(answer, Known)
    assert (answer.value.present, answer.value.digest) == (True, digest)
    assert [seen.method for seen in registry.seen] == ["HEAD"]


@pytest.mark.parametrize("platforms", [True, False])
@pytest.mark.parametrize(("image", "code"), [("tyk:v2", "MANIFEST_UNKNOWN"), ("kyt:v1", "NAME_UNKNOWN")])
def test_what_the_registry_does_not_know_is_absent(
    registry: FakeRegistry, http: Http, named: Named, image: str, code: str, platforms: bool
) -> None:
    registry.auth = "bearer"
    registry.push("tyk", "v1", "linux/amd64")
    assert asked(http, named(image), platforms=platforms) == Known(Held(False, code=code))


def test_a_token_is_asked_for_this_repository_only(registry: FakeRegistry, http: Http, named: Named) -> None:
    registry.auth = "bearer"
    registry.push("team/tyk", "v1", "linux/amd64")
    assert isinstance(asked(http, named("team/tyk:v1")), Known)
    [token] = registry.tokens.values()
    assert token.strip() == "repository:team/tyk:pull"  # the challenge named push too
    assert registry.told("auth.test") == [""]


def test_credentials_open_a_private_repository(registry: FakeRegistry, http: Http, named: Named) -> None:
    registry.auth, registry.users, registry.private = "bearer", {"ann": "canary-pass"}, {"tyk"}
    registry.push("tyk", "v1", "linux/amd64")
    assert "HTTP 401, with no credentials" in reason(asked(http, named("tyk:v1")))
    answer = asked(http, named("tyk:v1"), WRONG, ANONYMOUS, USER)
    assert isinstance(answer, Known)
    assert answer.value.present
    assert registry.told("auth.test")[-1] == BASIC
    assert not any(told.startswith("Basic") for told in registry.told("registry.test"))


def test_the_answer_says_as_whom_it_was_got(registry: FakeRegistry, http: Http, named: Named) -> None:
    registry.auth, registry.users, registry.private = "bearer", {"ann": "canary-pass"}, {"tyk"}
    registry.push("tyk", "v1", "linux/amd64")
    registry.push("open", "v1", "linux/amd64")
    for image, identity, source in (
        ("tyk:v1", USER, USER.source),
        ("tyk:v1", replace(USER, own=True), USER.source),
        ("open:v1", replace(USER, own=True), ANONYMOUS.source),
    ):
        answer = asked(http, named(image), ANONYMOUS, identity)
        assert isinstance(answer, Known)
        assert (answer.value.asked_as, answer.value.own) == (source, identity.own and image == "tyk:v1")
        assert "canary" not in repr(answer)


def test_basic_credentials_are_sent_when_they_are_asked_for(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    registry.auth, registry.users = "basic", {"ann": "canary-pass"}
    registry.push("tyk", "v1", "linux/amd64")
    answer = asked(http, named("tyk:v1"), USER)
    assert isinstance(answer, Known)
    assert answer.value.present
    assert registry.told("registry.test") == ["", BASIC]
    assert "credentials are needed" in reason(asked(http, named("tyk:v1")))


def test_nothing_is_sent_to_a_registry_that_asks_for_nothing(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    registry.push("tyk", "v1", "linux/amd64")
    asked(http, named("tyk:v1"), USER)
    assert set(registry.told("registry.test")) == {""}


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_a_redirect_takes_no_credentials_along(
    registry: FakeRegistry, http: Http, named: Named, auth: str
) -> None:
    """A single image's config comes from another host, as Docker Hub's do."""
    registry.auth, registry.users, registry.private = auth, {"ann": "canary-pass"}, {"tyk"}
    registry.push("tyk", "v1")
    answer = asked(http, named("tyk:v1"), USER)
    assert isinstance(answer, Known)
    assert answer.value.platforms == Known(("linux/amd64",))
    assert registry.told("cdn.test") == [""]


@pytest.mark.parametrize(
    ("realm", "words"),
    [
        ("http://auth.test:{port}/token", "token server without TLS"),
        ("http://127.0.0.1:{port}/token", "token server without TLS"),
        ("https://user@auth.test:{port}/token", "cannot be used"),
        ("ftp://auth.test/token", "token server without TLS"),
        ("//auth.test/token", "token server without TLS"),
    ],
)
def test_credentials_do_not_go_to_a_token_server_without_tls(
    registry: FakeRegistry, http: Http, named: Named, realm: str, words: str
) -> None:
    registry.auth, registry.realm = "bearer", realm.format(port=registry.port)
    assert words in reason(asked(http, named("tyk:v1"), USER))
    assert {seen.host for seen in registry.seen} == {"registry.test"}


def test_a_challenge_from_where_a_redirect_led_gets_nothing(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    away = Reply(307, headers={"Location": f"https://evil.test:{registry.port}/trap"})
    registry.answers["/v2/tyk/"] = lambda: away
    registry.answers["/trap"] = lambda: Reply(401, headers={"WWW-Authenticate": 'Basic realm="x"'})
    assert "where it redirects to" in reason(asked(http, named("tyk:v1"), USER))
    assert registry.told("evil.test") == [""]


def test_an_answer_by_way_of_plain_http_is_not_believed(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    plain = FakeRegistry()
    plain.push("tyk", "v1", "linux/amd64")
    with plain.socket:
        thread = threading.Thread(target=plain.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        there = f"http://127.0.0.1:{plain.port}/v2/tyk/manifests/v1"
        registry.answers["/v2/tyk/"] = lambda: Reply(307, headers={"Location": there})
        answer = asked(http, named("tyk:v1"), USER)
        plain.shutdown()
        thread.join()
    assert "without TLS" in reason(answer)
    assert [seen.authorization for seen in plain.seen] == [""]


def json_reply(**content: object) -> Reply:
    return Reply(200, document(**content), {"Content-Type": MANIFEST})


DEEP = b'{"schemaVersion": 2, "manifests": ' + b"[" * 50_000
FAULTS: list[tuple[Reply, str]] = [
    (Reply(200, b"<html>please log in</html>", {"Content-Type": "text/html"}), "no image manifest"),
    (Reply(200, b"", {"Content-Type": INDEX}), "no image manifest"),
    (Reply(200, b"[]", {"Content-Type": INDEX}), "no image manifest"),
    (Reply(200, DEEP, {"Content-Type": INDEX}), "no image manifest"),
    (Reply(200, bytes(9 << 20)), "larger than 8 MiB"),
    (json_reply(schemaVersion=1, name="tyk"), "no image manifest"),
    (json_reply(schemaVersion=2, config={"digest": "../../token"}, layers=[]), "no image manifest"),
    (Reply(404, b"<html>no such page</html>"), "not as a registry says it"),
    (Reply(404, b""), "not as a registry says it"),
    (Reply(404, b'{"errors": [{"code": ["MANIFEST_UNKNOWN"]}]}'), "not as a registry says it"),
    (Reply(404, b'{"errors": "MANIFEST_UNKNOWN"}'), "not as a registry says it"),
    (Reply(403, b""), "access is refused"),
    (Reply(429, b"", {"Retry-After": "9999"}), "too many requests"),
    (Reply(500, b""), "HTTP 500"),
    (Reply(503, b""), "HTTP 503"),
    (Reply(204, b""), "HTTP 204"),
]


@pytest.mark.parametrize("platforms", [True, False])
@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_what_is_no_answer_leaves_it_unknown(
    registry: FakeRegistry, http: Http, named: Named, fault: Reply, words: str, platforms: bool
) -> None:
    registry.answers["/v2/tyk/"] = lambda: fault
    assert words in reason(asked(http, named("tyk:v1"), platforms=platforms))


def test_the_same_identity_is_not_tried_twice(registry: FakeRegistry, http: Http, named: Named) -> None:
    registry.auth, registry.private = "bearer", {"tyk"}
    assert isinstance(asked(http, named("tyk:v1"), USER, USER), Unknown)
    assert registry.told("auth.test") == [BASIC]


def test_a_registry_on_this_machine_is_asked_over_tls_where_it_speaks_it(
    registry: FakeRegistry, http: Http
) -> None:
    registry.push("tyk", "v1", "linux/amd64")
    answer = asked(http, parse(f"localhost:{registry.port}/tyk:v1"))
    assert isinstance(answer, Known)
    assert answer.value.present


def test_a_digest_is_told_where_the_registry_sends_none(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    digest = registry.push("tyk", "v1", "linux/amd64")
    bare = Reply(200, registry.content["tyk", "v1"][1], {"Content-Type": INDEX})
    registry.answers["/v2/tyk/"] = lambda: bare
    for platforms in (True, False):
        answer = asked(http, named("tyk:v1"), platforms=platforms)
        assert isinstance(answer, Known)
        assert answer.value.digest == digest


def test_a_config_behind_a_refusal_leaves_the_platforms_unknown(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    registry.push("tyk", "v1")
    registry.answers["/tyk/sha256"] = lambda: Reply(403)
    answer = asked(http, named("tyk:v1"))
    assert isinstance(answer, Known)
    assert answer.value.present
    assert isinstance(answer.value.platforms, Unknown)


def test_another_manifest_than_the_digest_names_is_not_believed(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    digest = registry.push("tyk", "v1", "linux/amd64")
    registry.content["tyk", digest] = (INDEX, document(schemaVersion=2, manifests=[]))
    for platforms in (True, False):
        assert "not the one of its digest" in reason(asked(http, named(f"tyk@{digest}"), platforms=platforms))


def test_a_config_that_was_changed_says_no_platform(registry: FakeRegistry, http: Http, named: Named) -> None:
    registry.push("tyk", "v1")
    other = document(os="linux", architecture="arm64")
    registry.answers["/tyk/sha256"] = lambda: Reply(200, other)
    answer = asked(http, named("tyk:v1"))
    assert isinstance(answer, Known)
    assert answer.value.present
    assert isinstance(answer.value.platforms, Unknown)


def test_an_index_that_hides_platforms_leaves_them_unknown(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    entries = [{"digest": "x"}, {"platform": {"os": "linux", "architecture": "\x1b[31mred"}}]
    registry.put("tyk", "v1", INDEX, document(schemaVersion=2, manifests=entries))
    answer = asked(http, named("tyk:v1"))
    assert isinstance(answer, Known)
    assert isinstance(answer.value.platforms, Unknown)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"{}"),
        Reply(200, b"<html>"),
        Reply(200, document(token=7)),
        Reply(200, document(token="a\r\nX-Evil: 1")),
        Reply(500, b""),
        Reply(404, b""),
        Reply(200, bytes(2 << 20)),
    ],
)
def test_a_token_server_without_a_token_leaves_it_unknown(
    registry: FakeRegistry, http: Http, named: Named, reply: Reply
) -> None:
    registry.auth = "bearer"
    registry.push("tyk", "v1", "linux/amd64")
    registry.answers["/token"] = lambda: reply
    assert isinstance(asked(http, named("tyk:v1")), Unknown)
    assert set(registry.told("registry.test")) == {""}


def test_a_silent_registry_leaves_it_unknown(
    registry: FakeRegistry, certificate: object, named: Named
) -> None:
    def wait() -> Reply:
        registry.stopping.wait(3)
        return Reply(200)

    registry.answers["/v2/tyk/"] = wait
    answer = asked(Http(ca_file=str(certificate), timeout=0.3), named("tyk:v1"), ANONYMOUS, USER)
    assert "no answer in time" in reason(answer)
    assert len(registry.seen) == 1  # nobody else is asked as


def test_an_untrusted_certificate_leaves_it_unknown(registry: FakeRegistry, named: Named) -> None:
    assert "certificate is not trusted" in reason(asked(Http(timeout=2.0), named("tyk:v1"), USER))
    assert registry.seen == []


def test_an_identity_token_is_not_sent(registry: FakeRegistry, http: Http, named: Named) -> None:
    registry.auth, registry.private = "bearer", {"tyk"}
    registry.push("tyk", "v1", "linux/amd64")
    answer = asked(http, named("tyk:v1"), Credential("Docker's config", identity_token="canary-token"))
    assert "identity token" in reason(answer)
    assert "canary-token" not in repr(registry.seen) + reason(answer)


def test_a_registry_token_is_the_bearer(registry: FakeRegistry, http: Http, named: Named) -> None:
    registry.auth, registry.private = "bearer", {"tyk"}
    registry.tokens["given"] = "ann repository:tyk:pull"
    registry.push("tyk", "v1", "linux/amd64")
    answer = asked(http, named("tyk:v1"), Credential("Docker's config", registry_token="given"))
    assert isinstance(answer, Known)
    assert "auth.test" not in {seen.host for seen in registry.seen}


def test_absence_is_doubted_where_credentials_could_not_be_read(
    registry: FakeRegistry, http: Http, named: Named
) -> None:
    """A registry may hide what one may not see; a repository that is there hides nothing."""
    registry.push("tyk", "v1", "linux/amd64")
    identities = (Unknown("pull secret regcred cannot be read"), Known(ANONYMOUS))
    hidden = held(http, named("other:v1"), identities, platforms=False)
    assert hidden == Unknown("pull secret regcred cannot be read")
    assert held(http, named("tyk:v2"), identities, platforms=False) == Known(
        Held(False, code="MANIFEST_UNKNOWN")
    )


def test_all_pages_of_tags_are_read(registry: FakeRegistry, http: Http, named: Named) -> None:
    registry.auth = "bearer"
    for number in range(1, 8):
        registry.push("tyk", f"v{number}", "linux/amd64")
    assert tags(http, named("tyk"), ANONYMOUS) == Known(tuple(f"v{number}" for number in range(1, 8)))
    assert len(registry.told("auth.test")) == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            Reply(200, b'{"tags": ["v1"]}', {"Link": '<https://evil.test/v2/tyk/tags/list>; rel="next"'}),
            "else",
        ),
        (Reply(200, b'{"tags": ["v1"]}', {"Link": '</v2/other/tags/list>; rel="next"'}), "else"),
        (Reply(200, b'{"tags": ["v1"]}', {"Link": '</v2/tyk/tags/list?n=1>; rel="next"'}), "no end"),
        (Reply(200, b'{"tags": "v1"}'), "no list of tags"),
        (Reply(404, b'{"tags": []}'), "no list of tags"),
    ],
)
def test_pages_that_lead_away_or_round_in_circles_are_not_followed(
    registry: FakeRegistry, http: Http, named: Named, reply: Reply, words: str
) -> None:
    registry.answers["/v2/tyk/tags"] = lambda: reply
    answer = tags(http, named("tyk"), USER)
    assert isinstance(answer, Unknown)
    assert words in answer.reason
    assert registry.told("evil.test") == []
