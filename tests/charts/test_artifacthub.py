"""The hub client against the stand-in, healthy and with each of its faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helm_tyk_upgrade.charts.artifacthub import ArtifactHub, parse_package
from helm_tyk_upgrade.charts.polite import Polite
from helm_tyk_upgrade.edge.http import Http
from helm_tyk_upgrade.errors import CatalogueError, NotFound
from testbed.catalogue import Catalogue as StandIn
from testbed.catalogue import Fault

PACKAGE = "tyk-helm/tyk-oss"


@pytest.fixture
def hub(stand_in: StandIn, polite: Polite) -> ArtifactHub:
    return ArtifactHub(polite, stand_in.hub_url)


def test_versions_are_sorted_by_semver_and_the_shown_one_has_digest_and_images(hub: ArtifactHub) -> None:
    package = hub.package(PACKAGE)
    versions = [version.version for version in package.catalogued.versions]
    assert versions == [
        "5.4.0", "5.3.0", "5.1.1", "5.0.0", "4.0.0", "3.0.0", "2.2.0", "2.0.0", "1.6.0", "1.3.0",
    ]  # fmt: skip
    assert len(package.shown.digest) == 64
    assert any("tyk-gateway" in image for image in package.shown.images)
    assert package.catalogued.versions[0] == package.shown
    assert package.catalogued.versions[1].digest == "", "the hub tells the digest of the shown version only"
    assert package.catalogued.versions[1].published > 1_600_000_000


def test_a_version_can_be_asked_for_by_itself(hub: ArtifactHub) -> None:
    package = hub.package(PACKAGE, "4.0.0")
    assert package.shown.version == "4.0.0"
    assert package.catalogued.versions[0].version == "5.4.0"


def test_values_are_the_bytes_of_the_chart(hub: ArtifactHub) -> None:
    values = hub.values(hub.package(PACKAGE).id, "5.3.0")
    assert b"tyk-gateway:" in values


def test_values_are_asked_once_and_packages_again_after_five_minutes(
    hub: ArtifactHub, stand_in: StandIn, clock: object
) -> None:
    package = hub.package(PACKAGE)
    for _ in range(3):
        hub.package(PACKAGE)
        hub.values(package.id, "5.3.0")
    assert stand_in.requests() == {"hub package": 1, "hub values": 1}
    clock.sleep(301)  # type: ignore[attr-defined]
    hub.package(PACKAGE)
    hub.values(package.id, "5.3.0")
    assert stand_in.requests() == {"hub package": 2, "hub values": 1}


@pytest.mark.parametrize(
    ("package", "version"), [(PACKAGE, "9.9.9"), ("tyk-helm/TYK-OSS", ""), ("tyk-helm/no-such", "")]
)
def test_what_is_not_there_is_not_found(hub: ArtifactHub, package: str, version: str) -> None:
    with pytest.raises(NotFound):
        hub.package(package, version)


def test_a_package_id_that_is_none_is_never_sent(hub: ArtifactHub, stand_in: StandIn) -> None:
    with pytest.raises(CatalogueError):
        hub.values("../../users", "5.3.0")
    assert not stand_in.requests()


@pytest.mark.parametrize(
    "fault",
    ["403", "429", "500", "502", "503", "hang", "drop", "cut", "empty", "html", "nonsense", "redirect-loop",
     "huge", "truncated-json", "deep-json"],
)  # fmt: skip
def test_each_fault_is_an_error_with_a_reason(hub: ArtifactHub, stand_in: StandIn, fault: str) -> None:
    stand_in.faults(hub=[fault])
    with pytest.raises(CatalogueError) as caught:
        hub.package(PACKAGE)
    assert caught.value.message
    assert "Traceback" not in caught.value.message


@pytest.mark.parametrize("fault", ["html", "truncated-json", "empty"])
def test_an_answer_that_is_no_package_is_not_kept(hub: ArtifactHub, stand_in: StandIn, fault: str) -> None:
    stand_in.faults(hub=[fault])
    with pytest.raises(CatalogueError):
        hub.package(PACKAGE)
    stand_in.faults()
    assert hub.package(PACKAGE).shown.version == "5.4.0"


@pytest.mark.parametrize("fault", ["wrong-types", "huge-numbers"])
def test_fields_of_another_type_are_an_error_or_absent_but_never_a_crash(
    hub: ArtifactHub, stand_in: StandIn, fault: str
) -> None:
    stand_in.faults(hub=[fault])
    try:
        package = hub.package(PACKAGE)
    except CatalogueError:
        return
    assert all(0 <= version.published < 4_102_444_800 for version in package.catalogued.versions)


def test_terminal_escapes_never_get_through(hub: ArtifactHub, stand_in: StandIn) -> None:
    stand_in.faults(hub=["terminal-escapes"])
    try:
        told = repr(hub.package(PACKAGE))
    except CatalogueError as error:
        told = error.message + error.hint
    assert not any(character in told for character in "\x1b\x07\x9b\u202e\r")


def test_a_busy_hub_is_asked_once_more_after_the_time_it_names(
    hub: ArtifactHub, stand_in: StandIn, clock: object
) -> None:
    stand_in.faults(hub=[Fault("429-retry-after", "7", times=1)])
    assert hub.package(PACKAGE).shown.version == "5.4.0"
    assert clock.slept == [7.0]  # type: ignore[attr-defined]
    assert stand_in.requests()["hub package"] == 2


@pytest.mark.parametrize("fault", ["429", "429-retry-after=3600"])
def test_a_busy_hub_without_a_time_or_with_a_long_one_is_left_alone(
    hub: ArtifactHub, stand_in: StandIn, clock: object, fault: str
) -> None:
    stand_in.faults(hub=[fault])
    with pytest.raises(CatalogueError, match="429"):
        hub.package(PACKAGE)
    assert clock.slept == []  # type: ignore[attr-defined]
    assert stand_in.requests()["hub package"] == 1


def test_a_server_error_is_tried_exactly_twice(hub: ArtifactHub, stand_in: StandIn) -> None:
    stand_in.faults(hub=["503"])
    with pytest.raises(CatalogueError, match="503"):
        hub.package(PACKAGE)
    assert stand_in.requests()["hub package"] == 2


def test_requests_are_sequential_and_name_the_program(stand_in: StandIn, polite: Polite) -> None:
    from concurrent.futures import ThreadPoolExecutor

    hub = ArtifactHub(polite, stand_in.hub_url)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda version: hub.package(PACKAGE, version), ["5.3.0", "5.0.0", "4.0.0", "2.2.0"]))
    assert stand_in.max_in_flight() == 1
    agent = stand_in.log()[0].headers
    assert any("helm-tyk-upgrade/" in value for value in agent.values())


def test_a_cache_that_cannot_be_written_costs_nothing_but_a_request(
    stand_in: StandIn, clock: object, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    hub = ArtifactHub(Polite(Http(timeout=1.0), clock, blocked / "cache"), stand_in.hub_url)  # type: ignore[arg-type]
    assert hub.package(PACKAGE).id == hub.package(PACKAGE).id
    assert stand_in.requests()["hub package"] == 2


def test_a_broken_cache_file_is_ignored(hub: ArtifactHub, stand_in: StandIn, tmp_path: Path) -> None:
    hub.package(PACKAGE)
    for kept in (tmp_path / "cache").iterdir():
        kept.write_text('{"fetched": "never"}')
    assert hub.package(PACKAGE).shown.version == "5.4.0"
    assert stand_in.requests()["hub package"] == 2


def test_recorded_answers_of_a_real_hub_are_understood(shared: Path) -> None:
    folder = shared / "corpus" / "artifacthub"
    package = parse_package(json.loads((folder / "package-tyk-oss.json").read_text()))
    assert [version.version for version in package.catalogued.versions] == [
        "5.3.0",
        "5.0.0",
        "4.0.0",
        "2.2.0",
    ]
    assert package.shown.digest == "83f0761c10df599426713499884d59f97f1133f0be6ce5b3b6508e9d5f0ada66"
    assert "docker.tyk.io/tyk-gateway/tyk-gateway:v5.9.1" in package.shown.images
    assert package.dependencies == (("tyk-gateway", "5.3.0"),)
    for name in ("package-tyk-oss-2.2.0.json", "package-tyk-gateway.json"):
        assert parse_package(json.loads((folder / name).read_text())).shown.digest


def test_a_deprecated_chart_names_its_successor() -> None:
    package = parse_package(
        {
            "name": "tyk-headless",
            "version": "0.15.0",
            "deprecated": True,
            "recommendations": [{"url": "https://artifacthub.io/packages/helm/tyk-helm/tyk-oss"}],
        }
    )
    assert package.shown.deprecated
    assert package.successor == "tyk-helm/tyk-oss"


def test_what_the_authors_say_of_a_version_is_kept() -> None:
    package = parse_package(
        {
            "name": "tyk-oss",
            "version": "9.0.0",
            "app_version": "v6.0.0",
            "available_versions": [
                {"version": "9.0.0", "contains_security_updates": False},
                {"version": "8.0.0", "contains_security_updates": True, "app_version": "v5.9.0"},
                {"version": "7.0.0", "contains_security_updates": "yes", "app_version": 5},
            ],
        }
    )
    told = [(item.version, item.app_version, item.security) for item in package.catalogued.versions]
    assert told == [("9.0.0", "v6.0.0", False), ("8.0.0", "v5.9.0", True), ("7.0.0", "", False)]
