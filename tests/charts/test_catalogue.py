"""Who is asked in which order, and what is said about those who failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.charts.catalogue import Catalogue
from helm_tyk_upgrade.charts.polite import Polite
from helm_tyk_upgrade.charts.repoindex import parse_index
from helm_tyk_upgrade.charts.source import TYK_REPOSITORY, source_of
from helm_tyk_upgrade.errors import CatalogueError, NotFound, TykUpgradeError
from helm_tyk_upgrade.model.chart import ChartSource, ChartVersion
from testbed.catalogue import Catalogue as StandIn


@pytest.fixture
def catalogue(stand_in: StandIn, polite: Polite) -> Catalogue:
    return Catalogue(polite, hub_url=stand_in.hub_url)


def test_the_hub_is_asked_first_and_alone(
    catalogue: Catalogue, stand_in: StandIn, tyk_oss: ChartSource
) -> None:
    found = catalogue.versions(tyk_oss)
    assert (found.source, found.versions[0].version, found.notes) == ("Artifact Hub", "5.4.0", ())
    assert stand_in.requests() == {"hub package": 1}


@pytest.mark.parametrize("fault", ["429", "500", "html", "truncated-json", "drop", "404", "hang"])
def test_the_index_answers_where_the_hub_cannot_and_the_note_says_why(
    catalogue: Catalogue, stand_in: StandIn, tyk_oss: ChartSource, fault: str
) -> None:
    stand_in.faults(hub=[fault])
    found = catalogue.versions(tyk_oss)
    assert found.source == "repository index"
    assert found.versions[0].version == "5.4.0"
    assert found.versions[0].digest
    assert len(found.notes) == 1
    assert found.notes[0].startswith("Artifact Hub: ")


def test_nobody_answering_is_an_error_that_names_both(
    catalogue: Catalogue, stand_in: StandIn, tyk_oss: ChartSource
) -> None:
    stand_in.faults(hub=["503"], repo=["503"])
    with pytest.raises(CatalogueError) as caught:
        catalogue.versions(tyk_oss)
    assert "Artifact Hub" in caught.value.message
    assert stand_in.repo_url in caught.value.message
    assert "--catalogue" in caught.value.hint


def test_a_chart_nobody_knows_is_not_found(catalogue: Catalogue, stand_in: StandIn) -> None:
    with pytest.raises(NotFound, match="no-such"):
        catalogue.versions(ChartSource("no-such", "no-such", stand_in.repo_url, "tyk-helm/no-such"))


def test_a_mirror_is_asked_for_what_it_has_and_the_hub_is_not(stand_in: StandIn, polite: Polite) -> None:
    source = source_of("tyk-oss", repo=stand_in.repo_url)
    found = Catalogue(polite).versions(source)
    assert found.source == "repository index"
    assert stand_in.requests() == {"repo index": 1}


def test_a_stale_hub_is_noticed_by_the_cross_check(
    catalogue: Catalogue, stand_in: StandIn, tyk_oss: ChartSource
) -> None:
    stand_in.faults(hub=["stale"])
    found = catalogue.versions(tyk_oss, cross_check=True)
    assert found.versions[0].version == "5.4.0"
    assert found.notes == ("the repository has 5.4.0, which Artifact Hub does not list yet",)


def test_a_version_the_repository_lacks_is_left_out_by_the_cross_check(
    catalogue: Catalogue, stand_in: StandIn, tyk_oss: ChartSource
) -> None:
    stand_in.faults(repo=["stale"])
    found = catalogue.versions(tyk_oss, cross_check=True)
    assert found.versions[0].version == "5.3.0"
    assert "5.4.0" in found.notes[0]


def test_a_cross_check_that_fails_is_said_and_changes_nothing(
    catalogue: Catalogue, stand_in: StandIn, tyk_oss: ChartSource
) -> None:
    stand_in.faults(repo=["500"])
    found = catalogue.versions(tyk_oss, cross_check=True)
    assert found.versions[0].version == "5.4.0"
    assert found.notes[0].startswith("not cross-checked: ")


def test_digests_of_hub_and_index_agree(catalogue: Catalogue, tyk_oss: ChartSource) -> None:
    found = catalogue.versions(tyk_oss)
    digests = catalogue.digests(tyk_oss, found, "4.0.0", cross_check=True)
    assert set(digests) == {"Artifact Hub", "repository index"}
    assert len(set(digests.values())) == 1


def test_the_digest_of_the_index_stands_in_for_a_hub_that_fails(
    catalogue: Catalogue, stand_in: StandIn, tyk_oss: ChartSource
) -> None:
    found = catalogue.versions(tyk_oss)
    stand_in.faults(hub=["500"])
    assert list(catalogue.digests(tyk_oss, found, "4.0.0")) == ["repository index"]


def test_the_hubs_digest_does_not_count_for_another_repository(
    catalogue: Catalogue, tyk_oss: ChartSource
) -> None:
    found = catalogue.versions(tyk_oss)
    elsewhere = ChartSource("tyk-oss", "oci://registry.example/tyk-oss", package="tyk-helm/tyk-oss")
    assert catalogue.digests(elsewhere, found, "4.0.0") == {}


def test_an_index_file_given_by_the_user_is_all_that_is_read(
    stand_in: StandIn, polite: Polite, charts_folder: Path, tyk_oss: ChartSource
) -> None:
    found = Catalogue(polite, override=str(charts_folder / "index.yaml")).versions(tyk_oss)
    assert found.versions[0].version == "5.4.0"
    assert found.source.startswith("--catalogue ")
    assert not stand_in.requests()


@pytest.mark.parametrize("kind", ["index", "hub"])
def test_an_address_given_by_the_user_is_an_index_or_a_hub(
    stand_in: StandIn, polite: Polite, kind: str
) -> None:
    address = f"{stand_in.repo_url}/index.yaml" if kind == "index" else stand_in.hub_url
    found = Catalogue(polite, override=address).versions(source_of("tyk-oss"))
    assert found.versions[0].version == "5.4.0"
    assert list(stand_in.requests()) == ["repo index" if kind == "index" else "hub package"]


def test_a_recorded_package_can_be_the_catalogue(polite: Polite, shared: Path) -> None:
    file = shared / "corpus" / "artifacthub" / "package-tyk-oss.json"
    assert Catalogue(polite, override=str(file)).versions(source_of("tyk-oss")).versions[0].version == "5.3.0"
    with pytest.raises(NotFound, match="not tyk-gateway"):
        Catalogue(polite, override=str(file)).versions(source_of("tyk-gateway"))


def test_repo_name_is_looked_up_in_helm_and_its_copy_used_where_the_index_is_closed(
    stand_in: StandIn, polite: Polite
) -> None:
    searched: list[str] = []

    def search(reference: str) -> tuple[ChartVersion, ...]:
        searched.append(reference)
        return (ChartVersion("5.3.0"),)

    catalogue = Catalogue(polite, search=search, repositories=lambda: {"tyk": stand_in.repo_url})
    source = source_of("tyk-oss", given="tyk/tyk-oss")
    stand_in.faults(repo=["403"])
    found = catalogue.versions(source)
    assert (found.versions[0].version, searched) == ("5.3.0", ["tyk/tyk-oss"])
    assert "last helm repo update" in found.notes[0]
    stand_in.faults()
    assert catalogue.versions(source).versions[0].version == "5.4.0"


def test_an_unknown_repository_name_says_so(polite: Polite) -> None:
    catalogue = Catalogue(polite, repositories=lambda: {"other": "https://charts.example"})
    with pytest.raises(NotFound, match="knows no repository tyk"):
        catalogue.versions(source_of("tyk-oss", given="tyk/tyk-oss"))


@pytest.mark.parametrize("fault", ["html", "nonsense", "cut", "empty"])
def test_a_broken_index_is_an_error(
    catalogue: Catalogue, stand_in: StandIn, tyk_oss: ChartSource, fault: str
) -> None:
    stand_in.faults(hub=["500"], repo=[fault])
    with pytest.raises(CatalogueError):
        catalogue.versions(tyk_oss)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"entries: 5", b"apiVersion: v1\n", b"{", b"[" * 100_000, b"entries: {tyk-oss: 5}",
        b"entries: {tyk-oss: [1, {version: [x]}, {version: latest}]}",
    ],
)  # fmt: skip
def test_an_index_of_another_shape_gives_no_version_and_no_crash(data: bytes) -> None:
    try:
        versions = parse_index(data, "tyk-oss", "https://charts.example").versions
    except TykUpgradeError as error:
        versions = () if "charts.example" in error.message else (ChartVersion("an unnamed repository"),)
    assert versions == ()


def test_the_recorded_index_is_understood(shared: Path) -> None:
    data = (shared / "corpus" / "artifacthub" / "index.yaml").read_bytes()
    found = parse_index(data, "tyk-oss", "https://charts.example")
    assert [version.version for version in found.versions] == ["5.3.0", "5.0.0", "4.0.0", "2.2.0"]
    assert found.versions[0].published == 1783613482
    with pytest.raises(NotFound, match="no chart tyk-none") as caught:
        parse_index(data, "tyk-none", "https://charts.example")
    assert "tyk-gateway" in caught.value.hint


def test_credentials_in_an_address_are_never_shown(polite: Polite) -> None:
    source = source_of("tyk-oss", repo="http://user:hunter2hunter2@127.0.0.1:9/charts")
    with pytest.raises(CatalogueError) as caught:
        Catalogue(polite).versions(source)
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_the_public_repository_is_the_default() -> None:
    assert source_of("tyk-oss").repository == TYK_REPOSITORY
