"""Image references, as Docker, containerd and the kubelet read them."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.registries.reference import Reference, parse

SHA = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "whole", "endpoint"),
    [
        ("redis", "docker.io/library/redis:latest", "registry-1.docker.io"),
        ("redis:7-alpine", "docker.io/library/redis:7-alpine", "registry-1.docker.io"),
        ("tykio/tyk-gateway:v5.3.8", "docker.io/tykio/tyk-gateway:v5.3.8", "registry-1.docker.io"),
        ("docker.io/redis", "docker.io/library/redis:latest", "registry-1.docker.io"),
        ("index.docker.io/tykio/tyk:v1", "docker.io/tykio/tyk:v1", "registry-1.docker.io"),
        ("registry-1.docker.io/tykio/tyk:v1", "registry-1.docker.io/tykio/tyk:v1", "registry-1.docker.io"),
        ("docker.tyk.io/a/b/c:v1", "docker.tyk.io/a/b/c:v1", "docker.tyk.io"),
        ("localhost/tyk", "localhost/tyk:latest", "localhost"),
        ("registry:5000/tyk", "registry:5000/tyk:latest", "registry:5000"),
        ("registry:5000/tyk:v1", "registry:5000/tyk:v1", "registry:5000"),
        ("[::1]:5000/tyk:v1", "[::1]:5000/tyk:v1", "[::1]:5000"),
        ("10.0.0.7/tyk", "10.0.0.7/tyk:latest", "10.0.0.7"),
        ("Registry/tyk:v1", "Registry/tyk:v1", "Registry"),
        (f"tykio/tyk@{SHA}", f"docker.io/tykio/tyk@{SHA}", "registry-1.docker.io"),
        (f"tykio/tyk:v1@{SHA}", f"docker.io/tykio/tyk:v1@{SHA}", "registry-1.docker.io"),
        ("a/b__c/d-e--f.g:V1_x", "docker.io/a/b__c/d-e--f.g:V1_x", "registry-1.docker.io"),
    ],
)
def test_what_is_left_out_is_added(text: str, whole: str, endpoint: str) -> None:
    found = parse(text)
    assert (str(found), found.endpoint) == (whole, endpoint)
    assert parse(whole) == found


def test_a_digest_decides_what_is_pulled() -> None:
    assert parse(f"tyk:v1@{SHA}").pinned == SHA
    assert parse("tyk:v1").pinned == "v1"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ":v1", "/tyk", "tyk/", "tyk:", "tyk:v 1", "tyk: v1", " tyk", "tyk\n", "TYK", "tykio/Tyk:v1", "a//b",
        "tyk:-v1", "tyk:" + "v" * 129, "tyk@", "tyk@sha256:12", f"tyk@{SHA}0", "tyk@md5:" + "0" * 32, "-a.b/tyk",
        "a.b-/tyk",
        "registry:x/tyk", "registry:123456/tyk", "https://registry/tyk", "user@registry/tyk:v1", "a..b/tyk", ".tyk",
        "tyk/../x", "_tyk", "a.b/" + "x" * 252, "tyk\x1b[31m", "[::1/tyk", "{{ .Values.image }}",
    ],
)  # fmt: skip
def test_what_the_kubelet_refuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(it|its|what) "):
        parse(text)


@pytest.mark.parametrize(
    ("registry", "loopback"),
    [
        ("localhost", True),
        ("localhost:5000", True),
        ("127.0.0.1:5000", True),
        ("127.1.2.3", True),
        ("[::1]:5000", True),
        ("10.0.0.1:5000", False),
        ("registry:5000", False),
        ("localhost.example", False),
        ("docker.io", False),
    ],
)
def test_only_this_machine_may_be_spoken_to_without_tls(registry: str, loopback: bool) -> None:
    assert Reference(registry, "tyk", "v1").loopback is loopback
