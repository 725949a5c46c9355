"""What the plan says of the images, from what registries and nodes answered."""

from __future__ import annotations

from dataclasses import replace

from helm_tyk_upgrade.checks.images_present import run
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.server import ImagePresence, LiveNeighbours, ServerTruth
from helm_tyk_upgrade.model.verdict import Status, Verdict
from tests.checks.build import changes, facts

Images = Maybe[tuple[ImagePresence, ...]]
USERS = ("Deployment gateway-tyk",)
NEW = ImagePresence("tyk-gateway:v5.13.1", USERS, Known(True), evidence="docker.io has it")
OLD = ImagePresence("tyk-gateway:v5.3.8", USERS, Known(True), evidence="every node has it already")
ABSENT = ImagePresence("tyk:v9", USERS, Known(False), evidence="docker.io answers MANIFEST_UNKNOWN")
UNSURE = ImagePresence("tyk:v8", USERS, Unknown("registry-1.docker.io: HTTP 429"))
PLATFORMS: Maybe[tuple[str, ...]] = Known(("linux/amd64",))
BACK: Images = Known((OLD,))


def verdict(images: Images, back: Images = BACK, platforms: Maybe[tuple[str, ...]] = PLATFORMS) -> Verdict:
    neighbours = LiveNeighbours(platforms=platforms)
    server = ServerTruth(images=images, images_back=back, neighbours=neighbours)
    return run(facts(server=server), changes())


def test_all_there_passes_with_a_line_for_each() -> None:
    found = verdict(Known((NEW,)))
    assert (found.status, found.reason) == (
        Status.PASS,
        "2 images can be had, 1 of them for the way back alone",
    )
    assert found.evidence == (
        "tyk-gateway:v5.13.1 (Deployment gateway-tyk): docker.io has it",
        "way back: tyk-gateway:v5.3.8 (Deployment gateway-tyk): every node has it already",
    )


def test_an_image_of_both_ways_is_told_once() -> None:
    assert len(verdict(Known((NEW, OLD))).evidence) == 2


def test_an_absent_image_fails_and_the_others_are_told_too() -> None:
    found = verdict(Known((NEW, ABSENT, UNSURE)))
    assert found.status is Status.FAIL
    assert found.reason == "tyk:v9 (Deployment gateway-tyk): absent: docker.io answers MANIFEST_UNKNOWN"
    assert found.reason not in found.evidence
    assert len(found.evidence) == 3


def test_the_gateways_own_image_that_is_nowhere_surely_fails_the_rollout() -> None:
    own = replace(ABSENT, image="tyk-gateway:tag", evidence="imagePullPolicy is Never and no node has it")
    found = verdict(Known((ABSENT, own)))
    assert found.reason == (
        "the rollout would surely fail: the gateway's own image tyk-gateway:tag (Deployment gateway-tyk): absent:"
        " imagePullPolicy is Never and no node has it"
    )
    assert len(found.evidence) == 2


def test_an_image_nobody_could_be_asked_about_does_not_surely_fail() -> None:
    found = verdict(Known((replace(UNSURE, image="tyk-gateway:tag"),)))
    assert (found.status, "surely" in found.reason) == (Status.UNKNOWN, False)


def test_an_absent_image_of_the_way_back_fails() -> None:
    found = verdict(Known((NEW,)), Known((ABSENT,)))
    assert found.status is Status.FAIL
    assert found.reason.startswith("way back: tyk:v9")


def test_a_platform_without_an_image_fails() -> None:
    partly = ImagePresence("tyk:v1", USERS, Known(True), "", ("linux/arm64",), "docker.io has it")
    found = verdict(Known((partly,)))
    assert found.status is Status.FAIL
    assert found.reason.endswith("docker.io has it, but not for linux/arm64")


def test_what_could_not_be_found_out_is_unknown() -> None:
    found = verdict(Known((NEW, UNSURE)))
    assert found.status is Status.UNKNOWN
    assert found.reason == "tyk:v8 (Deployment gateway-tyk): unknown: registry-1.docker.io: HTTP 429"


def test_a_list_that_is_missing_is_unknown() -> None:
    assert verdict(Unknown("no cluster")).reason == "no cluster"
    back = verdict(Known((NEW,)), Unknown("not asked"))
    assert (back.status, back.reason) == (Status.UNKNOWN, "way back: not asked")


def test_unknown_platforms_are_no_pass() -> None:
    found = verdict(Known((NEW,)), platforms=Unknown("nodes cannot be listed"))
    assert found.status is Status.UNKNOWN
    assert "nodes cannot be listed" in found.reason


def test_no_image_at_all_is_not_applicable() -> None:
    assert verdict(Known(()), Known(())).status is Status.NOT_APPLICABLE
