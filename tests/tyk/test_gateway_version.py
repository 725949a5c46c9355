"""Which gateway will run, by table."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.errors import NotFound, UsageError
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.tyk.gateway_version import (
    GatewayDecision,
    Image,
    against,
    choose,
    decide,
    image,
    tag_like,
    version_of,
)

TODAY = "2026-11-23"
REPOSITORY = "docker.tyk.io/tyk-gateway/tyk-gateway"
DIGEST = "sha256:" + "0" * 64
UNKNOWN = Unknown("no pod runs")


def decided(tag: str, before: Maybe[str] = UNKNOWN, requested: str = "") -> GatewayDecision:
    return decide(rendered=f"{REPOSITORY}:{tag}", before=before, requested=requested, today=TODAY)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("a/b:v1", Image("a/b", "v1")),
        ("b", Image("b")),
        ("registry:5000/a/b", Image("registry:5000/a/b")),
        ("registry:5000/a/b:v1", Image("registry:5000/a/b", "v1")),
        (f"a/b@{DIGEST}", Image("a/b", "", DIGEST)),
        (f"registry:5000/a/b:v1@{DIGEST}", Image("registry:5000/a/b", "v1", DIGEST)),
    ],
)
def test_image(reference: str, expected: Image) -> None:
    assert image(reference) == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [("x:v5.13.1", "5.13.1"), ("x:5.13.1", "5.13.1"), ("x:v5.8.1-rc2", "5.8.1-rc2")],
)
def test_version_of_a_tyk_tag(reference: str, expected: str) -> None:
    assert version_of(reference) == Known(expected)


@pytest.mark.parametrize(
    "reference", ["x", "x:latest", "x:v5.13", "x:company-7", f"x@{DIGEST}", f"x:v5.13.1@{DIGEST}"]
)
def test_a_tag_that_is_no_exact_version_is_unknown(reference: str) -> None:
    assert isinstance(version_of(reference), Unknown)


@pytest.mark.parametrize(
    ("tag", "before", "downgrade", "offered"),
    [
        ("v5.9.1", Known("5.3.8"), False, "5.13.1"),
        ("v5.9.1", Known("5.9.1"), False, "5.13.1"),
        ("v5.13.1", Known("5.9.1"), False, None),
        ("v5.14.0", Known("5.13.1"), False, None),
        ("v5.3.5", Known("5.5.0"), True, "5.13.1"),
        ("v5.9.1", Known("5.13.1"), True, None),
        ("v5.8.12", Known("5.8.5"), False, "5.13.1"),
        ("v5.8.15", Known("5.8.5"), False, None),
        ("v5.9.1", UNKNOWN, False, "5.13.1"),
        ("v6.1.0", Known("5.13.1"), False, None),
    ],
)
def test_the_image_of_the_values_decides(
    tag: str, before: Maybe[str], downgrade: bool, offered: str | None
) -> None:
    found = decided(tag, before)
    assert found.version == Known(tag.removeprefix("v"))
    assert (found.downgrade, found.new_tag) == (downgrade, "")
    assert (found.offer.version if found.offer else None) == offered


def test_the_offer_says_why() -> None:
    offer = decided("v5.9.1", Known("5.3.8")).offer
    assert offer is not None
    assert "5.9.1 is end of life: since 2025-10-13" in offer.reason
    bad = decided("v5.8.12").offer
    assert bad is not None
    assert "/hello answers 503" in bad.reason


def test_the_offer_says_why_newer_ones_are_not_offered() -> None:
    offer = decided("v5.9.1").offer
    assert offer is not None
    assert offer.passed_over == (
        ("5.14.0", "not a long-term version: support ends when the next minor version is out"),
    )


@pytest.mark.parametrize(
    ("version", "words"),
    [("5.9.0", "/hello answers 503"), ("5.12.1", "end of life"), ("5.14.0", "not a long-term version")],
)
def test_what_speaks_against_a_version(version: str, words: str) -> None:
    assert words in against(version, TODAY)


@pytest.mark.parametrize(
    ("tag", "newer"),
    [("v5.8.15", ["5.14.0", "5.13.1"]), ("v5.13.1", ["5.14.0"]), ("v5.14.0", []), ("v6.0.0", [])],
)
def test_newer_versions_that_nobody_asked_for_are_named(tag: str, newer: list[str]) -> None:
    assert [version for version, _ in decided(tag).chosen.passed_over] == newer


def test_a_range_of_bad_versions_only_is_refused_with_their_faults() -> None:
    with pytest.raises(NotFound, match=r"known to be bad: 5\.8\.12: .*503") as caught:
        choose(">=5.8.6 <=5.8.12", TODAY)
    assert "5.13.1" in caught.value.hint


@pytest.mark.parametrize("tag", ["company-7", f"v5.13.1@{DIGEST}"])
def test_a_company_image_is_left_alone_and_unknown(tag: str) -> None:
    found = decided(tag, Known("5.9.1"))
    assert isinstance(found.version, Unknown)
    assert (found.downgrade, found.offer, found.new_tag) == (False, None, "")


@pytest.mark.parametrize(
    ("tag", "requested", "version", "new_tag"),
    [
        ("v5.9.1", "5.13.1", "5.13.1", "v5.13.1"),
        ("v5.9.1", "v5.13.1", "5.13.1", "v5.13.1"),
        ("5.9.1", "5.13.1", "5.13.1", "5.13.1"),
        ("v5.13.1", "5.13.1", "5.13.1", ""),
        ("company-7", "5.13.1", "5.13.1", "v5.13.1"),
        ("v5.9.1", "5.8.x", "5.8.15", "v5.8.15"),
        ("v5.9.1", "<=5.8.12", "5.8.5", "v5.8.5"),
        ("v5.9.1", "9.9.9", "9.9.9", "v9.9.9"),
    ],
)
def test_a_request_decides_and_names_the_tag_to_write(
    tag: str, requested: str, version: str, new_tag: str
) -> None:
    found = decided(tag, Known("5.9.1"), requested)
    assert (found.version, found.chosen.version, found.new_tag) == (Known(version), version, new_tag)
    assert not found.downgrade, "what was asked for is meant"


def test_a_version_beyond_the_data_says_so() -> None:
    assert "not in the data of 2026-08-21" in choose("9.9.9", TODAY).reason
    assert choose("5.13.1", TODAY).reason == "you asked for it"


def test_a_range_passes_over_bad_versions_with_the_reason() -> None:
    chosen = choose("<=5.8.12", TODAY)
    assert chosen.passed_over[0][0] == "5.8.12"
    assert "503" in chosen.passed_over[0][1]


@pytest.mark.parametrize(("requested", "error"), [(">=9", NotFound), ("newest", UsageError)])
def test_a_request_that_leads_nowhere_is_an_error(requested: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        choose(requested, TODAY)
    assert getattr(caught.value, "hint", "")


def test_a_digest_in_the_values_cannot_be_overruled_by_a_tag() -> None:
    with pytest.raises(UsageError, match="digest"):
        decided(f"v5.9.1@{DIGEST}", requested="5.13.1")


@pytest.mark.parametrize(
    ("tag", "expected"), [("v1.0.0", "v2.0.0"), ("1.0.0", "2.0.0"), ("x", "v2.0.0"), ("", "v2.0.0")]
)
def test_tag_like(tag: str, expected: str) -> None:
    assert tag_like(tag, "2.0.0") == expected
